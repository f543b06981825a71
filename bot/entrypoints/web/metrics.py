"""Takes in what services report of their requests: authenticated, checked, kept, then answered."""

import asyncio
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, assert_never

from flask import Flask, Response, jsonify, request

from bot.adapters.failures import log_failure
from bot.adapters.signals.intake import (
    Kept,
    MetricsIntake,
    OtherBatch,
    Prepared,
    Taken,
    UnknownRepository,
    prepare,
)
from bot.domain.api_tokens import Scope
from bot.domain.reported import Batch, Refused
from bot.entrypoints.web.access import Gate, denied, problem_answer
from bot.entrypoints.web.bodies import whole_body
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.pages import MOST_BYTES
from bot.entrypoints.web.problems import Problem
from bot.entrypoints.web.report import read_report, unfit

log = logging.getLogger("ironclaw.web")

PATH: Final = "/api/v1/learning/metrics"
_KEEP_SECONDS: Final = 20.0
_BATCH_ID: Final = re.compile(r"[ -~]{1,200}")

_KIND: Final = Problem(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send plain JSON as `Content-Type: application/json`."
)
_TOO_LARGE: Final = Problem(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    f"A report has at most {MOST_BYTES:,} bytes: send several.",
)
_NO_BATCH_ID: Final = Problem(
    HTTPStatus.BAD_REQUEST, "`Idempotency-Key` is not 1 to 200 printable ASCII characters."
)
_OTHER_BATCH: Final = Problem(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "This `Idempotency-Key` came with other requests before: each report needs its own.",
)
_NOT_KEPT: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The report may not be stored: send it again, with the same `Idempotency-Key` if it had one.",
)


def add_to(app: Flask, gate: Gate, intake: MetricsIntake, loop: SharedLoop) -> None:
    """Put the route into the application; the intake is used on the loop alone."""

    def report() -> Response:
        found = _read(gate)
        return _answer(found if isinstance(found, Problem) else _keep(found, intake, loop))

    app.add_url_rule(PATH, "metrics", report, methods=["POST"])


def _read(gate: Gate) -> Batch | Problem:
    """What the request brings; nothing of it is looked at before the token."""
    caller = gate.caller()
    if isinstance(caller, Problem):
        return caller
    if request.mimetype != "application/json" or request.content_encoding:
        return _KIND
    id = request.headers.get("Idempotency-Key")
    if id is not None and not _BATCH_ID.fullmatch(id):
        return _NO_BATCH_ID
    body = whole_body(MOST_BYTES, _TOO_LARGE)
    batch = body if isinstance(body, Problem) else read_report(body, id or "")
    if isinstance(batch, Problem):
        return batch
    return denied(caller, Scope.REPORT, batch.repository) or batch


def _keep(batch: Batch, intake: MetricsIntake, loop: SharedLoop) -> int | Problem:
    """How much is durable now, or why nothing is."""
    prepared = prepare(batch, datetime.now(UTC))
    if isinstance(prepared, Refused):
        return unfit(prepared.why, prepared.number, prepared.what)
    try:
        taken = loop.run(_kept(prepared, intake))
    except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
        log_failure(log, f"a report of {batch.repository} is not kept", error)
        return _NOT_KEPT
    match taken:
        case Kept(count):
            return count
        case OtherBatch():
            return _OTHER_BATCH
        case UnknownRepository():
            detail = f"{batch.repository} is no repository that the GitHub App was let into."
            return Problem(HTTPStatus.NOT_FOUND, detail)
        case _:
            assert_never(taken)


async def _kept(prepared: Prepared, intake: MetricsIntake) -> Taken:
    async with asyncio.timeout(_KEEP_SECONDS):
        return await intake.keep(prepared)


def _answer(found: int | Problem) -> Response:
    if isinstance(found, Problem):
        return problem_answer(found)
    accepted = jsonify(accepted=found)
    accepted.status_code = HTTPStatus.ACCEPTED
    return accepted
