"""Ways to count how slow requests are beside a baseline's, in numbers from 0 to 1."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.analysis.clusters import RANKS, YES_OR_NO, Kind
from bot.domain.metrics import percentile

_TAIL: Final = (0.75, 0.90, 0.95)
"""The baseline's percentiles beyond which requests are counted."""
KINDS: Final[tuple[Kind, ...]] = (RANKS, *(YES_OR_NO for _ in _TAIL))
"""What kind of number each way gives."""


@dataclass(frozen=True, slots=True)
class Slowness:
    """The rank among the baseline's requests, and whether it is beyond each of its percentiles.

    Ranks (Wilcoxon 1945) see a shift of all requests nearly as well as their times would, and no
    single slow one moves them; the percentiles see a tail that grows by itself. Both allow a
    request to be slower by the tolerance, a fraction.
    """

    ordered: Sequence[float]
    bounds: tuple[float, ...]
    factor: float

    def of(self, milliseconds: float) -> tuple[float, ...]:
        """One number for each of `KINDS`."""
        rank = bisect_left(self.ordered, milliseconds / self.factor) / len(self.ordered)
        return (rank, *(float(milliseconds > bound) for bound in self.bounds))


def slowness(ordered: list[float], tolerance: float) -> Slowness:
    """How to count beside these times, ascending and at least one."""
    factor = 1 + tolerance
    return Slowness(ordered, tuple(percentile(ordered, q) * factor for q in _TAIL), factor)
