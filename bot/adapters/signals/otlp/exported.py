"""Reads one export request into what is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.adapters.signals.otlp.points import Rejected, tally_of
from bot.adapters.signals.otlp.resources import Resource, resource_of
from bot.adapters.signals.otlp.spans import Answered, answered
from bot.domain.code_attributes import Code
from bot.domain.counters import Reading, Tally
from bot.domain.reported import Requests

_DEEPEST: Final = 60
Request = TypeVar("Request", bound=Message)


class Form(StrEnum):
    """How a message is written."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What one repository's part of a request says; `repository` is empty where it is not said.

    `deltas` count for themselves, `readings` only beside the ones before; `code` are the code
    attributes of endpoints whose spans carried any.
    """

    repository: str
    requests: Requests = field(default_factory=Requests)
    deltas: Sequence[Tally] = ()
    readings: Sequence[Reading] = ()
    rejected: int = 0
    why: str = ""
    code: Mapping[str, Code] = field(default_factory=dict)


def read_metrics(body: bytes, form: Form) -> list[Exported]:
    """One for each resource; ValueError if the body is not of this form."""
    request = _parsed(body, form, ExportMetricsServiceRequest())
    return [
        _metrics(resource_of(part.resource), part.scope_metrics)
        for part in request.resource_metrics
    ]


def read_traces(body: bytes, form: Form) -> list[Exported]:
    """One for each resource; ValueError if the body is not of this form."""
    request = _parsed(body, form, ExportTraceServiceRequest())
    return [
        _traces(resource_of(part.resource), part.scope_spans) for part in request.resource_spans
    ]


def _parsed(body: bytes, form: Form, request: Request) -> Request:
    try:
        if form is Form.PROTOBUF:
            request.ParseFromString(body)
        else:
            json_format.Parse(
                body, request, ignore_unknown_fields=True, max_recursion_depth=_DEEPEST
            )
    except (DecodeError, json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        message = f"the body is no {form} of an export request: {str(error)[:200]}"
        raise ValueError(message) from None
    return request


def _metrics(resource: Resource, scopes: Any) -> Exported:
    deltas: list[Tally] = []
    readings: list[Reading] = []
    rejected: list[Rejected] = []
    for scope in scopes:
        for metric in scope.metrics:
            for found in tally_of(metric):
                if isinstance(found, Rejected):
                    rejected.append(found)
                elif found.cumulative:
                    readings.append(Reading(f"{resource.instance}/{scope.scope.name}", found.tally))
                else:
                    deltas.append(found.tally)
    why = rejected[0].why if rejected else ""
    return Exported(
        resource.repository,
        deltas=deltas,
        readings=readings,
        rejected=sum(one.count for one in rejected),
        why=why,
    )


def _traces(resource: Resource, scopes: Any) -> Exported:
    found: list[Answered] = []
    rejected = 0
    for scope in scopes:
        for span in scope.spans:
            one = answered(span)
            if one is None:
                rejected += 1
            elif one.is_server:
                found.append(one)
    requests = Requests(
        [one.at for one in found],
        [one.endpoint for one in found],
        [one.milliseconds for one in found],
        [one.failed for one in found],
        [resource.commit] * len(found),
    )
    why = "a span ends before it starts" if rejected else ""
    code = {one.endpoint: one.code for one in found if one.code}
    return Exported(resource.repository, requests, rejected=rejected, why=why, code=code)
