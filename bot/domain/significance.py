"""What chance alone can do: shares over clustered counts, and many questions asked at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
Z: Final = _NORMAL.inv_cdf(0.975)
"""Standard errors on either side of an interval that holds in 95 of 100 cases."""
_FEW: Final = 4
"""Fewer groups say nothing about how much they differ by themselves."""
_ASSUMED: Final = 2.0
"""How much wider than independent requests few groups are taken to vary."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of `count` values, allowing for values that come in clusters.

    `spread` is how many times as much its variance is as that of independent values.
    """

    value: float
    count: int
    spread: float

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share is in 95 of 100 cases."""
        return max(0.0, self.value - self.margin), min(1.0, self.value + self.margin)

    @property
    def margin(self) -> float:
        """Half of the interval; one hit and one miss more than were seen keep it from nothing."""
        return Z * self._error((self.value * self.count + 1) / (self.count + 2))

    def p_above(self, bound: float) -> float:
        """How likely chance shows so much when the true share is no more than the bound."""
        least = 1 / (self.count + 2)
        error = self._error(min(1 - least, max(least, bound)))
        return 1 - _NORMAL.cdf((self.value - bound) / error)

    def _error(self, true: float) -> float:
        return math.sqrt(self.spread * true * (1 - true) / self.count)


def share(groups: Sequence[tuple[float, int]]) -> Share:
    """The share of hits in groups of (hits, count), such as windows of time.

    How much they cluster shows in how much the groups differ (the ratio estimator's variance).
    """
    count = sum(size for _, size in groups)
    value = min(1.0, max(0.0, sum(hits for hits, _ in groups) / count))
    if len(groups) < _FEW:
        return Share(value, count, _ASSUMED)
    smooth = (value * count + 1) / (count + 2)
    between = math.fsum((hits - value * size) ** 2 for hits, size in groups)
    clustered = between * len(groups) / (len(groups) - 1) / count**2
    return Share(value, count, max(1.0, clustered / (smooth * (1 - smooth) / count)))


@dataclass(frozen=True, slots=True)
class Change:
    """By which factor something changed, with the interval of 95 of 100 cases."""

    factor: float
    low: float
    high: float
    p: float
    """How likely chance shows such a rise where there is none."""


def change(before: Sequence[float], after: Sequence[float]) -> Change | None:
    """How the middle of positive values changed; None where there are too few to say.

    Welch's comparison of the logarithms, with the normal for the t distribution: at least four
    values on either side.
    """
    if min(len(before), len(after)) < _FEW:
        return None
    old, new = [math.log(value) for value in before], [math.log(value) for value in after]
    error = math.sqrt(_variance(old) / len(old) + _variance(new) / len(new)) or 1e-9
    moved = math.fsum(new) / len(new) - math.fsum(old) / len(old)
    ends = (math.exp(moved - Z * error), math.exp(moved + Z * error))
    return Change(math.exp(moved), *ends, 1 - _NORMAL.cdf(moved / error))


def _variance(values: Sequence[float]) -> float:
    middle = math.fsum(values) / len(values)
    return math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1)


def adjusted(chances: Sequence[float]) -> list[float]:
    """Each p after control of the false-discovery rate over all (Benjamini and Hochberg, 1995)."""
    order = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)
    found, least = [0.0] * len(chances), 1.0
    for rank, number in zip(range(len(chances), 0, -1), order, strict=True):
        least = min(least, chances[number] * (len(chances) / rank))
        found[number] = least
    return found
