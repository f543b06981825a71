"""pytest-benchmark's `--benchmark-json`, `--benchmark-save` and `--benchmark-autosave`; seconds."""

from typing import Any

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series, scaled
from bot.domain.measured import Direction

_TIMES = ("min", "max", "median", "q1", "q3", "iqr")


def recognises(document: Any) -> bool:
    """A list of benchmarks beside the machine they ran on."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("benchmarks"), list)
        and isinstance(document.get("machine_info"), dict)
        and ("commit_info" in document or "datetime" in document)
    )


def read(document: Any, meter: Meter) -> Content:
    """One series a benchmark, by its full name."""
    about = fields.mapping(document.get("commit_info"))
    commit, at = fields.commit(about.get("id")), fields.moment(document.get("datetime"))
    content = Content()
    for benchmark in fields.objects(document["benchmarks"]):
        stats = fields.mapping(benchmark.get("stats"))
        data = stats.get("data")
        meter.step(1 + (len(data) if isinstance(data, list) else 0))
        series = Series(
            fields.require(benchmark.get("fullname") or benchmark.get("name"), "a benchmark"),
            "s",
            Direction.LOWER,
            stats.get("mean"),
            values=data if isinstance(data, list) else (),
            stddev=stats.get("stddev"),
            count=fields.count(stats.get("rounds")),
            commit=commit,
            at=at,
            extra=_extra(benchmark, stats, about.get("dirty")),
        )
        content.results.append(series.result(meter.limits))
        meter.series(len(content.results))
    return content


def _extra(benchmark: dict[str, Any], stats: Any, dirty: object) -> dict[str, Any]:
    further = fields.mapping(benchmark.get("extra_info")).items()
    plain = (("group", benchmark.get("group")), ("param", benchmark.get("param")))
    return {
        **fields.plain((f"extra_info.{key}", value) for key, value in further),
        **fields.plain((*plain, ("iterations", stats.get("iterations")))),
        **scaled(stats, _TIMES, 1.0),
        **({"dirty": True} if dirty else {}),
    }
