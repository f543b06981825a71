"""Takes in what OpenTelemetry exporters send: `POST /v1/metrics` and `POST /v1/traces`."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, assert_never

from flask import Flask, Response, request
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from bot.adapters.failures import log_failure
from bot.adapters.signals.intake import (
    Kept,
    MetricsIntake,
    OtherBatch,
    Prepared,
    Taken,
    UnknownRepository,
    prepare_exported,
)
from bot.adapters.signals.otlp import Exported, Form, read_metrics, read_traces
from bot.domain.api_tokens import Caller, Scope
from bot.domain.reported import Refused
from bot.entrypoints.web.access import Gate
from bot.entrypoints.web.bodies import MOST_INFLATED, unpacked_body
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem

log = logging.getLogger("ironclaw.web")

_REPOSITORY: Final = "X-Ironclaw-Repository"
_KEEP_SECONDS: Final = 20.0
_READ_SECONDS: Final = 2.0
# A large one takes much memory while it is taken apart, and more threads would make none faster.
_READING: Final = threading.BoundedSemaphore(2)
_INVALID: Final = 3
"""`INVALID_ARGUMENT` of google.rpc.Code."""

_WHOSE: Final = (
    "whose service this is, is not said: send the header x-ironclaw-repository: owner/name, or the "
    "resource attributes vcs.owner.name and vcs.repository.name"
)


@dataclass(frozen=True, slots=True)
class _Signal:
    """One kind of export: how a request is read, and what answers it."""

    read: Callable[[bytes, Form], list[Exported]]
    response: type[Message]
    rejected: str


_METRICS: Final = _Signal(read_metrics, ExportMetricsServiceResponse, "rejected_data_points")
_TRACES: Final = _Signal(read_traces, ExportTraceServiceResponse, "rejected_spans")


@dataclass(frozen=True, slots=True)
class _Partial:
    """How much was not kept, and why the first of it was not."""

    count: int = 0
    why: str = ""

    def __add__(self, other: "_Partial") -> "_Partial":
        return _Partial(self.count + other.count, self.why or other.why)


def add_to(
    app: Flask,
    gate: Gate,
    intake: MetricsIntake,
    loop: SharedLoop,
) -> None:
    """Put the routes into the application; the intake is used on the loop alone."""
    for name, signal in (("metrics", _METRICS), ("traces", _TRACES)):

        def take(signal: _Signal = signal) -> Response:
            form = _form()
            caller = gate.caller()
            if isinstance(caller, Problem):
                return _answer(signal, form, caller)
            return _answer(signal, form, _taken(signal, form, caller, intake, loop))

        app.add_url_rule(f"/v1/{name}", f"otlp_{name}", take, methods=["POST"])


def _form() -> Form | None:
    kinds = {form.value: form for form in Form}
    return kinds.get(request.mimetype)


def _taken(
    signal: _Signal, form: Form | None, caller: Caller, intake: MetricsIntake, loop: SharedLoop
) -> _Partial | Problem:
    if form is None:
        kinds = " or ".join(Form)
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {kinds}.")
    body = unpacked_body("An export", MOST_INFLATED)
    if isinstance(body, Problem):
        return body
    if not _READING.acquire(timeout=_READ_SECONDS):
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Too many exports at once: send it again.")
    try:
        exported = signal.read(body, form)
    except ValueError as error:
        return Problem(HTTPStatus.BAD_REQUEST, str(error))
    finally:
        _READING.release()
    named = request.headers.get(_REPOSITORY, "")
    try:
        return loop.run(_kept(exported, named, caller, intake))
    except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
        log_failure(log, "an export is not kept", error)
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "The export may not be stored: send it again."
        )


async def _kept(
    exported: Sequence[Exported], named: str, caller: Caller, intake: MetricsIntake
) -> _Partial:
    """What of it was not kept; the rest is kept together, so that it can be sent again as it is."""
    now = datetime.now(UTC)
    partial = _Partial()
    every: list[Prepared] = []
    for one in exported:
        partial += _Partial(one.rejected, one.why)
        found = _prepared(one, named or one.repository, caller, now)
        if isinstance(found, _Partial):
            partial += found
        else:
            every.append(found)
    if every:
        async with asyncio.timeout(_KEEP_SECONDS):
            taken = await intake.keep_all(every)
        for prepared, answer in zip(every, taken, strict=True):
            partial += _missing(prepared, answer)
    return partial


def _prepared(one: Exported, repository: str, caller: Caller, now: datetime) -> Prepared | _Partial:
    """As it will be kept, or how much of it is not."""
    count = len(one.requests) + len(one.deltas) + len(one.readings)
    if not count:
        return _Partial()
    if not repository:
        return _Partial(count, _WHOSE)
    if not caller.may(Scope.REPORT, repository):
        return _Partial(count, f"this token may not report for {repository}")
    prepared = prepare_exported(one, repository, now)
    return _Partial(count, prepared.why) if isinstance(prepared, Refused) else prepared


def _missing(prepared: Prepared, taken: Taken) -> _Partial:
    match taken:
        case Kept() | OtherBatch():
            return _Partial()
        case UnknownRepository():
            why = f"{prepared.repository} is no repository that the App was let into"
            return _Partial(prepared.count, why)
        case _:
            assert_never(taken)


def _answer(signal: _Signal, form: Form | None, found: _Partial | Problem) -> Response:
    """In the form that was asked in, as the protocol has it."""
    shape = form or Form.JSON
    if isinstance(found, Problem):
        message, status = _status(found.detail, shape), found.status
    else:
        response = signal.response()
        if found.count or found.why:
            response.partial_success.error_message = found.why  # type: ignore[attr-defined] # both kinds have it
            setattr(response.partial_success, signal.rejected, found.count)  # type: ignore[attr-defined] # as above
        message, status = _written(response, shape), HTTPStatus.OK
    answer = Response(message, status.value, content_type=shape.value)
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="ironclaw"'
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "30"
    return answer


def _written(message: Message, form: Form) -> bytes:
    if form is Form.PROTOBUF:
        return message.SerializeToString()
    return json_format.MessageToJson(message, indent=None).encode()


def _status(detail: str, form: Form) -> bytes:
    """A google.rpc.Status, whose message is short enough for one length byte."""
    if form is Form.JSON:
        return json.dumps({"code": _INVALID, "message": detail}).encode()
    text = detail.encode()[:127]
    return bytes((0x08, _INVALID, 0x12, len(text))) + text
