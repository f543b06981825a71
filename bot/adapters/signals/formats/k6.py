"""k6's three summaries, which say the same things in three ways.

    k6-export   `--summary-export`: values flat in each metric; a threshold that is true has FAILED
    k6-summary  `handleSummary(data)`: values apart, with type and content; a threshold has `ok`
    k6-machine  `--new-machine-readable-summary`: a list of metrics, no thresholds at all

Times are milliseconds in all of them. In a rate, `passes` counts what was true: for
`http_req_failed` these are the failures.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content
from bot.adapters.signals.formats.series import Series
from bot.domain.measured import Direction, Statistic

_TIME_NAMES: Final = ("http_req_", "grpc_req_duration", "iteration_duration", "group_duration")
_TIME_NAMES_TOO: Final = ("ws_connecting", "ws_session_duration", "ws_ping", "browser_web_vital_")
_NO_TIMES: Final = frozenset(("http_req_failed", "browser_web_vital_cls"))
_DATA_NAMES: Final = ("data_sent", "data_received", "browser_data_")
_LOWER: Final = frozenset(("http_req_failed", "dropped_iterations", "browser_http_req_failed"))
_HIGHER: Final = frozenset(("http_reqs", "iterations", "checks"))


@dataclass(frozen=True, slots=True)
class _Metric:
    """One metric of any of the three; `contains` is `time`, `data` or `default`."""

    name: str
    type: str
    contains: str
    values: Mapping[str, Any]
    passed: Mapping[str, bool] = field(default_factory=dict)

    def unit(self) -> tuple[float, str]:
        if self.contains == "time":
            return 1e-3, "s"
        return (1.0, "bytes") if self.contains == "data" else (1.0, "1")

    def direction(self) -> Direction:
        if self.name.partition("{")[0] in _LOWER:
            return Direction.LOWER
        return Direction.HIGHER if self.name.partition("{")[0] in _HIGHER else Direction.NEITHER


def recognises_export(document: Any) -> bool:
    """Metrics whose values are not apart."""
    return _has_metrics(document) and not _are_typed(document)


def recognises_summary(document: Any) -> bool:
    """Metrics with a type and values."""
    return _has_metrics(document) and _are_typed(document)


def recognises_machine(document: Any) -> bool:
    """A list of metrics among results, beside k6's version."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("results"), dict)
        and isinstance(document["results"].get("metrics"), list)
        and isinstance(document.get("metadata"), dict)
        and isinstance(document.get("config"), dict)
    )


def _has_metrics(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("metrics"), dict)
        and isinstance(document.get("root_group"), dict)
    )


def _are_typed(document: Any) -> bool:
    metrics = document["metrics"].values()
    return any(isinstance(one, dict) and "values" in one and "type" in one for one in metrics)


def read_export(document: Any, meter: Meter) -> Content:
    """The legacy export."""

    def metric(name: str, one: Mapping[str, Any]) -> _Metric:
        crossed = fields.mapping(one.get("thresholds"))
        passed = {text: value is False for text, value in crossed.items()}
        return _Metric(name, _guessed_type(one), _guessed_content(name), one, passed)

    return _read(document, metric, meter)


def read_summary(document: Any, meter: Meter) -> Content:
    """What `handleSummary` is given."""

    def metric(name: str, one: Mapping[str, Any]) -> _Metric:
        kept = fields.mapping(one.get("thresholds"))
        passed = {text: fields.mapping(value).get("ok") is True for text, value in kept.items()}
        contains = fields.text(one.get("contains"), 20)
        kind = fields.text(one.get("type"), 20)
        return _Metric(name, kind, contains, fields.mapping(one.get("values")), passed)

    return _read(document, metric, meter)


def _read(
    document: Any, metric: Callable[[str, Mapping[str, Any]], _Metric], meter: Meter
) -> Content:
    content = Content()
    for name, one in document["metrics"].items():
        known = metric(fields.require(name, "a metric"), fields.mapping(one))
        _add(content, known, meter)
        for threshold, passed in known.passed.items():
            if not passed:
                line = f"{known.name}: the threshold {fields.text(threshold, 80)} was crossed"
                content.notes.append(line)
    for name, passes, fails in _checks(document["root_group"], meter):
        _add_check(content, name, passes, fails, meter)
    return content


def read_machine(document: Any, meter: Meter) -> Content:
    """The new form."""
    content = Content()
    for one in fields.objects(document["results"]["metrics"]):
        name = fields.require(one.get("name"), "a metric")
        values = fields.mapping(one.get("values"))
        kind, contains = fields.text(one.get("type"), 20), fields.text(one.get("contains"), 20)
        _add(content, _Metric(name, kind, contains, values), meter)
    checks = fields.mapping(document["results"].get("checks"))
    for one in fields.objects(checks.get("results")):
        _add_check(content, one.get("name"), one.get("passes"), one.get("fails"), meter)
    return content


