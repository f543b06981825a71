"""Where a series may have changed: splits that are worth a test."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from bot.domain.detection.ranks import ranks

_BLOCK = 1000
_WIDTHS = (8, 15, 30, 60)
_PENALTY, _FLOOR = 3.0, 1.2
"""Low, since every proposal is tested: per change in log(n), and in standard errors of a rank."""


def pelt(values: Sequence[float], penalty: float, least: int) -> list[int]:
    """The first indices of the segments that best explain the values by their means.

    Pruned exact linear time search (Killick, Fearnhead and Eckley 2012) over the squared error of
    values scaled to unit variance; `penalty` is per change, `least` the fewest points of a segment.
    """
    n = len(values)
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / n
    if variance <= 0 or n < 2 * least:
        return []
    scaled = [(value - mean) / math.sqrt(variance) for value in values]
    sums = [0.0, *accumulate(scaled)]
    squares = [0.0, *accumulate(value * value for value in scaled)]
    best = [-penalty] + [math.inf] * n
    last = [0] * (n + 1)
    open_starts: list[int] = []
    for end in range(least, n + 1):
        if end == least or end >= 2 * least:
            open_starts.append(end - least)
        total, square = sums[end], squares[end]
        costs = [
            best[s] + square - squares[s] - (total - sums[s]) ** 2 / (end - s) for s in open_starts
        ]
        lowest = min(costs)
        best[end] = lowest + penalty
        last[end] = open_starts[costs.index(lowest)]
        open_starts = [s for s, cost in zip(open_starts, costs, strict=True) if cost <= best[end]]
    return _back(last, n)


def _back(last: Sequence[int], end: int) -> list[int]:
    found = []
    while last[end] > 0:
        end = last[end]
        found.append(end)
    return found[::-1]


def proposals(values: Sequence[float], fewest: int) -> list[int]:
    """Splits worth a test: of a search over all values, and of windows of several widths.

    Both look at ranks, so that no outlier makes one. Long series are searched in blocks.
    """
    ranked = ranks(values)
    found = set(_peaks_of_windows(ranked, fewest))
    for start in range(0, len(values), _BLOCK):
        block = ranked[start : start + _BLOCK]
        found.update(start + at for at in pelt(block, _PENALTY * math.log(len(block) + 1), fewest))
        found.add(start)
    return sorted(found - {0})


def _peaks_of_windows(ranked: Sequence[float], fewest: int) -> Iterator[int]:
    n = len(ranked)
    sums = [0.0, *accumulate(ranked)]
    for width in _WIDTHS:
        if width > n:
            return
        scores = [0.0] * (n + 1)
        for at in range(fewest, n - fewest + 1):
            start, end = max(0, at - width), min(n, at + width)
            before, after = at - start, end - at
            gap = (sums[end] - sums[at]) / after - (sums[at] - sums[start]) / before
            scores[at] = abs(gap) * math.sqrt(before * after / (before + after))
        yield from _peaks(scores, width // 2, _FLOOR * n / math.sqrt(12))


def _peaks(scores: Sequence[float], width: int, floor: float) -> Iterator[int]:
    for at, score in enumerate(scores):
        if score > floor and score == max(scores[max(0, at - width) : at + width + 1]):
            yield at
