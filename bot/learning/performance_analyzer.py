"""What the service's metrics say: windows, bottlenecks, health."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.bottleneck import Targets
from bot.domain.memory import MemoryVerdict, memory
from bot.domain.metrics import DAY, MetricType, Request, Sample, Window, windows
from bot.domain.performance import PerformanceReport, performance_report
from bot.domain.spans import pieces
from bot.learning.wiring import ports_for
from bot.ports import Ports, Store

BUFFER = 100
"""Samples that are kept in memory before they are summed up and stored."""
DEFAULT_TARGETS = Targets()
HISTORY_DAYS = 7
"""How far back an endpoint is compared with itself."""
MEMORY_DAYS = 7
"""How long memory is looked at: a slow leak is hidden in a day's cycle."""


class PerformanceAnalyzer:
    """Keeps samples in five-minute windows and finds what is slow or failing."""

    def __init__(
        self,
        db_session: Any,
        *,
        repository: str = "",
        targets: Targets = DEFAULT_TARGETS,
        ports: Ports | None = None,
    ) -> None:
        self._ports = ports_for(db_session, ports)
        self._repository = repository
        self._targets = targets
        self._buffer: list[Sample] = []

    async def record_metric(
        self,
        *,
        metric_name: str,
        value: float,
        unit: str = "",
        metric_type: MetricType | str,
        endpoint: str = "",
    ) -> None:
        """Take one sample; every hundredth writes the buffer. ValueError for an unknown type."""
        self._buffer.append(
            Sample(
                metric_name,
                MetricType(metric_type),
                float(value),
                self._ports.clock.now(),
                unit,
                endpoint,
            )
        )
        if len(self._buffer) >= BUFFER:
            await self.flush()

    async def record_requests(self, requests: Sequence[Request]) -> None:
        """Take requests as response times in milliseconds and as errors of 0 or 1 each."""
        for request in requests:
            self._buffer += [
                Sample(
                    "http.server.request.duration",
                    MetricType.RESPONSE_TIME,
                    request.milliseconds,
                    request.at,
                    "ms",
                    request.endpoint,
                ),
                Sample(
                    "http.server.errors",
                    MetricType.ERROR_RATE,
                    float(request.failed),
                    request.at,
                    "1",
                    request.endpoint,
                ),
            ]
        await self.flush()

    async def flush(self) -> None:
        """Sum the buffer up into windows and store them."""
        if not self._buffer:
            return
        async with self._ports.stores() as store:
            await store.add_windows(self._repository, windows(self._buffer))
            await store.commit()
        self._buffer.clear()

    async def analyze_performance(self, hours: float = 24) -> PerformanceReport:
        """The report over the last `hours`, beside the same time of the seven days before."""
        await self.flush()
        async with self._ports.stores() as store:
            span = timedelta(hours=hours)
            return await read_report(
                store, self._repository, self._ports.clock.now(), span, self._targets
            )

    async def detect_memory_leak(
        self, hours: float = 24, threshold_mb: float = 100
    ) -> dict[str, Any] | None:
        """The leak that grew most over the span, if by more than the threshold, or None.

        `growth_mb` is over the whole span; `growth_per_hour` has an interval (`low`, `high`), in
        megabytes. Warm-up, restarts, cycles and saw-teeth are no leak; less than four hours of
        windows say nothing.
        """
        await self.flush()
        now = self._ports.clock.now()
        async with self._ports.stores() as store:
            seen = await store.windows(
                self._repository, now - timedelta(hours=hours), now, kind=MetricType.MEMORY_USAGE
            )
        leaks = [one for one in memory(seen) if one.verdict is MemoryVerdict.LEAK]
        worst = max(leaks, key=lambda one: one.growth_mb, default=None)
        if worst is None or worst.growth_mb <= threshold_mb:
            return None
        return {
            "detected": True,
            "growth_mb": worst.growth_mb,
            "growth_per_hour": worst.growth_per_hour,
            "low": worst.low,
            "high": worst.high,
            "reason": worst.reason,
        }


async def read_report(
    store: Store, repository: str, now: datetime, span: timedelta, targets: Targets
) -> PerformanceReport:
    """The report over the span up to now, beside the same time of the seven days before."""
    since = now - span
    seen = await _read(store, repository, since, now)
    before = [
        window
        for days in range(1, HISTORY_DAYS + 1)
        for window in await _read(
            store, repository, since - days * DAY, min(now - days * DAY, since)
        )
        if window.metric_type is MetricType.RESPONSE_TIME
    ]
    lately = await store.windows(
        repository, now - MEMORY_DAYS * DAY, now, kind=MetricType.MEMORY_USAGE
    )
    return performance_report(seen, targets, before, lately, await store.benchmarks(repository))


async def _read(store: Store, repository: str, since: datetime, until: datetime) -> list[Window]:
    """What was measured in [since, until), from as few windows as cover it."""
    return [
        window
        for piece in pieces(since, until)
        for window in await store.windows(repository, piece.since, piece.until, piece.span)
    ]
