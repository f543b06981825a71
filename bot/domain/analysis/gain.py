"""Whether the promised gain arrived in production: the ratio of response times, its interval."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.metrics import Request

_Z95: Final = 1.96
"""Two-sided 95 % quantile of the normal distribution."""
_BLOCKS: Final = (5.0, 15.0, 60.0)
"""Seconds of the blocks whose means show how much slow moments cluster."""
_FEWEST_BLOCKS: Final = 4
_SHORTEST_MS: Final = 1e-3
"""A request that took no time at all took at most this; a logarithm of nothing says nothing."""
_HALF: Final = 0.5
"""The part of the promise that must be there for certain before it counts as kept."""
FEWEST: Final = 20
"""Requests on either side below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Response time after over before: the ratio of geometric means and its 95 % interval."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """At least half of what was promised is there, for certain."""

    seen: Ratio
    why: str


@dataclass(frozen=True, slots=True)
class NotArrived:
    """Less than half of what was promised is there, for certain."""

    seen: Ratio
    why: str


@dataclass(frozen=True, slots=True)
class GainUnclear:
    """Nobody can tell; `seen` is what was measured, if anything was."""

    why: str
    seen: Ratio | None = None


Gain = Arrived | NotArrived | GainUnclear


def judge_gain(before: Sequence[Request], after: Sequence[Request], promised: float) -> Gain:
    """Decide whether `after` is faster by what was promised, a fraction of the time before.

    The bound between the two answers is half of the promise; an interval that holds the bound is
    no answer. Failed requests do not count: to fail fast is no gain.
    """
    old, new = _measured(before), _measured(after)
    if min(len(old), len(new)) < FEWEST:
        why = f"{len(old)} requests before and {len(new)} after, {FEWEST} needed on either side"
        return GainUnclear(why)
    seen = ratio_of(old, new)
    if seen is None:
        return GainUnclear("the requests lie too close together in time to see how they vary")
    bound = 1 - _HALF * promised
    if seen.high < bound:
        return Arrived(seen, "the service has become faster")
    if seen.low > bound:
        return NotArrived(seen, f"the time saved is less than half of the {promised:.0%} promised")
    return GainUnclear("the interval is too wide to tell", seen)


def ratio_of(
    before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]]
) -> Ratio | None:
    """The ratio of two series of (seconds, milliseconds); None where its interval is unknown.

    The standard errors are those of block means (Cameron and Miller 2015, cluster-robust), of the
    length of blocks that shows the largest.
    """
    old, new = _log_mean(before), _log_mean(after)
    if old is None or new is None:
        return None
    middle = new[0] - old[0]
    half = _Z95 * math.hypot(old[1], new[1])
    # Half an interval beyond e^300 says nothing more, and must not leave the range of a float.
    return Ratio(*(math.exp(max(-300.0, min(300.0, middle + off))) for off in (0, -half, half)))


def _measured(requests: Sequence[Request]) -> list[tuple[float, float]]:
    return [
        (request.at.timestamp(), request.milliseconds)
        for request in requests
        if not request.failed and math.isfinite(request.milliseconds) and request.milliseconds >= 0
    ]


def _log_mean(series: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The mean of the logarithms and its standard error, None if there are too few blocks."""
    if not series:
        return None
    logs = [(at, math.log(max(_SHORTEST_MS, value))) for at, value in series]
    mean = math.fsum(value for _, value in logs) / len(logs)
    off = [(at, value - mean) for at, value in logs]
    errors = [error for size in _BLOCKS for error in _block_error(off, size)]
    return (mean, max(errors)) if errors else None


def _block_error(off: Sequence[tuple[float, float]], seconds: float) -> Iterator[float]:
    """The standard error by blocks of one length, widened where they are few; none if too few."""
    sums: dict[int, float] = {}
    for at, value in off:
        number = int(at // seconds)
        sums[number] = sums.get(number, 0.0) + value
    count = len(sums)
    if count >= _FEWEST_BLOCKS:
        squares = math.fsum(value * value for value in sums.values())
        yield math.sqrt(squares * count / (count - 1)) / len(off) * (1 + 1 / (count - 1))