def _guessed_type(values: Mapping[str, Any]) -> str:
    if "passes" in values and "fails" in values:
        return "rate"
    if "count" in values and "rate" in values:
        return "counter"
    return "gauge" if "value" in values else "trend"


def _guessed_content(name: str) -> str:
    """The form itself does not say it, so only k6's own metrics are known."""
    word = name.partition("{")[0]
    if word.startswith(_TIME_NAMES + _TIME_NAMES_TOO) and word not in _NO_TIMES:
        return "time" if not word.startswith("http_reqs") else "default"
    return "data" if word.startswith(_DATA_NAMES) else "default"


def _add(content: Content, metric: _Metric, meter: Meter) -> None:
    meter.step(1 + len(metric.values))
    for series in _series(metric):
        content.results.append(series.result(meter.limits))
    meter.series(len(content.results))


def _series(metric: _Metric) -> Iterator[Series]:
    values, (factor, unit) = metric.values, metric.unit()
    passed = {fields.text(text, 80): ok for text, ok in metric.passed.items()}
    extra: dict[str, Any] = {"passed_thresholds": passed} if passed else {}
    match metric.type:
        case "trend":
            yield _trend(metric, extra)
        case "rate":
            first, second = values.get("passes"), values.get("fails")
            total = values.get("total") if "total" in values else _sum(first, second)
            share = values.get("rate") if "rate" in values else values.get("value")
            yield Series(
                metric.name,
                "1",
                metric.direction(),
                share,
                count=fields.count(total),
                extra=extra,
            )
        case "counter":
            yield Series(
                metric.name,
                unit,
                Direction.LOWER if metric.direction() is Direction.LOWER else Direction.NEITHER,
                values.get("count"),
                factor,
                Statistic.SINGLE,
                extra=extra,
            )
            rate = fields.text(f"{metric.name}: rate")
            yield Series(rate, _per_second(unit), metric.direction(), values.get("rate"), factor)
        case _:
            extra |= _others(values, ("min", "max"), factor)
            yield Series(
                metric.name,
                unit,
                metric.direction(),
                values.get("value"),
                factor,
                Statistic.SINGLE,
                extra=extra,
            )


def _trend(metric: _Metric, extra: dict[str, Any]) -> Series:
    """`count` is among the values only if it was asked for, and is no time."""
    values, (factor, unit) = metric.values, metric.unit()
    others = [name for name in values if name not in ("avg", "count", "thresholds")]
    middle = "avg" if "avg" in values else "med"
    return Series(
        metric.name,
        unit,
        Direction.LOWER if metric.contains == "time" else metric.direction(),
        values.get(middle),
        factor,
        Statistic.MEAN if middle == "avg" else Statistic.MEDIAN,
        count=fields.count(values.get("count")),
        extra=extra | _others(values, tuple(others[:40]), factor),
        failed="it has no samples" if values.get("count") == 0 else "",
    )


def _others(values: Mapping[str, Any], names: tuple[str, ...], factor: float) -> dict[str, Any]:
    return fields.plain((name, fields.some_number(values.get(name), factor)) for name in names)


def _per_second(unit: str) -> str:
    return {"1": "1/s", "bytes": "bytes/s"}.get(unit, f"{unit}/s")


def _sum(one: object, other: object) -> int | None:
    first, second = fields.count(one), fields.count(other)
    return None if first is None or second is None else first + second


def _checks(root: Mapping[str, Any], meter: Meter) -> Iterator[tuple[object, object, object]]:
    """Every check of every group; groups and checks are lists or, in the export, objects."""
    waiting: list[tuple[Mapping[str, Any], str]] = [(root, "")]
    while waiting:
        group, path = waiting.pop()
        for check in _members(group.get("checks")):
            meter.step()
            yield f"{path}{fields.text(check.get('name'))}", check.get("passes"), check.get("fails")
        for inner in _members(group.get("groups")):
            meter.step()
            waiting.append((inner, fields.text(f"{path}{fields.text(inner.get('name'))}: ")))


def _members(value: object) -> Iterator[Mapping[str, Any]]:
    found = value.values() if isinstance(value, dict) else value
    if found is not None and not isinstance(found, str | int | float):
        yield from (one for one in found if isinstance(one, dict))  # type: ignore[attr-defined]


def _add_check(content: Content, name: object, passes: object, fails: object, meter: Meter) -> None:
    meter.step()
    good, total = fields.count(passes), _sum(passes, fails)
    content.results.append(
        Series(
            fields.text(f"check: {fields.text(name) or 'without a name'}"),
            "1",
            Direction.HIGHER,
            good / total if good is not None and total else None,
            count=total,
            failed="" if total else "it was never made",
        ).result(meter.limits)
    )
    meter.series(len(content.results))
