"""Where the level of a series changed for good."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.detection.candidates import rank_pelt, scan
from bot.domain.detection.ranks import mann_whitney, median, spread, two_sided
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Detection, Direction, Found, Inconclusive, NotFound, Point


@dataclass(frozen=True, slots=True)
class Setting:
    """What makes a change; one setting for every series, chosen by benchmarks/detection.py."""

    least: int = 5
    reach: int = 60
    weight: float = 3.0
    p: float = 1e-5
    effect: float = 0.02
    noise: float = 0.7


STANDARD = Setting()
_FEWEST = 20
"""Known values below which even a clear change could be chance."""


def find_changes(series: Series, setting: Setting = STANDARD) -> Detection:
    """The changes of level: splits proposed in two ways, each confirmed by ranks and by size."""
    known = series.known()
    if len(known) < _FEWEST:
        return Inconclusive(f"{len(known)} values are known, {_FEWEST} needed")
    values = [series.values[i] for i in known]
    if min(values) == max(values):
        return NotFound("every value is the same")
    proposed = sorted(
        {*rank_pelt(values, setting.weight, setting.least), *scan(values, setting.least)}
    )
    points = [_point(series, known, split) for split in _confirmed(values, proposed, setting)]
    if not points:
        return NotFound(f"no lasting change in {len(values)} values")
    return Found(tuple(points), f"{len(points)} lasting changes in {len(values)} values")


@dataclass(frozen=True, slots=True)
class _Split:
    index: int
    effect: float
    p: float
    passes: bool


def _confirmed(values: Sequence[float], proposed: list[int], setting: Setting) -> list[_Split]:
    """Drop the least certain split until all are certain; each drop joins its neighbours."""
    left = list(proposed)
    judged: dict[tuple[int, int, int], _Split] = {}
    while left:
        bounds = [0, *left, len(values)]
        for key in zip(bounds, bounds[1:], bounds[2:], strict=False):
            if key not in judged:
                judged[key] = _split(values, *key, setting)
        splits = [judged[key] for key in zip(bounds, bounds[1:], bounds[2:], strict=False)]
        failing = [split for split in splits if not split.passes]
        if not failing:
            return splits
        left.remove(max(failing, key=lambda split: split.p).index)
    return []


def _split(values: Sequence[float], start: int, at: int, end: int, setting: Setting) -> _Split:
    before = values[max(start, at - setting.reach) : at]
    after = values[at : min(end, at + setting.reach)]
    old, new = median(before), median(after)
    p = two_sided(mann_whitney(before, after))
    noise = math.sqrt((spread(before) ** 2 + spread(after) ** 2) / 2)
    effect = _relative(old, new)
    passes = (
        p <= setting.p
        and abs(effect) >= setting.effect
        and abs(new - old) >= setting.noise * noise
        and min(len(before), len(after)) >= setting.least
    )
    return _Split(at, effect, p, passes)


def _relative(old: float, new: float) -> float:
    """The change as a share of the old level; of the new one where the old is zero."""
    level = abs(old) or abs(new)
    return (new - old) / level if level else 0.0


def _point(series: Series, known: Sequence[int], split: _Split) -> Point:
    index = known[split.index]
    direction = Direction.UP if split.effect > 0 else Direction.DOWN
    return Point(index, series.times[index], direction, split.effect, split.p, index, index)
