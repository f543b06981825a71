"""How the memory of each process that is reported moves, as one figure with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.detection.leaks import Leak, NoLeak, find_leak
from bot.domain.detection.series import Series
from bot.domain.metrics import MetricType, Window

_MEGABYTES = {"mb": 1.0, "": 1.0, "kb": 1 / 1024, "gb": 1024.0, "bytes": 1 / 1024**2}


class MemoryVerdict(StrEnum):
    """Whether memory leaks; what is inconclusive is neither."""

    LEAK = "leak"
    NO_LEAK = "no_leak"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory series in megabytes; growth per hour with its 95 % interval.

    `growth_mb` is over the whole span. Figures are 0 where there is too little to say any;
    `hours_left` is to the limit, None where nothing leaks.
    """

    metric_name: str
    endpoint: str
    verdict: MemoryVerdict
    growth_mb: float
    growth_per_hour: float
    low: float
    high: float
    hours_left: float | None
    reason: str


def memory(windows: Sequence[Window], limit_mb: float | None = None) -> tuple[Memory, ...]:
    """Every memory series among the windows, those that leak first, the fastest of them first."""
    groups: dict[tuple[str, str, str], list[Window]] = {}
    for window in sorted(windows, key=lambda window: window.start):
        if window.metric_type is MetricType.MEMORY_USAGE:
            key = (window.metric_name, window.endpoint, window.unit)
            groups.setdefault(key, []).append(window)
    every = [_judged(group, limit_mb) for group in groups.values()]
    order = list(MemoryVerdict)
    every.sort(key=lambda one: (order.index(one.verdict), -one.growth_mb, one.metric_name))
    return tuple(every)


def _judged(group: Sequence[Window], limit_mb: float | None) -> Memory:
    name, endpoint = group[0].metric_name, group[0].endpoint
    factor = _MEGABYTES.get(group[0].unit.lower(), 1.0)
    times = tuple(window.start.timestamp() for window in group)
    # The least of a window is what is left after the garbage was collected.
    lows = tuple(window.min_value * factor for window in group)
    found = find_leak(Series(times, lows), limit=limit_mb)
    hours = (times[-1] - times[0]) / 3600
    match found:
        case Leak(rate, left, why):
            verdict = MemoryVerdict.LEAK
        case NoLeak(rate, why):
            verdict, left = MemoryVerdict.NO_LEAK, None
        case _:
            verdict = MemoryVerdict.INCONCLUSIVE
            return Memory(name, endpoint, verdict, 0.0, 0.0, 0.0, 0.0, None, found.reason)
    grown = rate.per_hour * hours
    return Memory(name, endpoint, verdict, grown, rate.per_hour, rate.low, rate.high, left, why)
