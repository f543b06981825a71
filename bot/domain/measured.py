"""What benchmarks and load tests measured: one result for each name and unit."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from statistics import fmean, median
from typing import Any, Final

LARGEST: Final = 1e100
"""Beyond it a value is a fault of whoever wrote it; squares of smaller ones are still finite."""


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


class Statistic(StrEnum):
    """What the one value of a result is."""

    MEAN = "mean"
    MEDIAN = "median"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One thing that was measured, in SI base units where the tool's unit is known.

    `unit` is `s`, `bytes`, `1/s`, `bytes/s`, `1` (a share or a count), or the tool's own word.
    `value` is None where there is none, and then `missing` says why. `values` are single
    measurements in the order they were made, perhaps thinned out of `count` ones; `stddev` is that
    of the sample. `extra` is plain JSON, its times and sizes in the unit of the result.
    """

    name: str
    unit: str
    direction: Direction
    value: float | None
    statistic: Statistic = Statistic.MEAN
    missing: str = ""
    values: tuple[float, ...] = ()
    stddev: float | None = None
    count: int | None = None
    commit: str = ""
    at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.missing):
            message = f"{self.name}: a value, or why there is none"
            raise ValueError(message)


def thinned(values: Sequence[float], most: int) -> tuple[float, ...]:
    """At most so many of the values, evenly spread, in their order."""
    if len(values) <= most:
        return tuple(values)
    return tuple(values[place * len(values) // most] for place in range(most))


def spread(values: Sequence[float]) -> float | None:
    """The sample's standard deviation, None of fewer than two values."""
    if len(values) < 2:
        return None
    middle = fmean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def merged(results: Iterable[BenchmarkResult], most: int = 1_000) -> tuple[BenchmarkResult, ...]:
    """Results of one name, unit, direction and commit put together where that can be exact.

    Means with their counts are combined; so are results whose every value is known. Others are
    left apart. Of a missing and a present result the present one stands. In the order of their
    first; at most `most` values are kept of each.
    """
    groups: dict[tuple[str, str, Direction, str], list[BenchmarkResult]] = {}
    for result in results:
        key = (result.name, result.unit, result.direction, result.commit)
        known = groups.setdefault(key, [])
        together = _together(known[-1], result, most) if known else None
        if together is None:
            known.append(result)
        else:
            known[-1] = together
    return tuple(result for group in groups.values() for result in group)


def _together(one: BenchmarkResult, other: BenchmarkResult, most: int) -> BenchmarkResult | None:
    if one.value is None or other.value is None:
        return other if one.value is None else one
    if not one.count or not other.count or one.statistic is not other.statistic:
        return None
    count = one.count + other.count
    values = (*one.values, *other.values)
    at = max((moment for moment in (one.at, other.at) if moment), default=None)
    both = replace(other, count=count, values=thinned(values, most), at=at)
    apart = other.value - one.value
    if one.statistic is Statistic.MEAN:
        squares = _squares(one.stddev, one.count), _squares(other.stddev, other.count)
        between = apart**2 * one.count * (other.count / count)
        mean = one.value + apart * (other.count / count)
        return replace(both, value=mean, stddev=_stddev(squares, between, count))
    if len(values) == count:
        middle = median(values) if one.statistic is Statistic.MEDIAN else fmean(values)
        return replace(both, value=middle, stddev=spread(values))
    return None


def _squares(stddev: float | None, count: int) -> float | None:
    """The sum of squared differences from the mean."""
    if count == 1:
        return 0.0
    return None if stddev is None else stddev**2 * (count - 1)


def _stddev(squares: tuple[float | None, float | None], between: float, count: int) -> float | None:
    """Of two samples together, by Chan, Golub and LeVeque 1979; None where one is not known."""
    first, second = squares
    if first is None or second is None:
        return None
    return math.sqrt((first + second + between) / (count - 1))


def ranked(results: Iterable[BenchmarkResult], most: int | None = None) -> list[BenchmarkResult]:
    """Times first and then other units, the worst of each first; what is missing last."""

    def place(result: BenchmarkResult) -> tuple[bool, bool, str, float, str]:
        value = result.value or 0.0
        worst = value if result.direction is Direction.HIGHER else -value
        return result.value is None, result.unit != "s", result.unit, worst, result.name

    return sorted(results, key=place)[:most]
