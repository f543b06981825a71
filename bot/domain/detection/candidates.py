"""Where a series may have changed: splits that are worth a test."""

import math
from collections.abc import Sequence
from itertools import accumulate

from bot.domain.detection.ranks import ranks


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
        open_starts.append(end - least) if end - least == 0 or end - least >= least else None
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


def rank_pelt(values: Sequence[float], weight: float, least: int) -> list[int]:
    """Changes of the mean rank, so that no outlier makes one."""
    return pelt(ranks(values), weight * math.log(max(2, len(values))), least)


def scan(values: Sequence[float], least: int) -> list[int]:
    """Splits where windows of several widths differ most, by means of ranks on either side."""
    ranked = ranks(values)
    sums = [0.0, *accumulate(ranked)]
    n = len(values)
    found: set[int] = set()
    for width in (8, 15, 30, 60):
        if 2 * width > n + width:
            break
        scores = [0.0] * (n + 1)
        for at in range(least, n - least + 1):
            a, b = max(0, at - width), min(n, at + width)
            m, k = at - a, b - at
            gap = (sums[b] - sums[at]) / k - (sums[at] - sums[a]) / m
            scores[at] = abs(gap) * math.sqrt(m * k / (m + k))
        found.update(_peaks(scores, width // 2, 1.2 * n / math.sqrt(12)))
    return sorted(found)


def _peaks(scores: Sequence[float], width: int, floor: float) -> list[int]:
    return [
        at
        for at, score in enumerate(scores)
        if score > floor and score == max(scores[max(0, at - width) : at + width + 1])
    ]
