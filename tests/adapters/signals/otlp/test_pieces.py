"""A request is taken apart as the library would parse it, and only so far as is sensible."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.adapters.signals.otlp import Form, read_metrics, read_traces
from bot.adapters.signals.otlp.pieces import (
    LARGEST_PIECE,
    MOST_GROUPS,
    MOST_POINTS,
    metrics_in,
    spans_in,
)

Read = Callable[[bytes, Form], list[Any]]
FORMS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def made(data: st.DataObject) -> ExportMetricsServiceRequest:
    """Any metrics at all."""
    request = ExportMetricsServiceRequest()
    small = st.integers(0, 3)
    for _ in range(data.draw(small)):
        resource = request.resource_metrics.add()
        resource.resource.attributes.add().key = data.draw(st.text(max_size=5))
        for _ in range(data.draw(small)):
            scope = resource.scope_metrics.add()
            scope.scope.name = data.draw(st.text(max_size=5))
            for _ in range(data.draw(small)):
                metric = scope.metrics.add(name=data.draw(st.text(max_size=5)), unit="s")
                form = data.draw(st.sampled_from(FORMS))
                points = getattr(metric, form).data_points
                for _ in range(data.draw(small)):
                    points.add().time_unix_nano = data.draw(st.integers(0, 2**64 - 1))
                if form in ("sum", "histogram", "exponential_histogram"):
                    getattr(metric, form).aggregation_temporality = data.draw(small)
    return request


def structure(request: ExportMetricsServiceRequest) -> list[Any]:
    """What the library found in it."""
    found = []
    for resource in request.resource_metrics:
        metrics = []
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                form = metric.WhichOneof("data")
                data = getattr(metric, form) if form else None
                points = [one.time_unix_nano for one in data.data_points] if data else []
                temporality = getattr(data, "aggregation_temporality", 0)
                monotonic = getattr(data, "is_monotonic", False)
                said = (metric.name, metric.unit, form or "", temporality, monotonic)
                metrics.append((scope.scope.name, *said, points))
        found.append(metrics)
    return found


def taken_apart(body: bytes) -> list[Any]:
    """What we did."""
    found = []
    for part in metrics_in(body, Form.PROTOBUF):
        metrics = []
        for scope, one in part.metrics:
            whole = ExportMetricsServiceRequest()
            metric = whole.resource_metrics.add().scope_metrics.add().metrics.add()
            points = []
            for piece in one.points:
                points.append(getattr(metric, one.form).data_points.add())
                points[-1].ParseFromString(piece)
            said = (one.name, one.unit, one.form, one.temporality, one.is_monotonic)
            metrics.append((scope, *said, [point.time_unix_nano for point in points]))
        found.append(metrics)
    return found


@given(st.data())
def test_it_is_taken_apart_as_the_library_parses_it(data: st.DataObject) -> None:
    request = made(data)
    # What comes twice is put together, as everywhere in the format.
    body = request.SerializeToString() + made(data).SerializeToString()
    assert taken_apart(body) == structure(ExportMetricsServiceRequest.FromString(body))


@given(st.data())
def test_whatever_is_changed_in_it(data: st.DataObject) -> None:
    body = bytearray(made(data).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4)) if body else 0):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        expected = structure(ExportMetricsServiceRequest.FromString(bytes(body)))
        found = taken_apart(bytes(body))
    except (DecodeError, ValueError):
        # One of the two may refuse what the other can make something of.
        return
    assert found == expected


def wire(*numbers: int, inside: bytes) -> bytes:
    """Messages inside each other."""
    for number in reversed(numbers):
        size, length = len(inside), b""
        while size > 0x7F:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        inside = bytes([number << 3 | 2]) + length + bytes([size]) + inside
    return inside


GROUPS, POINTS = MOST_GROUPS + 1, MOST_POINTS + 1
TOO_MUCH: list[tuple[Read, bytes, Form]] = [
    (metrics_in, b"\x0a\x00" * GROUPS, Form.PROTOBUF),
    (metrics_in, wire(1, inside=b"\x12\x00" * GROUPS), Form.PROTOBUF),
    (metrics_in, wire(1, 2, inside=b"\x12\x00" * GROUPS), Form.PROTOBUF),
    (metrics_in, wire(1, 2, 2, 5, inside=b"\x0a\x00" * POINTS), Form.PROTOBUF),
    (metrics_in, b"\x08\x01" * 600_000, Form.PROTOBUF),
    (spans_in, wire(1, 2, inside=b"\x12\x00" * POINTS), Form.PROTOBUF),
    (spans_in, wire(1, inside=b"\x12\x00" * GROUPS), Form.PROTOBUF),
    (metrics_in, json.dumps({"resourceMetrics": [{}] * GROUPS}).encode(), Form.JSON),
    (
        metrics_in,
        json.dumps({"resourceMetrics": [{"scopeMetrics": [{}] * GROUPS}]}).encode(),
        Form.JSON,
    ),
    (
        metrics_in,
        json.dumps(
            {
                "resourceMetrics": [
                    {"scopeMetrics": [{"metrics": [{"gauge": {"dataPoints": [0] * POINTS}}]}]}
                ]
            }
        ).encode(),
        Form.JSON,
    ),
    (
        spans_in,
        json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [0] * POINTS}]}]}).encode(),
        Form.JSON,
    ),
    (metrics_in, b'{"x": [' + b"0," * 1_600_000 + b"0]}", Form.JSON),
]


@pytest.mark.parametrize(("read", "body", "form"), TOO_MUCH)
def test_too_much_is_refused_before_it_is_parsed(read: Read, body: bytes, form: Form) -> None:
    with pytest.raises(ValueError, match=r"more (than|parts|values)"):
        read(body, form)


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a",
        b"\x0a\x05ab",
        b"\x0b",
        b"\x09abc",
        b"\xff" * 11,
        wire(1, 2, 2, inside=b"\x0a\x01\xff"),
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="export request"):
        metrics_in(body, Form.PROTOBUF)


def test_one_that_is_too_large_keeps_no_other_out() -> None:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="wait", unit="s")
    for size in (10, LARGEST_PIECE + 1, 10):
        point = metric.gauge.data_points.add(as_double=1.0)
        point.attributes.add(key="k").value.string_value = "x" * size
    (found,) = read_metrics(request.SerializeToString(), Form.PROTOBUF)
    assert (len(found.deltas), found.rejected) == (2, 1)
    spans = ExportTraceServiceRequest()
    for size in (10, LARGEST_PIECE + 1, 10):
        spans.resource_spans.add().scope_spans.add().spans.add(kind=2, name="x" * size)
    parts = read_traces(spans.SerializeToString(), Form.PROTOBUF)
    assert [(len(one.requests), one.rejected) for one in parts] == [(1, 0), (0, 1), (1, 0)]


def test_the_attributes_of_a_resource_have_a_bound() -> None:
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().resource.attributes.add(key="x" * LARGEST_PIECE)
    with pytest.raises(ValueError, match="resource"):
        read_metrics(request.SerializeToString(), Form.PROTOBUF)


def test_null_is_what_is_not_there() -> None:
    document = {"resourceMetrics": [{"resource": None, "scopeMetrics": [{"metrics": None}]}]}
    (found,) = read_metrics(json.dumps(document).encode(), Form.JSON)
    assert (found.repository, found.deltas) == ("", [])
