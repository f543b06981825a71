"""Builds a benchmark's result from what a file says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean, median
from typing import Any

from bot.adapters.signals.formats.fields import Missing, number, numbers, some_number
from bot.adapters.signals.formats.limits import Limits
from bot.domain.measured import BenchmarkResult, Direction, Statistic, spread, thinned


@dataclass(frozen=True, slots=True)
class Series:
    """The raw words of a file on one thing measured; `factor` brings them to `unit`.

    Without `value` the middle of `values` counts; without `stddev` and `count`, theirs.
    """

    name: str
    unit: str
    direction: Direction
    value: object = None
    factor: float = 1.0
    statistic: Statistic = Statistic.MEAN
    values: object = ()
    stddev: object = None
    count: int | None = None
    commit: str = ""
    at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""

    def result(self, limits: Limits) -> BenchmarkResult:
        """The result, missing with its reason where there is no value."""
        values = numbers(list(self.values) if isinstance(self.values, tuple) else self.values)
        values = [value * self.factor for value in values]
        value: float | Missing
        if self.failed:
            value = Missing(self.failed)
        elif self.value is None and values:
            value = median(values) if self.statistic is Statistic.MEDIAN else fmean(values)
        else:
            value = number(self.value, self.factor)
        stddev = some_number(self.stddev, self.factor)
        missing = isinstance(value, Missing)
        return BenchmarkResult(
            name=self.name,
            unit=self.unit,
            direction=self.direction,
            value=None if isinstance(value, Missing) else value,
            statistic=self.statistic,
            missing=value.why if isinstance(value, Missing) else "",
            values=() if missing else thinned(values, limits.kept_values),
            stddev=None if missing else (spread(values) if stddev is None else stddev),
            count=(len(values) or None) if self.count is None else self.count,
            commit=self.commit,
            at=self.at,
            extra=self.extra,
        )


def scaled(values: Mapping[str, Any], names: tuple[str, ...], factor: float) -> dict[str, float]:
    """Those of the named values that are numbers, in the result's unit."""
    found = {name: some_number(values.get(name), factor) for name in names}
    return {name: value for name, value in found.items() if value is not None}
