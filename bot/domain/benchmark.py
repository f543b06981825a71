"""Whether new code is faster than old, from interleaved timings in fresh processes.

Each round times old, new and old again. The ratio old/new is judged beside old/old of the same
rounds (A/A), so that what the machine does to the same code is never taken for a gain.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

MINIMUM_ROUNDS = 5
_USABLE = 0.75
_SHORTEST, _LONGEST = 1e-12, 1e9
"""Seconds that a clock can show: outside them, and for what is no number, nothing was timed."""
# Two-sided 99 % quantiles of Student's t by degrees of freedom: a claim is made at most once in a
# hundred by chance before the minimum effect is asked for. Source: the t distribution's tables.
_T99 = {4: 4.604, 5: 4.032, 6: 3.707, 7: 3.499, 8: 3.355, 9: 3.250, 10: 3.169, 12: 3.055}
_T99 |= {14: 2.977, 16: 2.921, 19: 2.861, 24: 2.797, 29: 2.756, 39: 2.708, 59: 2.662}


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds for the same work: old, new, and old once more."""

    old: float
    new: float
    again: float


@dataclass(frozen=True, slots=True)
class Timings:
    """The rounds of one measurement and what was measured (`inputs` is for a person to read)."""

    rounds: tuple[Round, ...]
    inputs: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Speed:
    """Old time over new time: the geometric mean of the rounds and its 99 % interval."""

    speedup: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Faster:
    """The whole interval lies above what noise and the minimum effect explain."""

    speed: Speed


@dataclass(frozen=True, slots=True)
class Same:
    """The interval lies inside the minimum effect on both sides."""

    speed: Speed


@dataclass(frozen=True, slots=True)
class Slower:
    """The whole interval lies below one by more than noise explains."""

    speed: Speed


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Not enough to say, and why; `speed` is what was seen, if anything was."""

    why: str
    speed: Speed | None = None


Benchmark = Faster | Same | Slower | Unmeasured


def judge_speed(rounds: Sequence[Round], minimum_effect: float = 0.05) -> Benchmark:
    """Decide from `rounds` whether the new code is faster by more than `minimum_effect`.

    Rounds without three times that a clock can show are not used, and where they are more than a
    quarter nothing is: what is too short to be timed is not missing by chance. Uses the mean log
    ratio with a Student interval; the A/A log ratios of the same rounds give the noise, whose
    absolute median widens the effect that is asked for.
    """
    usable = [r for r in rounds if all(_SHORTEST < t < _LONGEST for t in (r.old, r.new, r.again))]
    wanted = max(MINIMUM_ROUNDS, math.ceil(_USABLE * len(rounds)))
    if len(usable) < wanted:
        return Unmeasured(f"{len(usable)} usable rounds, {wanted} needed")
    ratios = [math.log((r.old + r.again) / 2 / r.new) for r in usable]
    noise = abs(median(math.log(r.old / r.again) for r in usable))
    half = _t99(len(usable) - 1) * stdev(ratios) / math.sqrt(len(usable))
    mean = fmean(ratios)
    speed = Speed(math.exp(mean), math.exp(mean - half), math.exp(mean + half))
    needed = math.log1p(minimum_effect) + noise
    if mean - half > needed:
        return Faster(speed)
    if mean + half < -noise:
        return Slower(speed)
    if -needed <= mean - half and mean + half <= needed:
        return Same(speed)
    return Unmeasured("the interval is too wide to tell", speed)


def confirm(first: Benchmark, second: Benchmark) -> Benchmark:
    """A gain is claimed only if a second measurement finds it too; the smaller claim counts."""
    if not isinstance(first, Faster):
        return first
    if isinstance(second, Faster):
        return min(first, second, key=lambda found: found.speed.low)
    return Unmeasured("a second measurement does not confirm the gain", first.speed)


def _t99(degrees: int) -> float:
    """The quantile for the nearest smaller number of degrees listed: never too narrow."""
    return _T99[max(known for known in _T99 if known <= max(degrees, min(_T99)))]
