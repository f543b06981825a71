"""What `/metrics` says of the whole service: what waits, who works, what is left and spent."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.overview import Overview
from bot.adapters.engine.presence import read_backlog
from bot.adapters.failures import log_failure
from bot.domain.backlog import Backlog
from bot.domain.model.spending import MICRO

log = logging.getLogger("ironclaw.web")

_SECONDS: Final = 5.0
_KEPT_SECONDS: Final = 5.0
_STANDS: Final = ("waiting", "later", "running", "parked")


class Intake(Protocol):
    """How many deliveries this process has written, and how many it could not."""

    kept: int
    not_kept: int


@dataclass(frozen=True, slots=True)
class ServiceStanding:
    """The backlog at a moment; what models have cost today (UTC) and may, in dollars."""

    backlog: Backlog
    at: datetime
    dollars: float
    cap: float


class StandingReader:
    """Reads the database; `day_cap` is in millionths of a dollar."""

    def __init__(self, engine: AsyncEngine, day_cap: int) -> None:
        self._engine = engine
        self._cap = day_cap / MICRO

    async def read(self) -> ServiceStanding:
        """How it stands now; TimeoutError where the database is slow."""
        async with asyncio.timeout(_SECONDS):
            now = datetime.now(UTC)
            backlog = await read_backlog(self._engine)
            paid = await Overview(self._engine).paid(None, now.date())
        dollars = sum(one.amount for one in paid) / MICRO
        return ServiceStanding(backlog, now, dollars, self._cap)


class StandingCollector(Collector):
    """Asks at most once in five seconds, however often and by how many it is asked."""

    def __init__(self, read: Callable[[], ServiceStanding], intake: Intake) -> None:
        self._read = read
        self._intake = intake
        self._turn = threading.Lock()
        self._known: ServiceStanding | None = None
        self._read_at = float("-inf")

    def describe(self) -> list[Metric]:
        """Nothing: else the registry would ask the database when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The families; where the database cannot be read, that alone."""
        yield from _of_intake(self._intake)
        standing = self._now()
        up = GaugeMetricFamily("ironclaw_database_up", "Whether the database can be read.")
        up.add_metric([], float(standing is not None))
        yield up
        if standing is not None:
            yield from _of_backlog(standing)
            yield from _of_spending(standing)

    def _now(self) -> ServiceStanding | None:
        with self._turn:
            if time.monotonic() - self._read_at >= _KEPT_SECONDS:
                self._known = self._asked()
                self._read_at = time.monotonic()
            return self._known

    def _asked(self) -> ServiceStanding | None:
        try:
            return self._read()
        except Exception as error:  # noqa: BLE001 - the other numbers are told all the same
            log_failure(log, "how the service stands cannot be read", error)
            return None


def _of_intake(intake: Intake) -> Iterator[Metric]:
    told = (
        ("ironclaw_deliveries_kept", "Deliveries that this process has stored.", intake.kept),
        (
            "ironclaw_deliveries_not_kept",
            "Deliveries that the database did not take; they are asked for again.",
            intake.not_kept,
        ),
    )
    for name, text, value in told:
        yield CounterMetricFamily(name, text, value=value)


def _of_backlog(standing: ServiceStanding) -> Iterator[Metric]:
    backlog, now = standing.backlog, standing.at
    deliveries = {"received": backlog.received, "parked": backlog.parked}
    jobs = {name: backlog.job(name) for name in _STANDS}
    for kind, plural, found in (("delivery", "deliveries", deliveries), ("job", "jobs", jobs)):
        count = GaugeMetricFamily(
            f"ironclaw_{plural}", f"How many {plural} stand so.", labels=["state"]
        )
        oldest = GaugeMetricFamily(
            f"ironclaw_{kind}_oldest_seconds",
            "How long the oldest has stood so, 0 where there is none.",
            labels=["state"],
        )
        for state, waiting in found.items():
            count.add_metric([state], waiting.count)
            oldest.add_metric([state], waiting.seconds(now))
        yield count
        yield oldest
    yield from _of_workers(standing)


def _of_workers(standing: ServiceStanding) -> Iterator[Metric]:
    alive = standing.backlog.alive(standing.at)
    yield GaugeMetricFamily(
        "ironclaw_workers", "Workers that have signed within a minute.", value=len(alive)
    )
    began = max((one.began.timestamp() for one in standing.backlog.workers), default=0.0)
    yield GaugeMetricFamily(
        "ironclaw_worker_last_start_timestamp_seconds",
        "When the worker that was started last began, 0 if none is known.",
        value=began,
    )
    shares = [one.share_left for one in alive if one.share_left is not None]
    yield GaugeMetricFamily(
        "ironclaw_github_rate_limit_left_ratio",
        "What is left of GitHub's rate limit where least is left, 1 before anything was asked.",
        value=min(shares, default=1.0),
    )


def _of_spending(standing: ServiceStanding) -> Iterator[Metric]:
    told = (
        ("ironclaw_model_dollars_today", "Spent and reserved for models today (UTC)."),
        ("ironclaw_model_dollars_cap", "The most that models may cost in a day."),
    )
    for (name, text), value in zip(told, (standing.dollars, standing.cap), strict=True):
        yield GaugeMetricFamily(name, text, value=value)
