"""Benchmarks whose latest lasting change is for the worse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.detection.changes import find_changes
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Direction, Found, Point
from bot.domain.measured import BenchmarkResult
from bot.domain.measured import Direction as Better

_WORSE = {Better.LOWER: Direction.UP, Better.HIGHER: Direction.DOWN}


@dataclass(frozen=True, slots=True)
class Regression:
    """A benchmark that is worse since `bad`, and was last seen as it had been at `good`.

    `effect` is relative to the level before (0.5 is half as much again), `p` the probability of
    that much by chance.
    """

    name: str
    unit: str
    effect: float
    p: float
    good: BenchmarkResult
    bad: BenchmarkResult

    @property
    def description(self) -> str:
        """One sentence with its figures."""
        before, after = self.good.value or 0.0, self.bad.value or 0.0
        since = f" since {self.bad.commit[:12]}" if self.bad.commit else ""
        change = f"{abs(self.effect):.0%} {'more' if self.effect > 0 else 'less'}"
        return f"{change} than before{since} ({before:.4g} to {after:.4g} {self.unit})"


def regressions(results: Iterable[BenchmarkResult]) -> tuple[Regression, ...]:
    """What is worse by its latest lasting change, the worst first; short histories say nothing."""
    groups: dict[tuple[str, str, Better], list[BenchmarkResult]] = {}
    for one in results:
        if one.value is not None and one.at is not None and one.direction in _WORSE:
            groups.setdefault((one.name, one.unit, one.direction), []).append(one)
    found = [_latest(group) for group in groups.values()]
    known = [one for one in found if one is not None]
    return tuple(sorted(known, key=lambda one: (-abs(one.effect), one.name)))


def _latest(group: Sequence[BenchmarkResult]) -> Regression | None:
    ordered = sorted(group, key=_moment)
    times = tuple(_moment(one).timestamp() for one in ordered)
    detected = find_changes(Series(times, tuple(one.value or 0.0 for one in ordered)))
    if not isinstance(detected, Found):
        return None
    point: Point = detected.points[-1]
    one = ordered[point.index]
    if point.direction is not _WORSE[one.direction]:
        return None
    # The change may be anywhere from `low` on: the last that is surely good is before that.
    good, bad = ordered[max(point.low - 1, 0)], ordered[point.high]
    return Regression(one.name, one.unit, point.effect, point.p, good, bad)


def _moment(result: BenchmarkResult) -> datetime:
    return result.at or datetime.min.replace(tzinfo=UTC)
