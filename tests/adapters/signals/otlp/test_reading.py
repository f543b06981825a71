"""What an export request says, in both forms; no request, however made, is more than refused."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.adapters.signals.otlp import Exported, Form, read_metrics, read_traces
from bot.domain.counters import Tally
from bot.domain.metrics import MetricType

AT = 1_800_000_000_000_000_000
RESOURCE = {
    "attributes": [
        {"key": "service.name", "value": {"stringValue": "shop"}},
        {"key": "service.version", "value": {"stringValue": "1a2b3c4"}},
        {"key": "vcs.owner.name", "value": {"stringValue": "team"}},
        {"key": "vcs.repository.name", "value": {"stringValue": "shop"}},
    ]
}
ROUTE = [
    {"key": "http.request.method", "value": {"stringValue": "GET"}},
    {"key": "http.route", "value": {"stringValue": "/users/{id}"}},
]


def point(**changes: Any) -> dict[str, Any]:
    known = {"attributes": ROUTE, "timeUnixNano": str(AT), "startTimeUnixNano": str(AT - 1)}
    return known | changes


def histogram(temporality: int = 1, **changes: Any) -> dict[str, Any]:
    buckets = {"count": "6", "sum": 0.9, "bucketCounts": ["0", "4", "2"]}
    bounds = {"explicitBounds": [0.1, 0.2]}
    return {
        "name": "http.server.request.duration",
        "unit": "s",
        "histogram": {
            "aggregationTemporality": temporality,
            "dataPoints": [point(**buckets, **bounds) | changes],
        },
    }


def metrics(*found: dict[str, Any]) -> bytes:
    document = {"resourceMetrics": [{"resource": RESOURCE, "scopeMetrics": [{"metrics": found}]}]}
    return json.dumps(document).encode()


def both(body: bytes) -> Exported:
    """The one resource of a request, the same in both forms."""
    (found,) = read_metrics(body, Form.JSON)
    message = json_format.Parse(body, ExportMetricsServiceRequest(), ignore_unknown_fields=True)
    assert read_metrics(message.SerializeToString(), Form.PROTOBUF) == [found]
    return found


def test_a_histogram_is_counted_by_the_middle_of_its_buckets() -> None:
    found = both(metrics(histogram()))
    (tally,) = found.deltas
    assert found.repository == "team/shop"
    assert tally.series == (
        "http.server.request.duration",
        MetricType.RESPONSE_TIME,
        "GET /users/{id}",
        "ms",
    )
    assert list(tally.values) == pytest.approx([150.0, 200.0])
    assert list(tally.values.values()) == [4, 2]
    assert (tally.total, tally.at, tally.started) == (900.0, AT, AT - 1)


def test_a_cumulative_one_is_a_reading_of_its_process() -> None:
    (reading,) = both(metrics(histogram(2))).readings
    assert reading.source.startswith("shop/")
    assert reading.tally.count == 6


def test_the_ends_of_a_histogram_are_kept() -> None:
    (tally,) = both(metrics(histogram(min=0.12, max=0.9))).deltas
    assert (tally.low, tally.high) == (120.0, 900.0)


def exponential(**changes: Any) -> dict[str, Any]:
    positive = {"offset": 3, "bucketCounts": ["1", "2"]}
    known = point(count="4", sum=40.0, scale=0, zeroCount="1", positive=positive)
    form = {"aggregationTemporality": 1, "dataPoints": [known | changes]}
    return {"name": "http.server.duration", "unit": "ms", "exponentialHistogram": form}


def test_an_exponential_histogram_is_counted() -> None:
    (tally,) = both(metrics(exponential())).deltas
    assert list(tally.values) == pytest.approx([0.0, 2**3.5, 2**4.5])
    assert list(tally.values.values()) == [1, 1, 2]


@pytest.mark.parametrize(
    ("metric", "kind", "unit", "value"),
    [
        (
            {"name": "process.memory.usage", "unit": "By", "sum": {"aggregationTemporality": 2}},
            MetricType.MEMORY_USAGE,
            "MB",
            2.0,
        ),
        ({"name": "queue.wait", "unit": "s", "gauge": {}}, MetricType.RESPONSE_TIME, "ms", 2**21e0),
        ({"name": "gen_ai.cost", "unit": "USD", "gauge": {}}, MetricType.COST, "USD", 2.0**21),
    ],
)
def test_a_number_is_what_there_is_now(
    metric: dict[str, Any], kind: MetricType, unit: str, value: float
) -> None:
    form = "sum" if "sum" in metric else "gauge"
    metric = metric | {form: metric[form] | {"dataPoints": [point(asInt=str(2**21))]}}
    (tally,) = both(metrics(metric)).deltas
    assert (tally.series[1], tally.series[3]) == (kind, unit)
    assert list(tally.values) == [value * (1000 if unit == "ms" else 1)]


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        (histogram(bucketCounts=[]), "buckets"),
        (histogram(explicitBounds=[0.1]), "one bucket more"),
        (histogram(explicitBounds=[0.2, 0.1]), "ascend"),
        (histogram(explicitBounds=[0.1, "NaN"]), "ascend"),
        (histogram(count="7"), "add up"),
        (exponential(scale=21), "scale"),
        (exponential(positive={"offset": 100, "bucketCounts": ["1"]}), "sensible"),
        ({"name": "a", "unit": "s", "gauge": {"dataPoints": [point(asDouble="NaN")]}}, "finite"),
        ({"name": "a", "unit": "s", "gauge": {"dataPoints": [point()]}}, "finite"),
        ({"name": "a", "unit": "s", "summary": {"dataPoints": [point()]}}, "histograms"),
        (
            {
                "name": "cost",
                "unit": "USD",
                "sum": {
                    "aggregationTemporality": 2,
                    "isMonotonic": True,
                    "dataPoints": [point(asInt=1)],
                },
            },
            "delta",
        ),
    ],
)
def test_a_point_that_says_nothing_is_rejected_with_its_reason(
    metric: dict[str, Any], why: str
) -> None:
    found = both(metrics(metric, histogram()))
    assert (found.rejected, len(found.deltas)) == (1, 1)
    assert why in found.why


def test_a_point_without_a_value_and_a_metric_of_no_use_are_passed_over() -> None:
    other = {"name": "jvm.threads", "unit": "{thread}", "gauge": {"dataPoints": [point(asInt=1)]}}
    found = both(metrics(histogram(flags=1), other))
    assert (found.rejected, found.deltas, found.readings) == (0, [], [])


@pytest.mark.parametrize("name", ["process.uptime", "process_start_time_seconds", "jvm.cpu.time"])
def test_not_everything_in_seconds_is_how_long_an_answer_took(name: str) -> None:
    metric = {"name": name, "unit": "s", "gauge": {"dataPoints": [point(asDouble=86_400.0)]}}
    assert not both(metrics(metric)).deltas


def span(**changes: Any) -> dict[str, Any]:
    times = {"startTimeUnixNano": str(AT), "endTimeUnixNano": str(AT + 12_500_000)}
    return {"name": "GET", "kind": 2, "attributes": ROUTE} | times | changes


def traces(*spans: dict[str, Any]) -> Exported:
    document = {"resourceSpans": [{"resource": RESOURCE, "scopeSpans": [{"spans": spans}]}]}
    body = json.dumps(document).encode()
    (found,) = read_traces(body, Form.JSON)
    message = json_format.Parse(body, ExportTraceServiceRequest(), ignore_unknown_fields=True)
    assert read_traces(message.SerializeToString(), Form.PROTOBUF) == [found]
    return found


def test_a_span_of_a_server_is_a_request() -> None:
    status = {"key": "http.response.status_code", "value": {"intValue": "503"}}
    found = traces(
        span(traceId="5b8efff798038103d269b633813fc60c", unheardOf={"a": [1]}),
        span(kind=3),
        span(status={"code": 2}),
        span(attributes=[*ROUTE, status]),
    ).requests
    assert list(found.endpoint) == ["GET /users/{id}"] * 3
    assert list(found.milliseconds) == [12.5] * 3
    assert list(found.failed) == [False, True, True]
    assert set(found.commit) == {"1a2b3c4"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sum": "NaN"},
        {"sum": "-Infinity"},
        {"sum": 1e300},
        {"count": str(2**63), "bucketCounts": ["0", str(2**63), "0"]},
        {"count": str(10**12 + 1), "bucketCounts": ["0", str(10**12), "1"]},
    ],
)
def test_what_would_spoil_a_window_is_rejected(changes: dict[str, Any]) -> None:
    found = both(metrics(histogram(**changes), histogram()))
    assert (len(found.deltas), found.rejected) == (1, 1)


@pytest.mark.parametrize("ends", [{"min": "NaN", "max": 1.0}, {"min": 2.0, "max": 1.0}])
def test_ends_that_cannot_be_true_are_left_out(ends: dict[str, Any]) -> None:
    (tally,) = both(metrics(histogram(**ends))).deltas
    assert (tally.low, tally.high) == (None, None)


def test_a_span_that_ends_before_it_starts_is_rejected() -> None:
    found = traces(span(endTimeUnixNano="1"), span())
    assert (found.rejected, len(found.requests)) == (1, 1)


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b'{"resourceMetrics": 7}', b"[" * 100_000, b'{"a":' * 9_999]
)
def test_what_is_no_json_of_a_request_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="export request"):
        read_metrics(body, Form.JSON)


def test_nothing_is_nothing() -> None:
    assert read_metrics(b"", Form.PROTOBUF) == read_traces(b"{}", Form.JSON) == []


@given(st.binary(max_size=300), st.sampled_from([read_metrics, read_traces]))
def test_any_bytes_are_read_or_refused(body: bytes, read: Any) -> None:
    for form in Form:
        try:
            found = read(body, form)
        except ValueError:
            continue
        assert all(isinstance(one, Exported) for one in found)


@given(st.data())
def test_any_change_of_a_good_request_is_read_or_refused(data: st.DataObject) -> None:
    request = json_format.Parse(metrics(histogram(), exponential()), ExportMetricsServiceRequest())
    body = bytearray(request.SerializeToString())
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_metrics(bytes(body), Form.PROTOBUF)
    except ValueError:
        return
    assert all(isinstance(tally, Tally) for one in found for tally in one.deltas)
