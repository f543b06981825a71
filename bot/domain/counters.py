"""What was counted between two readings of a counter that only ever grows, until it starts anew."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final

from bot.domain.metrics import WINDOW, Series, Window
from bot.domain.sketch import weighted

NANO: Final = 1_000_000_000
MOST_COUNTED: Final = 10**12
"""Values of one counter: of many millions of them the sum is still a number of 64 bits."""
_WINDOW: Final = int(WINDOW.total_seconds()) * NANO


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


def together(tallies: Iterable[Tally]) -> list[Tally]:
    """One for each series and five minutes, which says the same."""
    groups: dict[tuple[int, Series], list[Tally]] = {}
    for one in tallies:
        groups.setdefault((one.at // _WINDOW, one.series), []).append(one)
    return [group[0] if len(group) == 1 else _sum(group) for group in groups.values()]


def _sum(group: Sequence[Tally]) -> Tally:
    values: dict[float, int] = {}
    for one in group:
        for value, count in one.values.items():
            values[value] = values.get(value, 0) + count
    seen = [one for one in group if one.values]
    low = min((min(one.values) if one.low is None else one.low for one in seen), default=None)
    high = max((max(one.values) if one.high is None else one.high for one in seen), default=None)
    return replace(
        group[0], values=values, total=math.fsum(one.total for one in seen), low=low, high=high
    )


def tally_windows(tallies: Iterable[Tally]) -> list[Window]:
    """The five-minute windows of what was counted, each where the reading of it was."""
    windows = [_window(one) for one in together(tallies)]
    return [window for window in windows if window is not None]


def _window(tally: Tally) -> Window | None:
    values, count = tally.values, tally.count
    if not count:
        return None
    low = min(values) if tally.low is None else tally.low
    high = max(values) if tally.high is None else tally.high
    ordered = sorted(values)
    reached = list(accumulate(values[value] for value in ordered))

    def at(share: float) -> float:
        nearest = ordered[bisect_left(reached, max(1, math.ceil(share * count)))]
        return min(high, max(low, nearest))

    name, kind, endpoint, unit = tally.series
    return Window(
        metric_name=name,
        metric_type=kind,
        endpoint=endpoint,
        unit=unit,
        start=datetime.fromtimestamp(tally.at // _WINDOW * _WINDOW / NANO, UTC),
        count=count,
        total=tally.total,
        min_value=low,
        max_value=high,
        p50_value=at(0.50),
        p95_value=at(0.95),
        p99_value=at(0.99),
        sketch=weighted(values.items()),
    )
