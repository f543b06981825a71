"""Where the level of a series changed for good."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.domain.detection.candidates import proposals
from bot.domain.detection.series import Series
from bot.domain.detection.splits import STANDARD, Setting, Split, best_split, judge
from bot.domain.detection.verdict import Detection, Direction, Found, Inconclusive, NotFound, Point

_FEWEST = 20
"""Known values below which even a clear change could be chance."""
_ROUNDS = 3


def find_changes(series: Series, setting: Setting = STANDARD) -> Detection:
    """The lasting changes of level, each confirmed by ranks and by its size.

    Many splits are proposed; the least certain is dropped until all that are left are certain
    beside their neighbours. Then they move to where they fit best, and what is certain between
    them is added, until nothing moves.
    """
    known = series.known()
    if len(known) < _FEWEST:
        return Inconclusive(f"{len(known)} values are known, {_FEWEST} needed")
    values = [series.values[i] for i in known]
    if min(values) == max(values):
        return NotFound("every value is the same")
    search = _Search(values, setting)
    points = [_point(series, known, search, *place) for place in search.result()]
    if not points:
        return NotFound(f"no lasting change in {len(values)} values")
    plural = "s" if len(points) > 1 else ""
    return Found(tuple(points), f"{len(points)} lasting change{plural} in {len(values)} values")


class _Search:
    """The splits of one series, judged once each."""

    def __init__(self, values: Sequence[float], setting: Setting) -> None:
        self.values = values
        self._setting = setting
        self._judged: dict[tuple[int, int, int], Split] = {}

    def result(self) -> list[tuple[int, int, int]]:
        """The start, place and end of every certain split."""
        proposed = proposals(self.values, self._setting.fewest)
        kept = self._certain(proposed)
        for _ in range(_ROUNDS):
            grown = self._grown(kept, proposed)
            moved = self._certain(self._moved(grown))
            if moved == kept:
                break
            kept = moved
        return self._places(kept)

    def split(self, start: int, at: int, end: int) -> Split:
        key = (start, at, end)
        if key not in self._judged:
            self._judged[key] = judge(self.values, *key, self._setting)
        return self._judged[key]

    def window(self, start: int, at: int, end: int) -> tuple[int, int, int] | None:
        """The best place near a split and its interval."""
        setting = self._setting
        low, high = max(start, at - setting.reach), min(end, at + setting.reach)
        return best_split(self.values, low, high, setting.fewest)

    def _places(self, splits: Sequence[int]) -> list[tuple[int, int, int]]:
        bounds = [0, *splits, len(self.values)]
        return list(zip(bounds, bounds[1:], bounds[2:], strict=False))

    def _certain(self, splits: Iterable[int]) -> list[int]:
        left = sorted(splits)
        while left:
            worst = min((self.split(*place) for place in self._places(left)), key=_margin)
            if worst.margin >= 0:
                break
            left.remove(worst.at)
        return left

    def _moved(self, splits: Sequence[int]) -> list[int]:
        """Each split where it fits best, unless it would not be certain there."""
        moved = set()
        for start, at, end in self._places(splits):
            best = self.window(start, at, end)
            certain = best and self.split(start, best[0], end).margin >= 0
            moved.add(best[0] if best and certain else at)
        return sorted(moved)

    def _grown(self, kept: Sequence[int], proposed: Iterable[int]) -> list[int]:
        """Add the most certain split to every segment as long as its neighbours stay certain."""
        grown = list(kept)
        segments = list(pairwise([0, *grown, len(self.values)]))
        while segments:
            start, end = segments.pop()
            found = best_split(self.values, start, end, self._setting.fewest)
            places = {at for at in proposed if start < at < end} | ({found[0]} if found else set())
            if not places:
                continue
            best = max((self.split(start, at, end) for at in sorted(places)), key=_margin)
            wider = sorted([*grown, best.at])
            if best.margin >= 0 and self._certain(wider) == wider:
                grown = wider
                segments += [(start, best.at), (best.at, end)]
        return grown


def _margin(split: Split) -> float:
    return split.margin


def _point(
    series: Series, known: Sequence[int], search: _Search, start: int, at: int, end: int
) -> Point:
    split = search.split(start, at, end)
    _, low, high = search.window(start, at, end) or (at, at, at)
    direction = Direction.UP if split.effect > 0 else Direction.DOWN
    index, first, last = known[at], known[min(low, at)], known[max(high, at)]
    return Point(index, series.times[index], direction, split.effect, split.p, first, last)
