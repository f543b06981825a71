"""The list that github-action-benchmark takes from any tool: `[{name, unit, value}]`.

The file does not say which way is better: the action's `tool` input does, `customSmallerIsBetter`
or `customBiggerIsBetter`. So it is a kind of its own for each, chosen by a person.
"""

from collections.abc import Callable
from typing import Any

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series
from bot.adapters.signals.formats.units import base_unit, usual_direction
from bot.domain.measured import Direction, Statistic


def recognises(document: Any) -> bool:
    """A list of nothing but names, units and values."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(
            isinstance(one, dict)
            and {"name", "unit", "value"}
            <= one.keys()
            <= {"name", "unit", "value", "range", "extra"}
            for one in document
        )
    )


def reader(direction: Direction | None) -> Callable[[Any, Meter], Content]:
    """Reads with this direction; with None the usual one of each unit."""

    def read(document: Any, meter: Meter) -> Content:
        content = Content()
        for one in document:
            meter.step()
            factor, unit = base_unit(fields.text(one["unit"], 40))
            series = Series(
                fields.require(one["name"], "an entry"),
                unit,
                usual_direction(unit) if direction is None else direction,
                fields.worded(one["value"]),
                factor,
                Statistic.SINGLE,
                extra=fields.plain((key, one.get(key)) for key in ("range", "extra")),
            )
            content.results.append(series.result(meter.limits))
            meter.series(len(content.results))
        unclear = sum(result.direction is Direction.NEITHER for result in content.results)
        if unclear:
            content.notes.append(
                f"{unclear} series: the file does not say which way is better; "
                "`--kind custom-smaller` or `--kind custom-bigger` does"
            )
        return content

    return read
