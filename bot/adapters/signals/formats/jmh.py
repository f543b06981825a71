"""JMH's `-rf json`: a list of benchmarks, each with the raw scores of its forks."""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series, scaled
from bot.adapters.signals.formats.units import base_unit, usual_direction
from bot.domain.measured import Direction

_MOST_SAMPLES = 100_000


def recognises(document: Any) -> bool:
    """A list of benchmarks that have a primary metric and a mode."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(one, dict) and "primaryMetric" in one for one in document)
        and all("benchmark" in one and "mode" in one for one in document)
    )


def read(document: Any, meter: Meter) -> Content:
    """One series for each primary and secondary metric; `thrpt` is better higher."""
    content = Content()
    for one in document:
        name = fields.require(one["benchmark"], "a benchmark") + _parameters(one)
        mode = fields.text(one["mode"], 20)
        name = f"{name} ({mode})"
        primary = fields.mapping(one["primaryMetric"])
        direction = Direction.HIGHER if mode == "thrpt" else Direction.LOWER
        further = fields.mapping(one.get("secondaryMetrics")).items()
        metrics: list[tuple[str, Mapping[str, Any], Direction | None]]
        metrics = [(name, primary, direction)]
        metrics += [(f"{name}: {key}", fields.mapping(value), None) for key, value in further]
        for label, metric, better in metrics:
            series = _series(fields.text(label), metric, better, meter)
            content.results.append(series.result(meter.limits))
            meter.series(len(content.results))
    return content


def _parameters(one: dict[str, Any]) -> str:
    given = fields.mapping(one.get("params")).items()
    label = ", ".join(f"{key}={value}" for key, value in given)
    return f" [{label}]" if label else ""


def _series(name: str, metric: Any, direction: Direction | None, meter: Meter) -> Series:
    factor, unit = base_unit(fields.text(metric.get("scoreUnit"), 40))
    values, count = _counted(metric, meter)
    if not values:
        values = _raw(metric, meter)
    percentiles = fields.mapping(metric.get("scorePercentiles"))
    found = {f"p{key}": fields.worded(value) for key, value in percentiles.items()}
    error = {"score_error": fields.worded(metric.get("scoreError"))}
    return Series(
        name,
        unit,
        usual_direction(unit) if direction is None else direction,
        fields.worded(metric.get("score")),
        factor,
        values=values,
        count=min(count, 2**53) or None,
        extra=scaled(error | found, (*error, *islice(found, 40)), factor),
    )


def _raw(metric: Any, meter: Meter) -> list[float]:
    """Every score of every fork."""
    found: list[float] = []
    for fork in _lists(metric.get("rawData")):
        meter.step(len(fork))
        found += fields.numbers(fork)
    return found


def _counted(metric: Any, meter: Meter) -> tuple[list[float], int]:
    """The scores of a histogram and how many there were; in proportion where these are many."""
    pairs: list[tuple[float, int]] = []
    for fork in _lists(metric.get("rawDataHistogram")):
        for iteration in _lists(fork):
            for pair in _lists(iteration):
                meter.step()
                many = fields.count(pair[1]) if len(pair) == 2 else None
                value = fields.some_number(pair[0]) if many else None
                if many and value is not None:
                    pairs.append((value, many))
    total = sum(many for _, many in pairs)
    part = min(1.0, _MOST_SAMPLES / total) if total else 1.0
    return [value for value, many in pairs for _ in range(math.ceil(many * part))], total


def _lists(value: object) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, list))
