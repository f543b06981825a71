"""Whether memory grows without bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.detection.memory.floor import Floor, floor_of
from bot.domain.detection.memory.shape import growth, shape
from bot.domain.detection.memory.trees import likelihood
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Inconclusive

_FEWEST, _SHORTEST_HOURS = 48, 4.0
_CERTAIN, _DOUBTFUL = 0.75, 0.35
"""Likelihoods, chosen by benchmarks/detection.py for 1 % of false alarms."""
_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Rate:
    """Growth per hour in the series' unit, with its 95 % interval."""

    per_hour: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Leak:
    """Memory leaks at that rate; `hours_left` to the limit, None where growth is not certain."""

    rate: Rate
    hours_left: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class NoLeak:
    """Memory does not leak; the rate is what is left of warm-up, cycles and noise."""

    rate: Rate
    reason: str


LeakVerdict: TypeAlias = Leak | NoLeak | Inconclusive


def find_leak(
    series: Series, starts: Sequence[float] | None = None, limit: float | None = None
) -> LeakVerdict:
    """Whether a process' memory leaks, judged within processes and apart from its usual shapes.

    `starts` are the known process starts in seconds, deployments among them; None where they are
    not known and have to be seen in the values. `limit` is in the unit of the values.
    """
    known = series.known()
    hours = (series.times[known[-1]] - series.times[known[0]]) / 3600 if known else 0.0
    if len(known) < _FEWEST or hours < _SHORTEST_HOURS:
        return Inconclusive(
            f"{len(known)} values over {hours:.1f} hours are known; "
            f"{_FEWEST} over {_SHORTEST_HOURS:.0f} hours needed"
        )
    values = [series.values[i] for i in known]
    if min(values) <= 0:
        return Inconclusive("memory of zero or less is no memory use")
    if min(values) == max(values):
        return NoLeak(Rate(0.0, 0.0, 0.0), "every value is the same")
    floor = floor_of(series, starts)
    chance = likelihood(shape(floor, known=starts is not None))
    return _verdict(floor, chance, values[-1], limit)


def _verdict(floor: Floor, chance: float, now: float, limit: float | None) -> LeakVerdict:
    fitted = growth(floor)
    half = _NORMAL_95 * fitted.error
    rate = Rate(fitted.slope, fitted.slope - half, fitted.slope + half)
    seen = (
        f"over {floor.hours:.0f} hours and {floor.processes} process{'es' * (floor.processes > 1)}"
    )
    if chance >= _CERTAIN and rate.per_hour > 0:
        left = max(0.0, (limit - now) / rate.per_hour) if limit is not None else None
        ends = f"; {left:.0f} hours to the limit of {limit:.6g}" if left is not None else ""
        reason = (
            f"the floor grows by {_range(rate)} an hour {seen}, beyond warm-up and cycles{ends}"
        )
        return Leak(rate, left, reason)
    if chance >= _DOUBTFUL:
        return Inconclusive(
            f"the floor moves by {_range(rate)} an hour {seen}: more history is needed to tell a "
            f"leak from a cache that fills or a cycle"
        )
    return NoLeak(rate, f"the floor {seen} comes back or settles")


def _range(rate: Rate) -> str:
    return f"{rate.per_hour:.3g} ({rate.low:.3g} to {rate.high:.3g})"
