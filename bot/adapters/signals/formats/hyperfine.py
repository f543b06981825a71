"""hyperfine's `--export-json`; seconds, and bytes where it measured memory."""

from collections import Counter
from typing import Any

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series, scaled
from bot.domain.measured import BenchmarkResult, Direction

_TIMES = ("median", "user", "system", "min", "max")


def recognises(document: Any) -> bool:
    """A list of commands with their times, and nothing beside it."""
    return (
        isinstance(document, dict)
        and document.keys() == {"results"}
        and isinstance(document["results"], list)
        and all(
            isinstance(one, dict) and "command" in one and ("mean" in one or "times" in one)
            for one in document["results"]
        )
    )


def read(document: Any, meter: Meter) -> Content:
    """One series a command; commands of one name are told apart by their parameters."""
    content = Content()
    names = Counter(str(one["command"]) for one in document["results"])
    for one in document["results"]:
        name = fields.require(one["command"], "a command")
        if names[str(one["command"])] > 1:
            name = fields.text(name + _parameters(one))
        codes = one.get("exit_codes")
        failed = sum(code != 0 for code in codes) if isinstance(codes, list) else 0
        if failed:
            content.notes.append(f"{name}: {failed} of {len(codes or ())} runs ended with an error")
        content.results += _results(name, one, meter)
        meter.series(len(content.results))
    return content


def _parameters(one: dict[str, Any]) -> str:
    given = fields.mapping(one.get("parameters")).items()
    return "".join(f" [{key}={value}]" for key, value in given)


def _results(name: str, one: dict[str, Any], meter: Meter) -> list[BenchmarkResult]:
    times, memory = one.get("times"), one.get("memory_usage_byte")
    meter.step(1 + sum(len(values) for values in (times, memory) if isinstance(values, list)))
    extra = {**fields.plain(fields.mapping(one.get("parameters")).items())}
    extra |= scaled(one, _TIMES, 1.0)
    found = [
        Series(
            name,
            "s",
            Direction.LOWER,
            one.get("mean"),
            values=times if isinstance(times, list) else (),
            stddev=one.get("stddev"),
            extra=extra,
        )
    ]
    if isinstance(memory, list) and memory:
        found.append(
            Series(fields.text(f"{name}: memory"), "bytes", Direction.LOWER, None, values=memory)
        )
    return [series.result(meter.limits) for series in found]
