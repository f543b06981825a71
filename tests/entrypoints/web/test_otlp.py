"""Exports over HTTP: OpenTelemetry's own exporter, and requests made by hand."""

import asyncio
import gzip
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

from bot.adapters.database import make_engine, store_factory
from bot.adapters.signals.unfolded import Folding
from bot.domain.code_attributes import Code
from bot.domain.metrics import Window
from tests.entrypoints.web.test_metrics import PATIENCE, address, kept, known_url

__all__ = ["address", "known_url"]

HEADERS = {"authorization": "Bearer new-token", "x-ironclaw-repository": "team/shop"}
OURS = Resource({"service.name": "shop", "service.version": "abc"})
ROUTE = {"http.request.method": "GET", "http.route": "/users/{id}"}


async def _windows(url: str) -> Sequence[Window]:
    engine, now = make_engine(url), datetime.now(UTC)
    await Folding(engine).fold()
    async with store_factory(engine)() as store:
        found = await store.windows("team/shop", now - timedelta(hours=1), now + timedelta(hours=1))
    await engine.dispose()
    return found


async def _code(url: str) -> Mapping[str, Code]:
    engine = make_engine(url)
    await Folding(engine).fold()
    async with store_factory(engine)() as store:
        found = await store.endpoint_code("team/shop")
    await engine.dispose()
    return found


def windows(url: str) -> Sequence[Window]:
    return asyncio.run(_windows(url))


def post(address: str, body: Any, **headers: str) -> httpx.Response:
    sent = HEADERS | {"content-type": "application/json"} | headers
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        return client.post(f"{address}/v1/metrics", content=body, headers=sent)


def gauge(**changes: Any) -> dict[str, Any]:
    at = {"timeUnixNano": str(time.time_ns()), "asDouble": 5.0}
    metric = {"name": "queue.wait", "unit": "s", "gauge": {"dataPoints": [at | changes]}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


def body(**changes: Any) -> bytes:
    return httpx.Request("POST", "http://x", json=gauge(**changes)).content


def test_the_sdk_s_metrics_are_kept(address: str, known_url: str) -> None:
    exporter = OTLPMetricExporter(f"{address}/v1/metrics", headers=HEADERS, timeout=int(PATIENCE))
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3.6e6)
    provider = MeterProvider([reader], OURS, shutdown_on_exit=False)
    histogram = provider.get_meter("web").create_histogram("http.server.request.duration", "s")
    # Cumulative, as the SDK's default is: only what comes after the first export is known by time.
    for values in ([0.01, 0.3], [0.03] * 3 + [0.6]):
        for value in values:
            histogram.record(value, ROUTE)
        assert provider.force_flush(60_000)
    provider.shutdown()
    (window,) = windows(known_url)
    assert (window.endpoint, window.unit, window.count) == ("GET /users/{id}", "ms", 4)
    assert window.total == pytest.approx(690.0)


def test_the_sdk_s_spans_are_kept(address: str, known_url: str) -> None:
    exporter = OTLPSpanExporter(f"{address}/v1/traces", headers=HEADERS, timeout=int(PATIENCE))
    provider = TracerProvider(resource=OURS, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("web")
    code: dict[str, str | int] = {
        "code.function.name": "shop.users.show",
        "code.file.path": "/srv/shop/users.py",
    }
    said: dict[str, str | int] = (
        ROUTE | code | {"code.line.number": 12, "code.stacktrace": "not this"}
    )
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER, attributes=said):
        tracer.start_span("select", kind=SpanKind.CLIENT).end()
    provider.shutdown()
    (one,) = kept(known_url)
    assert (one.endpoint, one.commit, one.failed) == ("GET /users/{id}", "abc", False)
    assert asyncio.run(_code(known_url)) == {"GET /users/{id}": code | {"code.line.number": 12}}


def test_the_answer_has_the_form_of_the_question(address: str) -> None:
    answer = post(address, body())
    assert (answer.status_code, answer.json()) == (200, {})
    answer = post(address, b"", **{"content-type": "application/x-protobuf"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert ExportMetricsServiceResponse.FromString(answer.content) == ExportMetricsServiceResponse()


def test_what_is_rejected_is_told_and_the_rest_kept(address: str, known_url: str) -> None:
    both = gauge()
    both["resourceMetrics"] += gauge(asDouble="NaN")["resourceMetrics"]
    answer = post(address, httpx.Request("POST", "http://x", json=both).content)
    assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "1"
    assert "finite" in answer.json()["partialSuccess"]["errorMessage"]
    assert [one.count for one in windows(known_url)] == [1]


def test_whose_it_is_must_be_said_and_known(address: str) -> None:
    for name, why in (("", "x-ironclaw-repository"), ("team/strange", "let into")):
        found = post(address, body(), **{"x-ironclaw-repository": name}).json()["partialSuccess"]
        assert found["rejectedDataPoints"] == "1"
        assert why in found["errorMessage"]


def test_an_export_may_be_compressed(address: str, known_url: str) -> None:
    packed = gzip.compress(body())
    assert post(address, packed, **{"content-encoding": "gzip"}).json() == {}
    assert len(windows(known_url)) == 1


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"\xff", {"content-type": "application/x-protobuf"}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"{}", {"authorization": "Bearer wrong"}, 401),
        (b"{}", {"content-encoding": "gzip"}, 400),
        (gzip.compress(b"{}" * 99)[:-9], {"content-encoding": "gzip"}, 400),
        (b"{}", {"content-encoding": "br"}, 415),
        (b" " * (1024 * 1024 + 1), {}, 413),
        (gzip.compress(b" " * (17 * 1024 * 1024)), {"content-encoding": "gzip"}, 413),
    ],
    ids=range(9),
)
def test_what_cannot_be_taken_is_refused_with_a_status_message(
    address: str, sent: bytes, headers: dict[str, str], status: int
) -> None:
    answer = post(address, sent, **headers)
    assert answer.status_code == status
    if answer.headers["content-type"] == "application/json":
        assert answer.json()["message"]
    else:
        assert answer.content[2:3] == b"\x12"


@pytest.mark.parametrize("days", [-30, 1])
def test_what_is_not_of_now_is_rejected(address: str, days: int) -> None:
    at = str(time.time_ns() + days * 86_400 * 10**9)
    found = post(address, body(timeUnixNano=at)).json()["partialSuccess"]
    assert "time_unix_nano" in found["errorMessage"]
