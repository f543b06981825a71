"""Whether benchmarks became better or worse than a baseline, by how much chance can explain.

Everything is compared as a ratio, on logarithms. Where there are several runs (files) of either
side, what differs between them is the noise; a single run knows only what differs inside it, and
`BETWEEN_RUNS` stands for the rest.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import NormalDist, fmean, median
from typing import Final

from bot.domain.measured import BenchmarkResult, Direction
from bot.domain.significance import adjusted

_NORMAL: Final = NormalDist()
_Z99: Final = _NORMAL.inv_cdf(0.995)
FALSE_DISCOVERIES: Final = 0.01
"""Of all changes that are claimed, how many may be chance (Benjamini and Hochberg, 1995)."""
_FREEDOM: Final = 3
"""With fewer degrees of freedom than this, runs say too little about how they differ."""
BETWEEN_RUNS: Final = 0.02
"""The standard error, as a share, by which two runs of the same code are taken to differ.

An assumption, not yet a measurement: give five files or more, and it has no say."""
_BLOCKS, _LEAST_VALUES = 10, 8


class Kind(StrEnum):
    """What is said of one benchmark."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Judged:
    """One benchmark: `factor` is the value after over that before, with its 99 % interval."""

    name: str
    unit: str
    kind: Kind
    why: str = ""
    factor: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class _Estimate:
    """How much worse, as a logarithm, with its standard error and the degrees of freedom."""

    worse: float
    error: float
    freedom: float

    def p_beyond(self, bound: float) -> float:
        """How likely chance shows so much when the truth is no worse than the bound."""
        return 1 - _NORMAL.cdf(_as_normal((self.worse - bound) / self.error, self.freedom))

    def p_below(self, bound: float) -> float:
        """The same for the other side."""
        return _NORMAL.cdf(_as_normal((self.worse + bound) / self.error, self.freedom))

    @property
    def margin(self) -> float:
        """Half of the interval that holds in 99 of 100 cases."""
        return self.error * _as_student(_Z99, self.freedom)


_Key = tuple[str, str, Direction]
_Sides = tuple[Sequence[BenchmarkResult], Sequence[BenchmarkResult]]
Run = Sequence[BenchmarkResult]
"""The results of one file."""


def judge(baseline: Sequence[Run], candidate: Sequence[Run], threshold: float) -> list[Judged]:
    """Every benchmark of either side that has a better way; the worst first.

    `threshold` is the share of change that matters: 0.1 asks whether a time is more than 1.1
    times, or a rate less than 1/1.1 times, what it was.
    """
    before, after = _by_key(baseline), _by_key(candidate)
    bound = math.log1p(threshold)
    keys = list(dict.fromkeys([*before, *after]))
    sides = [(before.get(key, []), after.get(key, [])) for key in keys]
    estimates = [_estimate(key[2], pair) for key, pair in zip(keys, sides, strict=True)]
    known = [one for one in estimates if isinstance(one, _Estimate)]
    worse = iter(adjusted([one.p_beyond(bound) for one in known]))
    better = iter(adjusted([one.p_below(bound) for one in known]))
    found = []
    for key, pair, estimate in zip(keys, sides, estimates, strict=True):
        if isinstance(estimate, str):
            values = (_middle(pair[0]), _middle(pair[1]))
            found.append(
                Judged(
                    key[0], key[1], Kind.INCONCLUSIVE, estimate, before=values[0], after=values[1]
                )
            )
        else:
            found.append(_judged(key, pair, estimate, bound, (next(worse), next(better))))
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), -_size(one), one.name))


def _judged(
    key: _Key, pair: _Sides, found: _Estimate, bound: float, p: tuple[float, float]
) -> Judged:
    # The factor is that of the value, whichever way is better.
    sign = 1 if key[2] is Direction.LOWER else -1
    ends = sorted(sign * found.worse + side * found.margin for side in (-1, 1))
    kind, why = Kind.INCONCLUSIVE, "the interval is too wide to tell: measure more runs"
    if p[0] < FALSE_DISCOVERIES:
        kind, why = Kind.REGRESSION, ""
    elif p[1] < FALSE_DISCOVERIES:
        kind, why = Kind.IMPROVEMENT, ""
    elif abs(found.worse) + found.margin <= bound:
        kind, why = Kind.SAME, ""
    factor, low, high = (_power(one) for one in (sign * found.worse, *ends))
    before, after = _middle(pair[0]), _middle(pair[1])
    return Judged(key[0], key[1], kind, why, factor, low, high, before, after)


