"""asv's results, version 2: `results/<machine>/<commit>-<environment>.json`.

A benchmark with parameters has one value for each combination, in the order of their product. The
units stand in another file, `results/benchmarks.json`; here the benchmark's name gives them, by
asv's own convention (`time_`, `mem_`, `peakmem_`, `track_`).
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any, Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content, UnreadableError
from bot.adapters.signals.formats.series import Series, scaled
from bot.domain.measured import Direction, Statistic

_UNITS: Final = (
    (re.compile(r"(time|timeraw)_|Time(raw)?[A-Z_]"), "s"),
    (re.compile(r"(mem|peakmem)_|(Peak)?Mem[A-Z_]"), "bytes"),
)
_SCALED: Final = ("ci_99_a", "ci_99_b", "q_25", "q_75")
_DESCRIBED: Final = {"code", "param_names", "params", "type", "unit"}


def recognises(document: Any) -> bool:
    """Results with their columns, of one commit."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("results"), dict)
        and "commit_hash" in document
        and ("result_columns" in document or "env_name" in document)
    )


def describes(document: Any) -> bool:
    """Whether it is asv's file about the benchmarks or the machine, which holds no result."""
    if not isinstance(document, dict):
        return False
    if document.get("version") == 1 and {"arch", "cpu", "machine", "os", "ram"} <= document.keys():
        return True
    about = [value for value in document.values() if isinstance(value, dict)]
    return bool(about) and all(one.keys() >= _DESCRIBED for one in about)


def read(document: Any, meter: Meter) -> Content:
    """One series for each combination of parameters; a failed or skipped one is missing."""
    if document.get("version") not in (None, 1, 2):
        why = f"its version {fields.text(str(document['version']), 20)} of asv's form is not known"
        raise UnreadableError(why, "Ironclaw reads version 2.")
    content = Content()
    commit, at = fields.commit(document["commit_hash"]), fields.moment(document.get("date"))
    unknown = 0
    for name, row in document["results"].items():
        benchmark = fields.require(name, "a benchmark")
        unit = _unit(benchmark)
        unknown += not unit
        for series in _series(benchmark, unit, _columns(document, row)):
            meter.step()
            result = Series(**series, commit=commit, at=at).result(meter.limits)
            content.results.append(result)
            meter.series(len(content.results))
    if unknown:
        content.notes.append(f"{unknown} `track_` benchmarks: their units are not in this file")
    return content


def _unit(benchmark: str) -> str:
    last = benchmark.rpartition(".")[2]
    return next((unit for pattern, unit in _UNITS if pattern.match(last)), "")


def _columns(document: Any, row: object) -> Mapping[str, Any]:
    """A row by the names of its columns; trailing ones may not be there, and `null` failed."""
    names = document.get("result_columns")
    if isinstance(row, list) and isinstance(names, list):
        return {str(name): value for name, value in zip(names, row, strict=False)}
    if isinstance(row, dict):
        return row
    return {"result": row if isinstance(row, list) else [row]}


def _series(benchmark: str, unit: str, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    params = row.get("params") or []
    lists = [one for one in params if isinstance(one, list)] if isinstance(params, list) else []
    combinations = math.prod(len(one) for one in lists)
    results = row.get("result")
    values = results if isinstance(results, list) else [results] * min(combinations, 1)
    if len(values) != combinations:
        why = f"{benchmark} has {len(values)} results for {combinations} combinations"
        raise UnreadableError(why, "Run asv again: its file does not agree with itself.")
    for place, chosen in enumerate(islice(product(*lists), len(values))):
        label = ", ".join(fields.text(str(value), 60) for value in chosen)
        yield {
            "name": fields.text(f"{benchmark}({label})" if label else benchmark),
            "unit": unit,
            # What else it may track is better lower too: asv itself takes it so.
            "direction": Direction.LOWER,
            "value": values[place],
            "statistic": Statistic.MEDIAN if unit == "s" else Statistic.SINGLE,
            "failed": _failure(values[place]),
            "values": _at(row.get("samples"), place) or (),
            "count": fields.count(_at(row.get("stats_repeat"), place)),
            "extra": _extra(row, place),
        }


def _failure(value: object) -> str:
    if value is None:
        return "the benchmark failed"
    return "it was skipped" if isinstance(value, float) and math.isnan(value) else ""


def _at(column: object, place: int) -> Any:
    return column[place] if isinstance(column, list) and place < len(column) else None


def _extra(row: Mapping[str, Any], place: int) -> dict[str, Any]:
    stats = {name: _at(row.get(f"stats_{name}"), place) for name in _SCALED}
    return {
        **scaled(stats, _SCALED, 1.0),
        **fields.plain([("number", _at(row.get("stats_number"), place))]),
        **fields.plain([("version", row.get("version"))]),
    }
