"""What the web process says of its own requests: numbers for Prometheus, and a line each."""

import logging
import time
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, Info, generate_latest
from prometheus_client.registry import Collector

from bot import __version__

log = logging.getLogger("ironclaw.access")

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_KIND: Final = "text/plain; version=0.0.4; charset=utf-8"


def add_to(app: Flask, *others: Collector) -> None:
    """Watch every request of the application, and answer `/metrics` with what `others` say, too.

    The labels are names of ours alone, however many paths are asked for.
    """
    registry = CollectorRegistry()
    for one in others:
        registry.register(one)
    info = Info("ironclaw", "This version of Ironclaw.", registry=registry)
    info.info({"version": __version__})
    labels = ("operation", "method", "status")
    count = Counter("ironclaw_http_requests", "Requests answered.", labels, registry=registry)
    seconds = Histogram(
        "ironclaw_http_request_seconds", "Time to answer.", ("operation",), registry=registry
    )

    def begin() -> None:
        g.began = time.perf_counter()

    def end(answer: Response) -> Response:
        took = time.perf_counter() - g.get("began", time.perf_counter())
        operation = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "other"
        count.labels(operation, method, str(answer.status_code)).inc()
        seconds.labels(operation).observe(took)
        # Without the query and every header: what is secret may stand there.
        log.info(
            "%s %s %d %.1f ms caller=%s from=%s",
            request.method,
            request.path,
            answer.status_code,
            took * 1000,
            g.get("caller", "-"),
            request.remote_addr or "-",
        )
        return answer

    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=_KIND)

    app.before_request(begin)
    app.after_request(end)
    app.add_url_rule("/metrics", "own_metrics", metrics)
