"""Google Benchmark's `--benchmark_format=json`, which writes NaN and Infinity bare."""

from collections.abc import Iterator
from typing import Any, Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series
from bot.adapters.signals.formats.units import base_unit
from bot.domain.measured import Direction, Statistic

_RATES: Final = {"bytes_per_second": "bytes/s", "items_per_second": "1/s"}
_OWN: Final = frozenset(
    (
        *("name", "family_index", "per_family_instance_index", "run_name", "run_type"),
        *("repetitions", "repetition_index", "threads", "aggregate_name", "aggregate_unit"),
        *("iterations", "real_time", "cpu_time", "time_unit", "error_occurred"),
        *("error_message", "skipped", "skip_message", "label", *_RATES),
    )
)
Row = dict[str, Any]


def recognises(document: Any) -> bool:
    """Benchmarks beside the context that names the library."""
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        return False
    context = document.get("context")
    return isinstance(context, dict) and (
        {"library_build_type", "json_schema_version", "num_cpus"} & context.keys() != set()
    )


def read(document: Any, meter: Meter) -> Content:
    """One series a benchmark from its repetitions, or from their aggregates alone."""
    content = Content()
    at = fields.moment(document["context"].get("date"))
    for name, rows in _by_name(document).items():
        runs = [row for row in rows if row.get("run_type", "iteration") == "iteration"]
        meter.step(len(rows))
        for series in _of_runs(name, runs) if runs else _of_aggregates(name, rows):
            content.results.append(Series(**series, at=at).result(meter.limits))
        meter.series(len(content.results))
    return content


def _by_name(document: Any) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in fields.objects(document["benchmarks"]):
        name = fields.require(row.get("run_name") or row.get("name"), "a benchmark")
        groups.setdefault(name, []).append(row)
    return groups


def _of_runs(name: str, runs: list[Row]) -> Iterator[Row]:
    good = [row for row in runs if not _failure(row)]
    factor, unit = _time_unit(runs[0])
    extra = fields.plain((key, value) for key, value in runs[-1].items() if key not in _OWN)
    cpu = fields.numbers([row.get("cpu_time") for row in good], factor)
    if cpu:
        extra["cpu_time"] = sum(cpu) / len(cpu)
    times = fields.numbers([row.get("real_time") for row in good], factor)
    yield {
        "name": name,
        "unit": unit,
        "direction": Direction.LOWER,
        "values": times,
        "value": None if times or not good else good[0].get("real_time"),
        "failed": "" if good else _failure(runs[0]),
        "extra": extra | fields.plain([("failed_repetitions", len(runs) - len(good) or None)]),
    }
    for key, rate in _RATES.items():
        values = fields.numbers([row.get(key) for row in good])
        if values:
            label = fields.text(f"{name}: {key}")
            yield {"name": label, "unit": rate, "direction": Direction.HIGHER, "values": values}


def _of_aggregates(name: str, rows: list[Row]) -> Iterator[Row]:
    by = {str(row.get("aggregate_name")): row for row in rows}
    middle = by.get("mean") or by.get("median")
    if middle is None:
        return
    factor, unit = _time_unit(middle)
    yield {
        "name": name,
        "unit": unit,
        "direction": Direction.LOWER,
        "value": middle.get("real_time"),
        "factor": factor,
        "statistic": Statistic.MEAN if "mean" in by else Statistic.MEDIAN,
        "stddev": by.get("stddev", {}).get("real_time"),
        "count": fields.count(middle.get("repetitions")),
        "failed": _failure(middle),
    }


def _time_unit(row: Row) -> tuple[float, str]:
    return base_unit(fields.text(row.get("time_unit"), 20) or "ns")


def _failure(row: Row) -> str:
    if row.get("error_occurred"):
        return f"it failed: {fields.text(row.get('error_message')) or 'no reason given'}"
    if row.get("skipped"):
        return f"it was skipped: {fields.text(row.get('skip_message')) or 'no reason given'}"
    return ""
