"""The floor of memory: the lowest it went, bin by bin, in each process by itself."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.detection.ranks import median, quantile
from bot.domain.detection.series import Series

BINS = 48
_SMALLEST_DROP, _DROP_NOISES = 0.06, 8.0
_HOURS_BETWEEN = 2.5
"""What drops more often than that on average is a garbage collector, not a restart."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The floor at `hour` since the first value, in process number `process`, `age` hours old."""

    hour: float
    age: float
    floor: float
    process: int


@dataclass(frozen=True, slots=True)
class Floor:
    """The bins in order; level and noise are of all values, the noise from one to the next."""

    bins: tuple[Bin, ...]
    processes: int
    hours: float
    level: float
    noise: float
    drops: int


def floor_of(series: Series, starts: Sequence[float] | None) -> Floor:
    """At most 48 bins; where `starts` (seconds) is None, restarts are taken from sudden drops."""
    known = series.known()
    hours = [(series.times[i] - series.times[known[0]]) / 3600 for i in known]
    values = [series.values[i] for i in known]
    level = median(values)
    steps = [late - early for early, late in pairwise(values)]
    noise = 1.4826 * median([abs(step) for step in steps]) if steps else 0.0
    drops = _drops(values, level, noise)
    if starts is not None:
        begins = sorted((start - series.times[known[0]]) / 3600 for start in starts)
    else:
        often = len(drops) * _HOURS_BETWEEN > hours[-1]
        begins = [] if often else [hours[i] for i in drops]
    begins = [begin for begin in begins if 0 < begin <= hours[-1]]
    bins = _bins(hours, values, begins)
    return Floor(tuple(bins), len(begins) + 1, hours[-1], level, noise, len(drops))


def _drops(values: Sequence[float], level: float, noise: float) -> list[int]:
    """Indices after which memory is far lower than right before, and stays so for a while."""
    least = max(_SMALLEST_DROP * level, _DROP_NOISES * noise)
    found: list[int] = []
    for i in range(2, len(values) - 2):
        before = min(values[i - 2], values[i - 1])
        after = max(values[i : i + 3]) if not found or i - found[-1] > 2 else before
        if before - after >= least:
            found.append(i)
    return found


def _bins(hours: Sequence[float], values: Sequence[float], begins: Sequence[float]) -> list[Bin]:
    width = max(hours[-1] / BINS, 1e-9)
    cells: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for hour, value in zip(hours, values, strict=True):
        cells.setdefault((bisect_right(begins, hour), int(hour / width)), []).append((hour, value))
    found = []
    for (process, _), cell in cells.items():
        hour = sum(hour for hour, _ in cell) / len(cell)
        born = begins[process - 1] if process else 0.0
        low = quantile(sorted(value for _, value in cell), 0.2)
        found.append(Bin(hour, hour - born, low, process))
    return found
