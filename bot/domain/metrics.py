"""Samples and the five-minute windows they are summed up in."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.domain.sketch import Sketch, merged, sketch_of

WINDOW = timedelta(minutes=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPANS = (WINDOW, HOUR, DAY)
"""How long windows are: a long span is read from few long ones."""
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
    """A span, five minutes unless said otherwise, of one metric of one endpoint.

    Percentiles are exact in a window that was made from its samples and right to the sketch's
    accuracy in one that was made from others.
    """

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
    sketch: Sketch = field(default_factory=Sketch)
    span: timedelta = WINDOW

    @property
    def series(self) -> "Series":
        """What it measures, whenever that was."""
        return self.metric_name, self.metric_type, self.endpoint, self.unit


Series = tuple[str, MetricType, str, str]


class Values(NamedTuple):
    """What one series measured within five minutes; `number` counts these since 1970."""

    series: Series
    number: int
    values: list[float]


def percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of an ascending, non-empty list; `share` is 0 to 1."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def window_start(at: datetime, span: timedelta = WINDOW) -> datetime:
    """The start of the window of this length that holds `at`."""
    seconds = at.astimezone(UTC).timestamp()
    return datetime.fromtimestamp(seconds - seconds % span.total_seconds(), UTC)


def value_windows(parts: Iterable[Values]) -> list[Window]:
    """The windows of finite values; parts of the same five minutes come together."""
    groups: dict[tuple[int, Series], list[float]] = {}
    for series, number, values in parts:
        groups.setdefault((number, series), []).extend(values)
    return [
        window_of((start_of(number), *series), sorted(values))
        for (number, series), values in groups.items()
    ]


def start_of(number: int) -> datetime:
    """When the five minutes of this number since 1970 begin."""
    return datetime.fromtimestamp(number * WINDOW.total_seconds(), UTC)


def windows(samples: Iterable[Sample]) -> list[Window]:
    """Sum samples up; values that are no finite number, or no sensible one, are left out."""
    groups: dict[tuple[datetime, str, MetricType, str, str], list[float]] = {}
    for sample in samples:
        if abs(sample.value) <= LARGEST:
            start = window_start(sample.at)
            key = (start, sample.metric_name, sample.metric_type, sample.endpoint, sample.unit)
            groups.setdefault(key, []).append(sample.value)
    return [window_of(key, sorted(values)) for key, values in sorted(groups.items())]


def window_of(key: tuple[datetime, str, MetricType, str, str], ordered: list[float]) -> Window:
    """The window of ascending values; `key` is its start, metric, type, endpoint and unit."""
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
        sketch=sketch_of(ordered),
    )


def joined(parts: Sequence[Window]) -> Window:
    """One window of everything in windows of the same series; where and how long is the first's."""
    if len(parts) == 1:
        return parts[0]
    sketch = merged(part.sketch for part in parts)
    lowest, highest = min(p.min_value for p in parts), max(p.max_value for p in parts)

    def at(share: float) -> float:
        return min(highest, max(lowest, sketch.percentile(share)))

    return replace(
        parts[0],
        count=sum(part.count for part in parts),
        total=math.fsum(part.total for part in parts),
        min_value=lowest,
        max_value=highest,
        p50_value=at(0.50),
        p95_value=at(0.95),
        p99_value=at(0.99),
        sketch=sketch,
    )


def gathered(parts: Iterable[Window], span: timedelta) -> list[Window]:
    """The windows of this length that parts of no more than it make, in order."""
    groups: dict[tuple[datetime, Series], list[Window]] = {}
    for part in parts:
        groups.setdefault((window_start(part.start, span), part.series), []).append(part)
    return [
        replace(joined(group), start=start, span=span)
        for (start, _), group in sorted(groups.items(), key=lambda item: item[0])
    ]
