"""Reads one export request into what is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry.proto.resource.v1.resource_pb2 import Resource as Sent

from bot.adapters.signals.otlp.pieces import (
    LARGEST_PIECE,
    Form,
    Metric,
    metrics_in,
    parsed,
    spans_in,
)
from bot.adapters.signals.otlp.points import Rejected, tally_of
from bot.adapters.signals.otlp.resources import Resource, resource_of
from bot.adapters.signals.otlp.spans import Answered, answered
from bot.domain.code_attributes import Code
from bot.domain.counters import Reading, Tally
from bot.domain.reported import Requests


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
    return [
        _metrics(_resource(part.resource, form), part.metrics, form)
        for part in metrics_in(body, form)
    ]


def read_traces(body: bytes, form: Form) -> list[Exported]:
    """One for each resource; ValueError if the body is not of this form."""
    return [
        _traces(_resource(part.resource, form), part.spans, form) for part in spans_in(body, form)
    ]


def _resource(piece: bytes, form: Form) -> Resource:
    if len(piece) > LARGEST_PIECE:
        message = f"the attributes of a resource have more than {LARGEST_PIECE:,} bytes"
        raise ValueError(message)
    return resource_of(parsed(piece, form, Sent()))


def _metrics(resource: Resource, metrics: Sequence[tuple[str, Metric]], form: Form) -> Exported:
    deltas: list[Tally] = []
    readings: list[Reading] = []
    rejected: list[Rejected] = []
    for scope, metric in metrics:
        for found in tally_of(metric, form):
            if isinstance(found, Rejected):
                rejected.append(found)
            elif found.cumulative:
                readings.append(Reading(f"{resource.instance}/{scope}", found.tally))
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


def _traces(resource: Resource, spans: Sequence[bytes], form: Form) -> Exported:
    found: list[Answered] = []
    rejected, why = 0, ""
    for piece in spans:
        one = answered(piece, form)
        if isinstance(one, Rejected):
            rejected, why = rejected + one.count, why or one.why
        elif one.is_server:
            found.append(one)
    requests = Requests(
        [one.at for one in found],
        [one.endpoint for one in found],
        [one.milliseconds for one in found],
        [one.failed for one in found],
        [resource.commit] * len(found),
    )
    code = {one.endpoint: one.code for one in found if one.code}
    return Exported(resource.repository, requests, rejected=rejected, why=why, code=code)
