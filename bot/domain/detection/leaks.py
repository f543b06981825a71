"""Whether memory grows without bound."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.detection.ranks import median
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Inconclusive


@dataclass(frozen=True, slots=True)
class Rate:
    """Growth per hour in the series' unit, with its 95 % interval."""

    per_hour: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Leak:
    """Memory leaks at that rate; `hours_left` to the limit, None where it is not reached."""

    rate: Rate
    hours_left: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class NoLeak:
    """Memory does not leak; the rate is what noise looks like."""

    rate: Rate
    reason: str


def find_leak(
    series: Series, starts: Sequence[float] | None, limit: float
) -> Leak | NoLeak | Inconclusive:
    """Compare the floor of the second and of the last quarter."""
    known = series.known()
    if len(starts or ()) > 1:
        return Inconclusive("the process was restarted")
    if len(known) < 48:
        return Inconclusive(f"{len(known)} values are known, 48 needed")
    values = [series.values[i] for i in known]
    hours = [series.times[i] / 3600 for i in known]
    quarter = len(values) // 4
    second, last = min(values[quarter : 2 * quarter]), min(values[-quarter:])
    growth = (last - second) / (median(hours[-quarter:]) - median(hours[quarter : 2 * quarter]))
    rate = Rate(growth, growth, growth)
    if last > 1.08 * second:
        left = (limit - values[-1]) / growth
        return Leak(rate, left, f"grows by {growth:.3g} an hour")
    return NoLeak(rate, "does not grow")