def _estimate(direction: Direction, pair: _Sides) -> _Estimate | str:
    """How much worse it is, or why that cannot be said."""
    problem = _missing(pair)
    if problem:
        return problem
    old, new = pair
    if all(one.value == 0 for one in (*old, *new)):
        return _Estimate(0.0, 1e-9, math.inf)
    if not all(one.value is not None and one.value > 0 for one in (*old, *new)):
        return "a value is not above nothing, so there is no ratio"
    blocks = all(len(one.values) >= _LEAST_VALUES and min(one.values) > 0 for one in (*old, *new))
    levels = [[_level(one, blocks=blocks) for one in side] for side in pair]
    worse = fmean(levels[1]) - fmean(levels[0])
    worse = worse if direction is Direction.LOWER else -worse
    freedom = len(old) + len(new) - 2
    if freedom >= _FREEDOM:
        squares = math.fsum((x - fmean(side)) ** 2 for side in levels for x in side)
        error = math.sqrt(squares / freedom * (1 / len(old) + 1 / len(new)))
        return _Estimate(worse, max(error, 1e-9), freedom)
    errors = [[_inside(one, blocks=blocks) for one in side] for side in pair]
    total = 0.0
    for side in errors:
        for inside in side:
            if inside is None:
                return "single values do not say how much they vary: give five files or more"
            total += (inside**2 + BETWEEN_RUNS**2) / len(side) ** 2
    return _Estimate(worse, math.sqrt(total), math.inf)


def _missing(pair: _Sides) -> str:
    for side, where in zip(pair, ("the baseline", "the new files"), strict=True):
        if not side:
            return f"it is not in {where}"
        gone = [one.missing for one in side if one.value is None]
        if gone:
            return f"it has no value in {where}: {gone[0]}"
    return ""


def _level(one: BenchmarkResult, *, blocks: bool) -> float:
    return fmean(_middles(one)) if blocks else math.log(one.value or 1.0)


def _inside(one: BenchmarkResult, *, blocks: bool) -> float | None:
    """The standard error of one run's level by what differs inside it, None if nobody knows."""
    if blocks:
        middles = _middles(one)
        mean = fmean(middles)
        squares = math.fsum((x - mean) ** 2 for x in middles)
        return math.sqrt(squares / (len(middles) - 1) / len(middles))
    if one.stddev is None or not one.count or one.count < 2 or not one.value:
        return None
    return one.stddev / one.value / math.sqrt(one.count)


def _middles(one: BenchmarkResult) -> list[float]:
    """The logarithms of the medians of blocks in the order of measuring.

    What drifts slowly differs between blocks, so that measurements which hang together are not
    counted as if they did not.
    """
    count = min(_BLOCKS, len(one.values) // 2)
    cuts = [number * len(one.values) // count for number in range(count + 1)]
    pieces = (one.values[a:b] for a, b in pairwise(cuts))
    return [math.log(median(piece)) for piece in pieces]


def _by_key(runs: Sequence[Run]) -> dict[_Key, list[BenchmarkResult]]:
    found: dict[_Key, list[BenchmarkResult]] = {}
    for run in runs:
        for one in run:
            if one.direction is not Direction.NEITHER:
                found.setdefault((one.name, one.unit, one.direction), []).append(one)
    return found


def _middle(side: Iterable[BenchmarkResult]) -> float | None:
    values = [one.value for one in side if one.value is not None]
    return median(values) if values else None


def _as_normal(t: float, freedom: float) -> float:
    """A Student's t as the normal deviate of the same probability (Wallace, 1959)."""
    if math.isinf(freedom):
        return t
    size = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return math.copysign(size, t)


def _as_student(z: float, freedom: float) -> float:
    """The way back."""
    if math.isinf(freedom):
        return z
    grown = (z * (8 * freedom + 3) / (8 * freedom + 1)) ** 2
    return math.sqrt(freedom * math.expm1(grown / freedom))


def _power(logarithm: float) -> float:
    """`exp` that ends at what a float holds."""
    return math.exp(max(-700.0, min(700.0, logarithm)))


def _size(one: Judged) -> float:
    return abs(math.log(one.factor)) if one.factor else 0.0
