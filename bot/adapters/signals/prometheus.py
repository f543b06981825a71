"""Requests as Prometheus has counted them in a histogram, by its query API (`/api/v1/query_range`).

Only the operator's own address is ever asked, and no redirect is followed: a repository says which
labels pick out its service and never where to look. Of each minute Prometheus knows how many
requests fell into which bucket; they are given as requests with their bucket's middle for their
duration, spread evenly over the minute.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import structlog

from bot.adapters.signals.access_log import MOST_REQUESTS
from bot.domain.metrics import Request
from bot.ports import HostError

STEP: Final = timedelta(minutes=1)
_MOST_STEPS: Final = 10_000
"""Prometheus answers with at most 11,000 points of a series."""
_MOST_BYTES: Final = 32 * 2**20
_SECONDS: Final = 30.0
_FAILED: Final = 500
_LONGEST: Final = 200
_METHOD: Final = ("http_request_method", "http_method", "method")
_ROUTE: Final = ("http_route", "route", "handler", "endpoint", "path")
_STATUS: Final = ("http_response_status_code", "http_status_code", "status_code", "status", "code")
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_UNITS: Final = {"_milliseconds": 1.0, "_ms": 1.0}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which series are a repository's: a histogram's name, and labels with their values."""

    histogram: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def problem(self) -> str:
        """What is wrong with it, empty if nothing is."""
        if not _NAME.fullmatch(self.histogram):
            return f"{self.histogram!r} is no name of a metric"
        wrong = [name for name in self.labels if not _LABEL.fullmatch(name)]
        return f"{wrong[0]!r} is no name of a label" if wrong else ""

    def query(self) -> str:
        """What was counted within each step, by bucket and by what tells endpoints apart."""
        # Within quotes JSON escapes as PromQL does.
        pairs = [f"{name}={json.dumps(value)}" for name, value in sorted(self.labels.items())]
        by = ", ".join(("le", *_METHOD, *_ROUTE, *_STATUS))
        span = f"[{int(STEP.total_seconds())}s]"
        return f"sum by ({by}) (increase({self.histogram}_bucket{{{', '.join(pairs)}}}{span}))"


class PrometheusRequests:
    """The requests of one repository's service."""

    def __init__(
        self, address: str, selection: Selection, *, token: str = "", most: int = MOST_REQUESTS
    ) -> None:
        self._address = address
        self._selection = selection
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._most = most

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        """The requests answered in [since, until), oldest first; HostError if it cannot say now.

        What it refuses to answer, and what is no answer to the question, is as good as no data.
        """
        problem = self._selection.problem()
        # A step tells of what is before it.
        start, steps = since + STEP, math.floor((until - since) / STEP)
        if problem or not 0 < steps <= _MOST_STEPS:
            _log.warning("prometheus_not_asked", why=problem or f"{steps} steps")
            return []
        asked = {
            "query": self._selection.query(),
            "start": f"{start.timestamp():.3f}",
            "end": f"{(since + STEP * steps).timestamp():.3f}",
            "step": f"{int(STEP.total_seconds())}",
        }
        body = await self._ask(asked)
        try:
            counts = _counts(json.loads(body), self._selection.histogram) if body else []
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            _log.warning("prometheus_not_understood", why=str(error)[:_LONGEST])
            return []
        return sorted(_spread(counts, self._most), key=lambda one: one.at)

    async def _ask(self, asked: Mapping[str, str]) -> bytes:
        """The answer; empty if Prometheus refuses to give one."""
        path = f"{self._address}/api/v1/query_range"
        try:
            async with (
                httpx.AsyncClient(timeout=_SECONDS, headers=self._headers) as client,
                client.stream("POST", path, data=dict(asked)) as answer,
            ):
                body = b""
                async for some in answer.aiter_bytes():
                    body += some
                    if len(body) > _MOST_BYTES:
                        _log.warning("prometheus_says_too_much", most=_MOST_BYTES)
                        return b""
                status = answer.status_code
        except httpx.HTTPError as error:
            message = f"Prometheus does not answer: {type(error).__name__}"
            raise HostError(message) from error
        if status >= _FAILED or status == httpx.codes.TOO_MANY_REQUESTS:
            message = f"Prometheus answers with {status}"
            raise HostError(message)
        if status != httpx.codes.OK:
            _log.warning("prometheus_refuses", status=status, why=body[:_LONGEST].decode("latin-1"))
            return b""
        return body


@dataclass(frozen=True, slots=True)
class _Count:
    """How many requests of an endpoint fell into a bucket within the step before `at`."""

    at: float
    endpoint: str
    failed: bool
    milliseconds: float
    count: float


def _counts(document: Any, histogram: str) -> list[_Count]:
    factor = next((unit for end, unit in _UNITS.items() if histogram.endswith(end)), 1000.0)
    series: dict[tuple[str, bool], dict[float, dict[float, float]]] = {}
    for one in document["data"]["result"]:
        labels = one["metric"]
        bound = float(labels["le"])
        if math.isnan(bound):
            continue
        kept = series.setdefault(_endpoint(labels), {})
        for at, text in one["values"]:
            value = float(text)
            # Of what it cannot tell, it says NaN.
            if math.isfinite(value) and value >= 0:
                step = kept.setdefault(float(at), {})
                step[bound] = step.get(bound, 0.0) + value
    return [
        _Count(at, endpoint, failed, round(middle * factor, 6), count)
        for (endpoint, failed), steps in series.items()
        for at, buckets in steps.items()
        for middle, count in _single(buckets)
    ]


def _endpoint(labels: Mapping[str, str]) -> tuple[str, bool]:
    method, route, status = (
        next((str(labels[name]) for name in names if labels.get(name)), "")
        for names in (_METHOD, _ROUTE, _STATUS)
    )
    shown = "".join(c for c in f"{method} {route}".strip() if c.isprintable())
    # `5xx` is how some exporters have it.
    return shown[:_LONGEST] or "all requests", status.startswith("5")


def _single(buckets: Mapping[float, float]) -> Iterator[tuple[float, float]]:
    """Each bucket's middle with what is in it alone: Prometheus counts all that is below too."""
    below, before = 0.0, 0.0
    for bound in sorted(buckets):
        middle = (below + bound) / 2 if math.isfinite(bound) else below
        if buckets[bound] > before:
            yield middle, buckets[bound] - before
        before, below = max(before, buckets[bound]), bound


def _spread(counts: Sequence[_Count], most: int) -> Iterator[Request]:
    """Whole requests: `increase` tells parts of them too, which go on to the next step."""
    total = sum(one.count for one in counts)
    share = min(1.0, most / total) if total else 1.0
    if share < 1:
        _log.warning("prometheus_requests_cut", most=most)
    rest: dict[tuple[str, bool, float], float] = {}
    for one in sorted(counts, key=lambda count: count.at):
        key = (one.endpoint, one.failed, one.milliseconds)
        # Rounding errors must not keep back what is whole.
        whole = rest.get(key, 0.0) + one.count * share + 1e-9
        rest[key] = math.modf(whole)[0]
        yield from _within(one, int(whole))


def _within(one: _Count, count: int) -> Iterator[Request]:
    length = STEP.total_seconds()
    for number in range(count):
        at = one.at - length * (number + 0.5) / count
        moment = datetime.fromtimestamp(at, UTC)
        yield Request(moment, one.endpoint, one.milliseconds, one.failed)
