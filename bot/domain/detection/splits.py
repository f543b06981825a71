"""How certain it is that a series has another level from one of its values on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.domain.detection.ranks import mann_whitney, median, ranks, spread, two_sided


@dataclass(frozen=True, slots=True)
class Setting:
    """What makes a change: one setting for every series, found with benchmarks/detection.py.

    A split is certain where z + `weight` * ln(gap) >= `needed`: z is the rank sum score of up to
    `reach` values on either side, less what their autocorrelation lends it, and gap is the
    difference of the medians in robust standard deviations. So a small gap needs many values, and
    a clear one few; but before that reduction the score is at least `z`, or that `share` of the
    highest that so few values can reach, since values of two modes have wide gaps by chance.
    `effect` is the least difference as a share of the level before.
    """

    fewest: int = 5
    reach: int = 100
    effect: float = 0.02
    gap: float = 0.7
    z: float = 4.2
    share: float = 0.85
    weight: float = 2.0
    needed: float = 7.5


STANDARD = Setting()
_WIDEST_GAP = 20.0
"""A wider gap, which rounded values have, makes nothing more certain."""
_MOST_DRAG = 0.5
"""Autocorrelation beyond this is a change on either side rather than noise."""


@dataclass(frozen=True, slots=True)
class Split:
    """A split with the change it would be; `margin` is below zero where it is none."""

    at: int
    effect: float
    p: float
    margin: float


def judge(values: Sequence[float], start: int, at: int, end: int, setting: Setting) -> Split:
    """The split at `at` of the values from `start` to before `end`."""
    before = values[max(start, at - setting.reach) : at]
    after = values[at : min(end, at + setting.reach)]
    if min(len(before), len(after)) < setting.fewest:
        return Split(at, 0.0, 1.0, min(len(before), len(after)) - setting.needed - setting.fewest)
    old, new = median(before), median(after)
    drag = min(_MOST_DRAG, autocorrelation(before, after))
    raw = abs(mann_whitney(before, after))
    z = raw * math.sqrt((1 - drag) / (1 + drag))
    noise = math.sqrt((spread(before) ** 2 + spread(after) ** 2) / 2)
    gap = abs(new - old) / noise if noise else _WIDEST_GAP if new != old else 0.0
    effect = relative(old, new)
    margin = min(
        z + setting.weight * math.log(min(_WIDEST_GAP, max(gap, 0.05))) - setting.needed,
        raw - min(setting.z, setting.share * _highest(len(before), len(after))),
        gap - setting.gap,
        abs(effect) / setting.effect - 1,
    )
    return Split(at, effect, two_sided(z), margin)


def _highest(m: int, n: int) -> float:
    """The rank sum score of sides that do not overlap."""
    return math.sqrt(3 * m * n / (m + n + 1))


def relative(old: float, new: float) -> float:
    """The change as a share of the old level; of the new one where the old is zero."""
    level = abs(old) or abs(new)
    return (new - old) / level if level else 0.0


def autocorrelation(before: Sequence[float], after: Sequence[float]) -> float:
    """Of the ranks of both sides about their own medians, from one value to the next; at least 0.

    Values that hang together say less than as many independent ones (Bayley and Hammersley 1946).
    """
    sides = [[value - median(side) for value in side] for side in (before, after)]
    ranked = ranks([*sides[0], *sides[1]])
    middle = (len(ranked) + 1) / 2
    off = [rank - middle for rank in ranked]
    square = math.fsum(one * one for one in off)
    if not square:
        return 0.0
    both = math.fsum(a * b for a, b in pairwise(off))
    across = off[len(before) - 1] * off[len(before)]
    return max(0.0, (both - across) / square)


def best_split(
    values: Sequence[float], start: int, end: int, fewest: int
) -> tuple[int, int, int] | None:
    """Where the ranks differ most on either side, and the first and last index that may be it.

    Those are where the likelihood is not far lower (95 % of a normal's). None without room.
    """
    n = end - start
    if n < 2 * fewest:
        return None
    sums = list(accumulate(ranks(values[start:end])))
    middle = (n + 1) / 2
    scale = 12 / (n * (n + 1))
    scores = [
        (sums[i - 1] - i * middle) ** 2 * scale * n / (i * (n - i))
        for i in range(fewest, n - fewest + 1)
    ]
    best = max(scores)
    near = [i for i, score in enumerate(scores) if score >= best - 3.84]
    first = start + fewest
    return first + scores.index(best), first + near[0], first + near[-1]
