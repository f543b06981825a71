"""Statistics of ranks, which neither outliers nor the unit of a series can move."""

import math
from collections import Counter
from collections.abc import Sequence


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; ties share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for i in order[start:end]:
            found[i] = (start + end + 1) / 2
        start = end
    return found


def median(values: Sequence[float]) -> float:
    """The middle value; ValueError without any."""
    return quantile(sorted(values), 0.5)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of the ordered values lies, interpolated."""
    if not ordered:
        raise ValueError("no values")
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> float:
    """The median absolute deviation, as the standard deviation of a normal (times 1.4826)."""
    middle = median(values)
    return 1.4826 * median([abs(value - middle) for value in values])


def two_sided(z: float) -> float:
    """The probability that a standard normal is farther from zero than z."""
    return math.erfc(abs(z) / math.sqrt(2))


def mann_whitney(before: Sequence[float], after: Sequence[float]) -> float:
    """Standard normal score of the rank sum test with ties (Mann and Whitney 1947).

    Above zero where `after` is higher; zero where all values are equal or a side is empty.
    """
    m, n = len(before), len(after)
    both = [*before, *after]
    total = m + n
    if not m or not n:
        return 0.0
    ties = math.fsum(count**3 - count for count in Counter(both).values() if count > 1)
    variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 0.0
    excess = math.fsum(ranks(both)[m:]) - n * (total + 1) / 2
    return math.copysign(max(0.0, abs(excess) - 0.5), excess) / math.sqrt(variance)
