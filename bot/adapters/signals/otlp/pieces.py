"""Takes an export request apart without parsing its points: how many there are is known first.

A parsed message takes up to seventy times the bytes it came in, so points, spans and resources are
parsed one by one, and only those that are wanted.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from bot.adapters.signals.otlp.wire import LENGTH, Walk

MOST_POINTS: Final = 50_000
"""Points or spans in one request."""
MOST_GROUPS: Final = 20_000
"""Resources, scopes and metrics in one request."""
LARGEST_PIECE: Final = 64 * 1024
"""Bytes of one point, span or resource."""
_MOST_FIELDS: Final = 500_000
_MOST_VALUES: Final = 1_500_000
_DEEPEST: Final = 60
_FORMS: Final = {
    5: "gauge",
    7: "sum",
    9: "histogram",
    10: "exponential_histogram",
    11: "summary",
}
_TEMPORALITIES: Final = {
    "AGGREGATION_TEMPORALITY_DELTA": 1,
    "AGGREGATION_TEMPORALITY_CUMULATIVE": 2,
}
Made = TypeVar("Made", bound=Message)


class Form(StrEnum):
    """How a message is written."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


@dataclass(slots=True)
class Metric:
    """One metric; its points are still as they came. `form` is empty where there are none."""

    name: str = ""
    unit: str = ""
    form: str = ""
    temporality: int = 0
    is_monotonic: bool = False
    points: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """What one resource sends: metrics by the name of their scope, or spans."""

    resource: bytes
    metrics: Sequence[tuple[str, Metric]] = ()
    spans: Sequence[bytes] = ()


def metrics_in(body: bytes, form: Form) -> list[Part]:
    """The parts of a request; ValueError if the body is not of this form, or is too much."""
    return _guarded(form, _Wired(body).metrics if form is Form.PROTOBUF else _Json(body).metrics)


def spans_in(body: bytes, form: Form) -> list[Part]:
    """The same for spans."""
    return _guarded(form, _Wired(body).spans if form is Form.PROTOBUF else _Json(body).spans)


