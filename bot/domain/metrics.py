"""Samples and the five-minute windows they are summed up in."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(minutes=5)
LARGEST = 1e18
"""Beyond it a value is a fault of whoever sent it; many of them still have a finite sum."""


class MetricType(StrEnum):
    """What a sample measures."""

    RESPONSE_TIME = "response_time"
    ERROR_RATE = "error_rate"
    MEMORY_USAGE = "memory_usage"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured value at one time (UTC); `unit` is as given, milliseconds for response times."""

    metric_name: str
    metric_type: MetricType
    value: float
    at: datetime
    unit: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that the service answered: when, how long in milliseconds, whether it failed."""

    at: datetime
    endpoint: str
    milliseconds: float
    failed: bool
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Five minutes of one metric of one endpoint."""

    metric_name: str
    metric_type: MetricType
    endpoint: str
    unit: str
    start: datetime
    count: int
    total: float
    min_value: float
    max_value: float
    p50_value: float
    p95_value: float
    p99_value: float


def percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of an ascending, non-empty list; `share` is 0 to 1."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def window_start(at: datetime) -> datetime:
    """The start of the five-minute window that holds `at`."""
    seconds = at.astimezone(UTC).timestamp()
    span = WINDOW.total_seconds()
    return datetime.fromtimestamp(seconds - seconds % span, UTC)


def windows(samples: Iterable[Sample]) -> list[Window]:
    """Sum samples up; values that are no finite number, or no sensible one, are left out."""
    groups: dict[tuple[datetime, str, MetricType, str, str], list[float]] = {}
    for sample in samples:
        if abs(sample.value) <= LARGEST:
            start = window_start(sample.at)
            key = (start, sample.metric_name, sample.metric_type, sample.endpoint, sample.unit)
            groups.setdefault(key, []).append(sample.value)
    return [_window(key, sorted(values)) for key, values in sorted(groups.items())]


def _window(key: tuple[datetime, str, MetricType, str, str], ordered: list[float]) -> Window:
    start, name, kind, endpoint, unit = key
    return Window(
        metric_name=name,
        metric_type=kind,
        endpoint=endpoint,
        unit=unit,
        start=start,
        count=len(ordered),
        total=math.fsum(ordered),
        min_value=ordered[0],
        max_value=ordered[-1],
        p50_value=percentile(ordered, 0.50),
        p95_value=percentile(ordered, 0.95),
        p99_value=percentile(ordered, 0.99),
    )
