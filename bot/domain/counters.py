"""What was counted between two readings of a counter that only ever grows, until it starts anew."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from bot.domain.metrics import Series, Window, window_start
from bot.domain.sketch import weighted

NANO: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each value was seen; times in nanoseconds since 1970, `started` 0 if unknown.

    `values` stand for all values of their bucket. `low` and `high` are the least and the greatest,
    where the source tells them.
    """

    series: Series
    started: int
    at: int
    values: Mapping[float, int]
    total: float
    low: float | None = None
    high: float | None = None

    @property
    def count(self) -> int:
        """How many values."""
        return sum(self.values.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """What a counter showed; `source` tells the counters of several processes apart."""

    source: str
    tally: Tally


def since(before: Tally | None, now: Tally) -> Tally | None:
    """What was counted after the reading before; None where that cannot be told.

    Of the first reading nobody knows when its values came. One that started anew (another start,
    or less than before) is counted whole; one that is older than the last is left out.
    """
    if before is None or now.at <= before.at:
        return None
    if now.started != before.started or _fell(before, now):
        return now
    values = {value: count - before.values.get(value, 0) for value, count in now.values.items()}
    seen = {value: count for value, count in values.items() if count}
    return replace(now, values=seen, total=now.total - before.total, low=None, high=None)


def _fell(before: Tally, now: Tally) -> bool:
    return any(now.values.get(value, 0) < count for value, count in before.values.items())


def tally_window(tally: Tally) -> Window | None:
    """The window of what was counted, None if that is nothing; it lies where the reading was."""
    count = tally.count
    if not count:
        return None
    sketch = weighted(tally.values.items())
    name, kind, endpoint, unit = tally.series
    low = min(tally.values) if tally.low is None else tally.low
    high = max(tally.values) if tally.high is None else tally.high

    def at(share: float) -> float:
        return min(high, max(low, sketch.percentile(share)))

    return Window(
        metric_name=name,
        metric_type=kind,
        endpoint=endpoint,
        unit=unit,
        start=window_start(datetime.fromtimestamp(tally.at / NANO, UTC)),
        count=count,
        total=tally.total,
        min_value=low,
        max_value=high,
        p50_value=at(0.50),
        p95_value=at(0.95),
        p99_value=at(0.99),
        sketch=sketch,
    )