def parsed(piece: bytes, form: Form, made: Made) -> Made:
    """The piece as a message; ValueError if it is none."""
    try:
        if form is Form.PROTOBUF:
            made.ParseFromString(piece)
        else:
            json_format.Parse(piece, made, ignore_unknown_fields=True, max_recursion_depth=_DEEPEST)
    except (DecodeError, json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise _unfit(form, error) from None
    return made


def _guarded(form: Form, read: Callable[[], Iterator[Part]]) -> list[Part]:
    try:
        return list(read())
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise _unfit(form, error) from None


def _unfit(form: Form, error: Exception) -> ValueError:
    return ValueError(f"the body is no {form} of an export request: {str(error)[:200]}")


class _Bounds:
    """Counts what there is, and stops at what is too much."""

    def __init__(self) -> None:
        self._groups = MOST_GROUPS
        self._points = MOST_POINTS

    def group(self) -> None:
        self._groups -= 1
        if self._groups < 0:
            message = f"it has more than {MOST_GROUPS:,} resources, scopes and metrics"
            raise ValueError(message)

    def points(self, count: int = 1) -> None:
        self._points -= count
        if self._points < 0:
            message = f"it has more than {MOST_POINTS:,} points or spans: send several requests"
            raise ValueError(message)


class _Wired:
    """A request in protobuf; the numbers are those of opentelemetry-proto's fields."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._walk = Walk(body, _MOST_FIELDS)
        self._bounds = _Bounds()

    def metrics(self) -> Iterator[Part]:
        for resource, scopes in self._resources():
            yield Part(resource, [one for start, end in scopes for one in self._scope(start, end)])

    def spans(self) -> Iterator[Part]:
        for resource, scopes in self._resources():
            spans: list[bytes] = []
            for scope in scopes:
                spans += [self._point(*place) for _, place in self._messages(scope, 2)]
            yield Part(resource, spans=spans)

    def _resources(self) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
        for _, whole in self._messages((0, len(self._body)), 1):
            self._bounds.group()
            # A message that comes in pieces is what they are together.
            resource: list[bytes] = []
            scopes: list[tuple[int, int]] = []
            for number, (start, end) in self._messages(whole, 1, 2):
                if number == 1:
                    resource.append(self._body[start:end])
                else:
                    self._bounds.group()
                    scopes.append((start, end))
            yield b"".join(resource), scopes

    def _scope(self, start: int, end: int) -> list[tuple[str, Metric]]:
        name, found = "", []
        for number, place in self._messages((start, end), 1, 2):
            if number == 1:
                for _, at in self._messages(place, 1):
                    name = self._text(*at)
            else:
                self._bounds.group()
                found.append(self._metric(*place))
        return [(name, one) for one in found]

    def _metric(self, start: int, end: int) -> Metric:
        metric = Metric()
        for number, kind, at, stop in self._walk.fields(start, end):
            if kind != LENGTH:
                continue
            if number == 1:
                metric.name = self._text(at, stop)
            elif number == 3:
                metric.unit = self._text(at, stop)
            elif number in _FORMS:
                if metric.form != _FORMS[number]:
                    # Of several the last counts.
                    metric.form, metric.points = _FORMS[number], []
                self._data(metric, at, stop)
        return metric

    def _data(self, metric: Metric, start: int, end: int) -> None:
        for number, kind, at, stop in self._walk.fields(start, end):
            if number == 1 and kind == LENGTH:
                metric.points.append(self._point(at, stop))
            elif number == 2 and kind != LENGTH:
                metric.temporality = at
            elif number == 3 and kind != LENGTH:
                metric.is_monotonic = bool(at)

    def _messages(
        self, place: tuple[int, int], *numbers: int
    ) -> Iterator[tuple[int, tuple[int, int]]]:
        for number, kind, start, end in self._walk.fields(*place):
            if kind == LENGTH and number in numbers:
                yield number, (start, end)

    def _point(self, start: int, end: int) -> bytes:
        self._bounds.points()
        return self._body[start:end]

    def _text(self, start: int, end: int) -> str:
        return self._body[start:end].decode()


class _Named(msgspec.Struct, rename="camel"):
    name: str | None = None


class _Data(msgspec.Struct, rename="camel"):
    data_points: list[msgspec.Raw] | None = None
    aggregation_temporality: int | str | None = None
    is_monotonic: bool | None = None


class _Metric(msgspec.Struct, rename="camel"):
    name: str | None = None
    unit: str | None = None
    gauge: _Data | None = None
    sum: _Data | None = None
    histogram: _Data | None = None
    exponential_histogram: _Data | None = None
    summary: _Data | None = None


class _Scope(msgspec.Struct, rename="camel"):
    scope: _Named | None = None
    metrics: list[_Metric] | None = None
    spans: list[msgspec.Raw] | None = None


class _Resource(msgspec.Struct, rename="camel"):
    resource: msgspec.Raw = msgspec.Raw(b"{}")
    scope_metrics: list[_Scope] | None = None
    scope_spans: list[_Scope] | None = None


class _Request(msgspec.Struct, rename="camel"):
    resource_metrics: list[_Resource] | None = None
    resource_spans: list[_Resource] | None = None


_DECODER: Final = msgspec.json.Decoder(_Request)


class _Json:
    """A request in JSON, with the names in small camel letters that the protocol has."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._bounds = _Bounds()

    def metrics(self) -> Iterator[Part]:
        for part in self._decoded().resource_metrics or []:
            self._bounds.group()
            found = [one for scope in part.scope_metrics or [] for one in self._scope(scope)]
            yield Part(_resource(part), found)

    def spans(self) -> Iterator[Part]:
        for part in self._decoded().resource_spans or []:
            self._bounds.group()
            spans: list[bytes] = []
            for scope in part.scope_spans or []:
                self._bounds.group()
                self._bounds.points(len(scope.spans or []))
                spans += map(bytes, scope.spans or [])
            yield Part(_resource(part), spans=spans)

    def _decoded(self) -> _Request:
        if self._body.count(b"{") + self._body.count(b",") > _MOST_VALUES:
            message = "it has more values than can be sensible"
            raise ValueError(message)
        return _DECODER.decode(self._body)

    def _scope(self, scope: _Scope) -> Iterator[tuple[str, Metric]]:
        self._bounds.group()
        name = (scope.scope and scope.scope.name) or ""
        for metric in scope.metrics or []:
            self._bounds.group()
            yield name, self._metric(metric)

    def _metric(self, metric: _Metric) -> Metric:
        found = Metric(metric.name or "", metric.unit or "")
        for form in _FORMS.values():
            data: _Data | None = getattr(metric, form)
            if data is not None:
                self._bounds.points(len(data.data_points or []))
                temporality = data.aggregation_temporality or 0
                found.form = form
                found.points = [bytes(one) for one in data.data_points or []]
                found.is_monotonic = bool(data.is_monotonic)
                found.temporality = (
                    _TEMPORALITIES.get(temporality, 0)
                    if isinstance(temporality, str)
                    else temporality
                )
        return found


def _resource(part: _Resource) -> bytes:
    given: Any = bytes(part.resource)
    return b"{}" if given == b"null" else given
