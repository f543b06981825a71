"""Points that are read without being parsed say what the library's parser would have found."""

import math
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, NumberDataPoint

from bot.adapters.signals.otlp import Form, quick, read_metrics
from bot.domain.metrics import MetricType

NANOS = st.sampled_from((1, 1_700_000_000_000_000_000, 2**64 - 1))
DOUBLES = st.sampled_from((1.5, 0.0, -0.0, 1e18, 2e18, math.nan, math.inf))
BOUNDS = st.sampled_from(([5.0], [1.0, 5.0, 10.0], []))
ODD_BOUNDS = st.sampled_from(([-1.0, 1.0], [5.0, 1.0], [0.1, 0.1], [math.nan]))
# At most one is out of the ordinary: two faults at once hide each other.
ODD = st.sampled_from(
    (
        "",
        "ends",
        "ends",
        "start",
        "time",
        "flags",
        "exemplar",
        "count",
        "few",
        "sum",
        "huge",
        "bounds",
    )
)
FIELDS = st.sampled_from(
    (
        b"\x19" + b"\x05" * 8,
        b"\x21" + b"\x07" * 8,
        b"\x59" + bytes(8),
        b"\x59" + bytes(8) + b"\x62\x07" + bytes(7),
        b"\x61" + bytes(8),
        b"\x50\x01",
        b"\x6a\x02ab",
    )
)
SERIES = ("http.server.request.duration", MetricType.RESPONSE_TIME, "GET /a", "ms")


def known(rest: bytes) -> quick.Known:
    return quick.Known(SERIES, 1000.0, tuple(map(float, range(20))) if rest else ())


@st.composite
def points(draw: st.DrawFn) -> tuple[str, Message]:
    """A point as any exporter may write it, with one oddity at most."""
    form, odd = draw(st.sampled_from(("histogram", "histogram", "gauge", "sum"))), draw(ODD)
    point: Any = HistogramDataPoint() if form == "histogram" else NumberDataPoint()
    point.start_time_unix_nano = 0 if odd == "start" else draw(NANOS)
    point.time_unix_nano = 0 if odd == "time" else draw(NANOS)
    point.flags = draw(st.sampled_from((1, 2, 3))) if odd == "flags" else 0
    for key in draw(st.lists(st.sampled_from(("http.route", "http.request.method", "a")))):
        point.attributes.add(key=key).value.string_value = draw(st.sampled_from(("/a", "GET", "")))
    if form == "histogram":
        fill(point, draw, odd)
    elif draw(st.booleans()):
        point.as_double = draw(DOUBLES)
    else:
        point.as_int = draw(st.integers(-(2**63), 2**63 - 1))
    if odd == "exemplar":
        point.exemplars.add(as_double=1.0)
    return form, point


def fill(point: Any, draw: st.DrawFn, odd: str) -> None:
    bounds = draw(ODD_BOUNDS if odd == "bounds" else BOUNDS)
    many = draw(st.sampled_from((0, 1))) if odd == "few" else len(bounds) + 1
    counts = draw(st.lists(st.sampled_from((1, 0, 7)), min_size=many, max_size=many))
    if odd == "huge":
        counts[:1] = [10**12]
    point.explicit_bounds.extend(bounds)
    point.bucket_counts.extend(counts)
    point.count = sum(counts) + (odd == "count")
    point.sum = draw(DOUBLES) if odd == "sum" else 1.5
    if odd == "ends":
        point.min, point.max = draw(DOUBLES), draw(DOUBLES)


def request_with(form: str, piece: bytes, temporality: int = 1) -> ExportMetricsServiceRequest:
    """The request that has this point alone, as the library reads it; DecodeError if it cannot."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add()
    metric.name, metric.unit = "http.server.request.duration", "s"
    getattr(metric, form).data_points.add().ParseFromString(piece)
    if form != "gauge":
        getattr(metric, form).aggregation_temporality = temporality
    return request


def body_with(form: str, piece: bytes, temporality: int = 1) -> bytes:
    """The same with the point's own bytes."""
    empty = request_with(form, b"", temporality)
    (resource,) = empty.resource_metrics
    metric = resource.scope_metrics[0].metrics[0]
    data = getattr(metric, form)
    del data.data_points[:]
    inside = wrap(1, piece) + data.SerializeToString()
    head = wrap(1, metric.name.encode()) + wrap(3, metric.unit.encode())
    number = {"gauge": 5, "sum": 7, "histogram": 9}[form]
    return wrap(1, wrap(2, wrap(2, head + wrap(number, inside))))


def wrap(number: int, inside: bytes) -> bytes:
    size, length = len(inside), b""
    while size >= 0x80:
        size, length = size >> 7, length + bytes((size & 0x7F | 0x80,))
    return bytes((number << 3 | 2,)) + length + bytes((size,)) + inside


def alike(form: str, piece: bytes, temporality: int) -> None:
    try:
        request = request_with(form, piece, temporality)
    except DecodeError:
        with pytest.raises(ValueError, match="export request"):
            read_metrics(body_with(form, piece, temporality), Form.PROTOBUF)
        return
    text = json_format.MessageToJson(request).encode()
    quickly = read_metrics(body_with(form, piece, temporality), Form.PROTOBUF)
    assert quickly == read_metrics(text, Form.JSON)


@settings(max_examples=150)
@given(points(), st.sampled_from((1, 2)))
def test_it_is_read_as_the_library_reads_it(made: tuple[str, Message], temporality: int) -> None:
    form, point = made
    alike(form, point.SerializeToString(), temporality)


@settings(max_examples=150)
@given(points(), FIELDS)
def test_whatever_is_added_to_it(made: tuple[str, Message], field: bytes) -> None:
    form, point = made
    alike(form, point.SerializeToString() + field, 1)


@given(points(), st.data())
def test_whatever_is_changed_in_it(made: tuple[str, Message], data: st.DataObject) -> None:
    form, point = made
    piece = bytearray(point.SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(piece)))
        byte = data.draw(st.sampled_from((0, 1, 8, 0x11, 0x19, 0x21, 0x32, 0x59, 0x61, 0x80)))
        piece[at : at + data.draw(st.integers(0, 1))] = bytes((byte,))
    alike(form, bytes(piece), 1)


def test_the_usual_ones_are_not_parsed() -> None:
    number = NumberDataPoint(time_unix_nano=5, as_double=2.0)
    number.attributes.add(key="http.route").value.string_value = "/a"
    tally = quick.number(number.SerializeToString(), known)
    assert tally is not None
    assert (tally.at, tally.values, tally.total) == (5, {2000.0: 1}, 2000.0)
    many = HistogramDataPoint(
        start_time_unix_nano=1, time_unix_nano=9, count=20, sum=3.0, bucket_counts=[1] * 20
    )
    many.explicit_bounds.extend(range(19))
    for ends in ({}, {"min": 0.5, "max": 2.0}):
        for name, value in ends.items():
            setattr(many, name, value)
        tally = quick.histogram(many.SerializeToString(), known)
        assert tally is not None
        assert (tally.started, tally.at, tally.count, tally.total) == (1, 9, 20, 3000.0)
    assert (tally.low, tally.high) == (500.0, 2000.0)
