"""A mergeable summary of values, from which any percentile is right to a stated relative error.

Values are counted in buckets whose bounds grow by a constant factor, as DDSketch does (Masson, Rim
and Lee, VLDB 2019). Adding the counts of two sketches gives the sketch of all their values, so that
percentiles over any span, and over what several processes counted, are as good as over one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

ACCURACY: Final = 0.01
"""A percentile is at most this share of itself away from the true one."""
MOST_BUCKETS: Final = 1_024
"""Of more, the smallest values are counted together: only low percentiles get worse."""
SMALLEST: Final = 1e-9
"""What is nearer to nothing is counted as nothing."""

_GAMMA: Final = (1 + ACCURACY) / (1 - ACCURACY)
_PER_LOG: Final = 1 / math.log(_GAMMA)
_MIDDLE: Final = 2 / (1 + _GAMMA)


@dataclass(frozen=True, slots=True)
class Sketch:
    """How many values lie in each bucket; `below` holds the negative ones by their size."""

    above: Mapping[int, int] = field(default_factory=dict)
    below: Mapping[int, int] = field(default_factory=dict)
    zeros: int = 0

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.above.values()) + sum(self.below.values()) + self.zeros

    def percentile(self, share: float) -> float:
        """The nearest-rank percentile; `share` is 0 to 1, the sketch not empty."""
        rank = max(1, math.ceil(share * self.count))
        negative = sum(self.below.values())
        if rank <= negative:
            return -_nth(self.below, negative - rank + 1)
        if rank <= negative + self.zeros:
            return 0.0
        return _nth(self.above, rank - negative - self.zeros)

    def share_above(self, bound: float) -> float:
        """Which share of the values lies above a bound of 0 or more, to the bucket it is in."""
        limit = _bucket(bound) if bound >= SMALLEST else -math.inf
        return sum(count for bucket, count in self.above.items() if bucket > limit) / self.count


def sketch_of(values: Iterable[float]) -> Sketch:
    """The sketch of finite values."""
    numbers = list(values)
    # All positive is by far the most frequent case.
    above = Counter([_bucket(value) for value in numbers if value >= SMALLEST])
    if above.total() == len(numbers):
        return Sketch(_bounded(above))
    below = Counter([_bucket(-value) for value in numbers if value <= -SMALLEST])
    zeros = len(numbers) - above.total() - below.total()
    return Sketch(_bounded(above), _bounded(below), zeros)


def merged(sketches: Iterable[Sketch]) -> Sketch:
    """The sketch of the values of all of them."""
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    zeros = 0
    for one in sketches:
        _add(above, one.above)
        _add(below, one.below)
        zeros += one.zeros
    return Sketch(_bounded(above), _bounded(below), zeros)


def weighted(counts: Iterable[tuple[float, int]]) -> Sketch:
    """The sketch of values that occur so many times each."""
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    zeros = 0
    for value, count in counts:
        if count > 0 and abs(value) < SMALLEST:
            zeros += count
        elif count > 0:
            _add(above if value > 0 else below, {_bucket(abs(value)): count})
    return Sketch(_bounded(above), _bounded(below), zeros)


def approximate(count: int, points: Iterable[tuple[float, float]]) -> Sketch:
    """The sketch of so many values of which only percentiles are known.

    Each point is a share, ascending to 1, and the value that it reaches; all values up to it are
    taken for that value.
    """
    counts, done = [], 0
    for share, value in points:
        reached = max(done, round(share * count))
        counts.append((value, reached - done))
        done = reached
    return weighted(counts)


def _bucket(value: float) -> int:
    return math.ceil(math.log(value) * _PER_LOG)


def _middle(bucket: int) -> float:
    return math.exp(bucket / _PER_LOG) * _MIDDLE


def _nth(buckets: Mapping[int, int], rank: int) -> float:
    """The middle of the bucket that holds the value of this rank, counted from 1 upwards."""
    ordered = sorted(buckets)
    for bucket, reached in zip(ordered, accumulate(buckets[b] for b in ordered), strict=True):
        if reached >= rank:
            return _middle(bucket)
    return _middle(ordered[-1])


def _add(total: dict[int, int], more: Mapping[int, int]) -> None:
    for bucket, count in more.items():
        total[bucket] = total.get(bucket, 0) + count


def _bounded(buckets: dict[int, int]) -> dict[int, int]:
    if len(buckets) <= MOST_BUCKETS:
        return buckets
    lowest = sorted(buckets)[: len(buckets) - MOST_BUCKETS + 1]
    together = sum(buckets.pop(bucket) for bucket in lowest)
    buckets[lowest[-1]] = together
    return buckets
