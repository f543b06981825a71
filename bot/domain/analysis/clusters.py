"""How much hits cluster in a series that is still growing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

BLOCKS: Final = (1, 3, 12)
"""Slices of the blocks in which clusters are looked for: 5, 15 and 60 seconds of such a watch as
takes five minutes and has 60 slices."""
_PRIOR_BLOCKS: Final = 8
"""How many blocks of data that weighs which is assumed of clusters before any were seen."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a kind of hit before any was seen: the usual design effect, and the least.

    Of what is yes or no the least is that of independent requests, 1.
    """

    usual: float
    least: float


YES_OR_NO: Final = Kind(1.2, 1.0)
RANKS: Final = Kind(0.4, 0.3)
"""Ranks lie evenly between 0 and 1, so they vary a third as much as what is 0 or 1."""


def smoothed_variance(hits: float, total: float) -> float:
    """The variance of one request; one hit and one miss more keep it from being nothing."""
    share = (hits + 1) / (total + 2)
    return share * (1 - share)


class Clusters:
    """The design effect (Kish 1965) of the slices so far.

    By how much more than independent requests the shares of blocks of time vary, on the worst of
    several lengths of blocks; 1 is not at all.
    """

    def __init__(self, kind: Kind) -> None:
        self._hits = self._total = 0.0
        self._kind = kind
        self._blocks = [_Blocks(size) for size in BLOCKS]

    def add(self, hits: float, total: float) -> None:
        """Take the next slice."""
        self._hits += hits
        self._total += total
        for blocks in self._blocks:
            blocks.add(hits, total)

    def value(self) -> float:
        """The design effect by now."""
        if not self._total:
            return self._kind.usual
        share = self._hits / self._total
        variance = smoothed_variance(self._hits, self._total)
        parts = [[blocks.seen(share)] for blocks in self._blocks]
        return max(blend(part, variance, self._kind) for part in parts)


class _Blocks:
    """Sums over the full blocks of one length, from which any share's residuals follow."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._slices = self._number = 0
        self._k = self._n = 0.0
        self._kk = self._kn = self._nn = self._weight = 0.0

    def add(self, hits: float, total: float) -> None:
        self._slices += 1
        self._k += hits
        self._n += total
        if self._slices == self._size:
            self._kk += self._k * self._k
            self._kn += self._k * self._n
            self._nn += self._n * self._n
            self._weight += self._n
            self._number += self._n > 0
            self._slices, self._k, self._n = 0, 0.0, 0.0

    def seen(self, share: float) -> tuple[float, float, int]:
        """Squared residuals, requests, and blocks but one."""
        if self._number < 2:
            return 0.0, 0.0, 0
        squares = self._kk - 2 * share * self._kn + share * share * self._nn
        return max(0.0, squares) * self._number / (self._number - 1), self._weight, self._number - 1


def blend(parts: Sequence[tuple[float, float, int]], variance: float, kind: Kind) -> float:
    """The design effect of several parts, drawn towards the usual one where there is little."""
    squares, weight = sum(part[0] for part in parts), sum(part[1] for part in parts)
    number = sum(part[2] for part in parts)
    if not number:
        return kind.usual
    seen = squares / (weight * variance)
    blended = (seen * number + kind.usual * _PRIOR_BLOCKS) / (number + _PRIOR_BLOCKS)
    return max(kind.least, blended)
