"""Values that stick out of what is usual around them."""

from collections.abc import Sequence
from itertools import pairwise

from bot.domain.detection.ranks import median, spread, two_sided
from bot.domain.detection.series import Series
from bot.domain.detection.splits import relative
from bot.domain.detection.verdict import Detection, Direction, Found, Inconclusive, NotFound, Point

_FEWEST, _WINDOW = 30, 60
_SPREADS = 6.0
"""Robust standard deviations; a normal is there twice in a billion values."""
_BEYOND = 1.5
"""So far beyond the farthest of the window, so that heavy tails are usual where they are."""


def find_anomalies(series: Series) -> Detection:
    """Values far beyond the 60 before them; of several in a row the first counts.

    A lasting change is one anomaly at its start. The effect is relative to the window's median.
    """
    known = series.known()
    if len(known) <= _FEWEST:
        return Inconclusive(f"{len(known)} values are known, {_FEWEST + 1} needed")
    values = [series.values[i] for i in known]
    out = [at for at in range(_FEWEST, len(values)) if _score(values, at) > _SPREADS]
    first = [late for early, late in pairwise([-2, *out]) if late - early > 1]
    points = tuple(_point(series, known, values, at) for at in first)
    if not points:
        return NotFound(f"nothing sticks out of {len(values)} values")
    plural = "ies" if len(points) > 1 else "y"
    return Found(points, f"{len(points)} anomal{plural} in {len(values)} values")


def _score(values: Sequence[float], at: int) -> float:
    """How many spreads the value lies from the window's median; 0 where that is usual."""
    window = values[max(0, at - _WINDOW) : at]
    middle = median(window)
    off = abs(values[at] - middle)
    farthest = max(max(window) - middle, middle - min(window))
    if off <= _BEYOND * farthest:
        return 0.0
    wide = max(spread(window), farthest / _SPREADS)
    return off / wide if wide else 2 * _SPREADS


def _point(series: Series, known: Sequence[int], values: Sequence[float], at: int) -> Point:
    middle = median(values[max(0, at - _WINDOW) : at])
    direction = Direction.UP if values[at] > middle else Direction.DOWN
    index, chance = known[at], two_sided(_score(values, at))
    effect = relative(middle, values[at])
    return Point(index, series.times[index], direction, effect, chance, index, index)
