"""Judges recorded series as the watch would have judged them while they came in."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from bot.domain.analysis.clusters import smoothed_variance
from bot.domain.analysis.counts import Counts
from bot.domain.analysis.gain import ratio_of
from bot.domain.analysis.judges import (
    DOUBT,
    SLICES,
    ErrorJudge,
    LatencyJudge,
    Standing,
)
from bot.domain.analysis.level import level_of
from bot.domain.analysis.slowness import KINDS, Slowness, slowness
from bot.domain.analysis.summaries import FEWEST, first_worse, usual_errors, usual_latency
from bot.domain.analysis.verdict import Phase
from bot.domain.metrics import percentile
from bot.domain.policy import WatchPolicy

_Z95: Final = 1.96
_COARSE: Final = 60.0
"""Seconds between rows from which on they are taken for summaries, not for single requests."""


@dataclass(frozen=True, slots=True)
class Latency:
    """One request: seconds since 1970, milliseconds."""

    at: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Errors:
    """Some seconds: when they began (seconds since 1970), failed and all requests."""

    at: float
    errors: float
    requests: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the watch comes to.

    `decided_after_seconds` counts from the end of the warm-up. `effect` is the ratio of response
    times, or the difference of error rates, after to before, `low` and `high` its 95 % interval.
    """

    phase: Phase
    reason: str
    decided_after_seconds: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None


def replay_errors(
    baseline: Sequence[Errors], candidate: Sequence[Errors], policy: WatchPolicy
) -> Replayed:
    """Judge error rates; rows in the order of time, on both sides equally far apart.

    Where they are a minute or more apart, each is taken for a summary.
    """
    after = [row for row in warmed_up(candidate, policy) if isinstance(row, Errors)]
    if step(baseline) >= _COARSE:
        usual = usual_errors([(row.errors, row.requests) for row in baseline])
        found = [usual.off(row.errors, row.requests) for row in after] if usual else None
        return _summed_up(found, step(baseline), _error_effect(baseline, after))
    seconds = max(policy.duration_seconds / SLICES, step(after), step(baseline))
    old, new = (
        _sliced([(row.at, row.errors, row.requests) for row in rows], seconds)
        for rows in (baseline, after)
    )
    lacking = _lacking(old.total, new.total, len(candidate), len(after), policy)
    if old.total < 1 or new.total < 1:
        return Replayed(Phase.INCONCLUSIVE, lacking)
    standings = list(ErrorJudge(level_of(old), policy).walk(new))
    return _decide(standings, seconds, lacking, _error_effect(baseline, after))


def replay_latency(
    baseline: Sequence[Latency], candidate: Sequence[Latency], policy: WatchPolicy
) -> Replayed:
    """Judge response times, one row a request, in the order of time.

    Where they are a minute or more apart, each is taken for a summary: a mean or a percentile.
    """
    after = [row for row in warmed_up(candidate, policy) if isinstance(row, Latency)]
    if step(baseline) >= _COARSE:
        usual = usual_latency([row.milliseconds for row in baseline])
        found = [usual.off(row.milliseconds) for row in after] if usual else None
        return _summed_up(found, step(baseline), _latency_effect(baseline, after))
    lacking = _lacking(len(baseline), len(after), len(candidate), len(after), policy)
    if not baseline or not after:
        return Replayed(Phase.INCONCLUSIVE, lacking)
    seconds = policy.duration_seconds / SLICES
    ordered = sorted(row.milliseconds for row in baseline)
    slow = slowness(ordered, policy.latency_tolerance)
    old, new = (_ways(rows, slow, seconds) for rows in (baseline, after))
    standings = list(LatencyJudge(list(map(level_of, old, KINDS)), policy).walk(new))
    return _decide(standings, seconds, lacking, _latency_effect(baseline, after))


@dataclass(frozen=True, slots=True)
class _Effect:
    """In words, and as estimate, low and high, where they are known."""

    words: str
    values: tuple[float | None, float | None, float | None] = (None, None, None)


def _error_effect(baseline: Sequence[Errors], after: Sequence[Errors]) -> _Effect:
    old, new = (
        Counts([row.errors for row in rows], [row.requests for row in rows])
        for rows in (baseline, after)
    )
    words = f"the error rate went from {old.share:.2%} to {new.share:.2%}"
    if not (old.total and new.total):
        return _Effect(words)
    level, variance = level_of(old), smoothed_variance(new.hit, new.total)
    half = _Z95 * math.sqrt(level.spread**2 + level.clustering * variance / new.total)
    effect = new.share - old.share
    return _Effect(words, (effect, effect - half, effect + half))


