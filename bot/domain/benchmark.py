"""Whether new code is faster than old, from interleaved timings in fresh processes.

Each round times old, new and old again. The ratio old/new is judged beside old/old of the same
rounds (A/A), so that what the machine does to the same code is never taken for a gain.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MINIMUM_ROUNDS = 5
_USABLE = 0.75
_SLIGHT = math.log1p(0.01)
"""What is too slight to matter: by so much the new code may be slower without being called so, and
a gain that looks smaller after the first rounds is not measured any further."""
_SHORTEST, _LONGEST = 1e-12, 1e9
"""Seconds that a clock can show: outside them, and for what is no number, nothing was timed."""
_TIMES, _MORE_BYTES = 2, 8 * 1024 * 1024
"""See `takes_too_much`."""
_Z99 = 2.576
"""Two-sided 99 % quantile of the normal distribution: a claim is made at most once in a hundred by
chance before the minimum effect is asked for."""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds for the same work: old, new, and old once more."""

    old: float
    new: float
    again: float


@dataclass(frozen=True, slots=True)
class Peaks:
    """Bytes that the hungriest of the timed calls holds at once, in old and new code.

    What Python's allocators hand out during the call (`tracemalloc`); not what a C library asks
    the system for.
    """

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Timings:
    """The rounds of one measurement and what was measured (`inputs` is for a person to read)."""

    rounds: tuple[Round, ...]
    inputs: str = ""
    why: str = ""
    peaks: Peaks | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """Old time over new time: the middle estimate and its 99 % interval."""

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


@dataclass(frozen=True, slots=True)
class Measurement:
    """A verdict, what was timed (for a person to read), and the memory that it took."""

    benchmark: Benchmark
    inputs: str = ""
    peaks: Peaks | None = None


def held(peaks: Peaks) -> str:
    """For a person to read."""
    return f"a call holds {_size(peaks.after)} at once, {_size(peaks.before)} before"


def _size(count: int) -> str:
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} bytes"


def takes_too_much(peaks: Peaks | None) -> bool:
    """Whether no gain in time is worth the memory: more than twice as much, and plainly more.

    A set beside a list doubles what a small call holds, and is what a reader expects of it; a copy
    of a large file is not.
    """
    if peaks is None:
        return False
    return peaks.after > _TIMES * peaks.before and peaks.after - peaks.before > _MORE_BYTES


def judge_speed(rounds: Sequence[Round], minimum_effect: float = 0.05) -> Benchmark:
    """Decide from `rounds` whether the new code is faster by more than `minimum_effect`.

    Rounds without three times that a clock can show are not used, and where they are more than a
    quarter nothing is: what is too short to be timed is not missing by chance. The A/A log ratios
    of the same rounds give the noise, whose absolute median widens the effect that is asked for.
    """
    usable = _usable(rounds)
    wanted = max(MINIMUM_ROUNDS, math.ceil(_USABLE * len(rounds)))
    if len(usable) < wanted:
        return Unmeasured(f"{len(usable)} usable rounds, {wanted} needed")
    low, middle, high = _log_ratio(usable)
    noise = abs(median(math.log(r.old / r.again) for r in usable))
    speed = Speed(math.exp(middle), math.exp(low), math.exp(high))
    needed = math.log1p(minimum_effect) + noise
    if low > needed:
        return Faster(speed)
    if high < -noise - _SLIGHT:
        return Slower(speed)
    if -needed <= low and high <= needed:
        return Same(speed)
    why = "no gain is seen" if middle < _SLIGHT else "the interval is too wide to tell"
    return Unmeasured(why, speed)


def _usable(rounds: Sequence[Round]) -> list[Round]:
    return [r for r in rounds if all(_SHORTEST < t < _LONGEST for t in (r.old, r.new, r.again))]


def is_hopeless(rounds: Sequence[Round]) -> bool:
    """Whether further rounds are not worth their time: enough are there, and they show no gain.

    It only ever ends a measurement that would claim nothing, so it makes no claim likelier.
    """
    usable = _usable(rounds)
    return len(usable) >= MINIMUM_ROUNDS and _log_ratio(usable)[1] < _SLIGHT


def _log_ratio(rounds: Sequence[Round]) -> tuple[float, float, float]:
    """The log of old over new with its 99 % interval: low, estimate, high.

    The estimate is the median of all differences between an old and a new time (Hodges and
    Lehmann 1963), the interval that of the Mann-Whitney test. Both shrug at the one process in
    ten that is slow for no reason, where a mean does not. Each round is first centred on the
    middle of its three times, which takes out what the machine does from round to round.
    """
    old, new = [], []
    for timing in rounds:
        logs = [math.log(time) for time in (timing.old, timing.new, timing.again)]
        centre = median(logs)
        old += [logs[0] - centre, logs[2] - centre]
        new.append(logs[1] - centre)
    differences = sorted(before - after for before in old for after in new)
    pairs = len(differences)
    spread = math.sqrt(pairs * (len(old) + len(new) + 1) / 12)
    rank = max(0, math.floor(pairs / 2 - _Z99 * spread))
    return differences[rank], median(differences), differences[-rank - 1]


def confirm(first: Benchmark, second: Benchmark) -> Benchmark:
    """A gain is claimed only if a second measurement finds it too; the smaller claim counts."""
    if not isinstance(first, Faster):
        return first
    if isinstance(second, Faster):
        return min(first, second, key=lambda found: found.speed.low)
    return Unmeasured("a second measurement does not confirm the gain", first.speed)
