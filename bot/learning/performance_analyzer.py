"""What the service's metrics say: windows, bottlenecks, health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain.bottleneck import Bottleneck, Targets, find_bottlenecks
from bot.domain.health import health
from bot.domain.metrics import MetricType, Request, Sample, windows
from bot.learning.wiring import ports_for
from bot.ports import Ports

BUFFER = 100
"""Samples that are kept in memory before they are summed up and stored."""
DEFAULT_TARGETS = Targets()
_MEGABYTE_FACTORS = {"mb": 1.0, "": 1.0, "kb": 1 / 1024, "gb": 1024.0, "bytes": 1 / 1024**2}


@dataclass(frozen=True, slots=True)
class PerformanceReport:
    """How the service did: `overall_health_score` is 0 to 100, and 0 without data."""

    overall_health_score: float
    formula: str
    why: str
    bottlenecks: tuple[Bottleneck, ...]
    samples: int


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
        """The report over the last `hours`."""
        await self.flush()
        now = self._ports.clock.now()
        async with self._ports.stores() as store:
            seen = await store.windows(self._repository, now - timedelta(hours=hours), now)
        score = health(seen, self._targets)
        return PerformanceReport(
            overall_health_score=score.score if score.score is not None else 0.0,
            formula=score.formula,
            why=score.why,
            bottlenecks=find_bottlenecks(seen, self._targets),
            samples=sum(window.count for window in seen),
        )

    async def detect_memory_leak(
        self, hours: float = 24, threshold_mb: float = 100
    ) -> dict[str, Any] | None:
        """Growth of the memory's floor over the span beyond the threshold, or None.

        Compares the lowest window minimum of the first and of the last quarter, so that a
        saw-tooth or a peak is no leak; fewer than eight windows say nothing.
        """
        await self.flush()
        now = self._ports.clock.now()
        async with self._ports.stores() as store:
            seen = [
                window
                for window in await store.windows(
                    self._repository, now - timedelta(hours=hours), now
                )
                if window.metric_type is MetricType.MEMORY_USAGE
            ]
        quarter = len(seen) // 4
        if quarter < 2:
            return None
        factor = _MEGABYTE_FACTORS.get(seen[0].unit.lower(), 1.0)
        first = min(window.min_value for window in seen[:quarter])
        last = min(window.min_value for window in seen[-quarter:])
        growth = (last - first) * factor
        return {"detected": True, "growth_mb": growth} if growth > threshold_mb else None