def _latency_effect(baseline: Sequence[Latency], after: Sequence[Latency]) -> _Effect:
    sides = [[(row.at, row.milliseconds) for row in rows] for rows in (baseline, after)]
    old, new = (
        percentile(sorted(value for _, value in side), 0.5) if side else math.nan for side in sides
    )
    words = f"the median went from {old:.1f} ms to {new:.1f} ms"
    seen = ratio_of(*sides)
    return _Effect(words, (seen.ratio, seen.low, seen.high) if seen else (None, None, None))


def warmed_up(rows: Sequence["Row"], policy: WatchPolicy) -> Sequence["Row"]:
    """Those after the warm-up, which begins with the first; a coarse row may hold all of it."""
    if not rows:
        return rows
    start = rows[0].at + policy.warm_up_seconds
    length = step(rows)
    if isinstance(rows[0], Latency) and length < _COARSE:
        length = 0.0
    return [row for row in rows if row.at >= start or row.at + length > start]


def step(rows: Sequence["Row"]) -> float:
    """The usual seconds from one row to the next, 0 if there is no next."""
    gaps = [later.at - row.at for row, later in pairwise(rows)]
    return median(gaps) if gaps else 0.0


Row = Latency | Errors


def _ways(rows: Sequence[Latency], slow: Slowness, seconds: float) -> list[Counts]:
    """The rows counted in each way."""
    found = [slow.of(row.milliseconds) for row in rows]
    return [
        _sliced([(row.at, one, 1.0) for row, one in zip(rows, way, strict=True)], seconds)
        for way in zip(*found, strict=True)
    ]


def _sliced(rows: Sequence[tuple[float, float, float]], seconds: float) -> Counts:
    if not rows:
        return Counts([], [])
    first = rows[0][0]
    size = int((rows[-1][0] - first) / seconds) + 1
    hits, totals = [0.0] * size, [0.0] * size
    for at, hit, total in rows:
        # Rows that are just so far apart must not fall together by a rounding error.
        number = min(size - 1, int((at - first) / seconds + 1e-6))
        hits[number] += hit
        totals[number] += total
    return Counts(hits, totals)


def _lacking(before: float, after: float, rows: int, warm: int, policy: WatchPolicy) -> str:
    """What is missing to call it good, empty if nothing is."""
    if rows and not warm:
        return f"all rows of the candidate lie within the {policy.warm_up_seconds} s of warm-up"
    needed = max(1, policy.minimum_requests)
    if min(before, after) < needed:
        return f"{before:.0f} requests before and {after:.0f} after, {needed} needed on either side"
    return ""


def _decide(
    standings: Sequence[Standing], seconds: float, lacking: str, effect: _Effect
) -> Replayed:
    number = first_confirmed(iter(standings))
    if number is not None:
        after = (number + 1) * seconds
        return Replayed(Phase.FAILED, f"it got worse: {effect.words}", after, *effect.values)
    if lacking:
        return Replayed(Phase.INCONCLUSIVE, lacking, None, *effect.values)
    if standings[-1].evidence > DOUBT:
        why = f"more requests are needed to tell whether it is chance: {effect.words}"
        return Replayed(Phase.INCONCLUSIVE, why, None, *effect.values)
    why = f"nothing got worse over {standings[-1].requests:.0f} requests: {effect.words}"
    return Replayed(Phase.SUCCESSFUL, why, len(standings) * seconds, *effect.values)


def _summed_up(off: Sequence[float] | None, seconds: float, effect: _Effect) -> Replayed:
    """The same of summaries, by how far each is off; None where the baseline says too little."""
    if off is None or len(off) < 2:
        why = f"summaries: {FEWEST} of the baseline and two of the candidate are needed"
        return Replayed(Phase.INCONCLUSIVE, why, None, *effect.values)
    number = first_worse(off)
    if number is not None:
        after = (number + 1) * seconds
        why = f"it got worse in two summaries running: {effect.words}"
        return Replayed(Phase.FAILED, why, after, *effect.values)
    why = f"nothing got worse over {len(off)} summaries: {effect.words}"
    return Replayed(Phase.SUCCESSFUL, why, len(off) * seconds, *effect.values)


def first_confirmed(standings: Iterator[Standing]) -> int | None:
    """The number of the slice, from 0, that confirms what the one before it found; or None."""
    former = False
    for number, standing in enumerate(standings):
        if standing.bad and former:
            return number
        former = standing.bad
    return None
