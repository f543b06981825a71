"""Metric points as tallies: which values, how often."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Final

from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
    SummaryDataPoint,
)

from bot.adapters.signals.otlp import quick
from bot.adapters.signals.otlp.pieces import LARGEST_PIECE, Form, Metric, parsed
from bot.adapters.signals.otlp.resources import attributes, endpoint, printable, text
from bot.domain.counters import MOST_COUNTED, Tally
from bot.domain.metrics import LARGEST, MetricType, Series

_POINTS: Final[Mapping[str, type[Message]]] = {
    "gauge": NumberDataPoint,
    "sum": NumberDataPoint,
    "histogram": HistogramDataPoint,
    "exponential_histogram": ExponentialHistogramDataPoint,
    "summary": SummaryDataPoint,
}
_CUMULATIVE: Final = 2
_NO_VALUE: Final = 1
_MOST_BUCKETS: Final = 1_000
_MOST_KNOWN: Final = 8_192
_QUICK: Final = {"gauge": quick.number, "sum": quick.number, "histogram": quick.histogram}
_TO_MILLISECONDS: Final = {"s": 1000.0, "ms": 1.0, "us": 0.001, "ns": 0.000001}
_TO_MEGABYTES: Final = {
    "By": 2**-20,
    "KiBy": 2**-10,
    "MiBy": 1.0,
    "GiBy": 1024.0,
    "kBy": 1000 / 2**20,
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A tally; a cumulative one counts since its start, and only beside the one before."""

    tally: Tally
    cumulative: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """Points that cannot be taken."""

    count: int
    why: str


_NO_DURATIONS: Final = ("uptime", "start_time", "cpu.time", "cpu_seconds")
"""In seconds, and not how long anything took to answer."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a metric measures, and by which factor its values become ours."""

    kind: MetricType
    unit: str
    factor: float


def tally_of(metric: Metric, form: Form) -> Iterator[Counted | Rejected]:
    """Every point of a metric that measures something of ours; ValueError if one is none."""
    meaning = _meaning(metric.name, metric.unit)
    if meaning is None:
        # Most of what an exporter sends is of no use here, which is no fault of its points.
        return
    grows = metric.form != "gauge" and metric.temporality == _CUMULATIVE
    is_total = metric.form == "sum" and metric.is_monotonic and grows
    # A sum that also falls, such as memory in use, is what there is now.
    cumulative = grows and metric.form != "sum"
    read = None if form is Form.JSON or is_total else _QUICK.get(metric.form)
    knows = partial(_known, metric.form, metric.name, metric.unit)
    for piece in metric.points:
        tally = read(piece, knows) if read else None
        if tally is not None:
            yield Counted(tally, cumulative)
            continue
        if len(piece) > LARGEST_PIECE:
            yield Rejected(1, f"a point has more than {LARGEST_PIECE:,} bytes")
            continue
        point: Any = parsed(piece, form, _POINTS[metric.form]())
        if getattr(point, "flags", 0) & _NO_VALUE:
            continue
        values = _values(metric.form, point)
        if isinstance(values, Rejected):
            yield values
            continue
        if is_total:
            yield Rejected(1, "a sum over all time cannot be told apart: export it as delta")
            continue
        series = _series(metric.name, meaning, attributes(point.attributes))
        yield Counted(_tally(series, point, values, meaning.factor), cumulative)


@lru_cache(maxsize=_MOST_KNOWN)
def _remembered(form: str, name: str, unit: str, rest: bytes) -> quick.Known | None:
    meaning, point = _meaning(name, unit), quick.rest_of(form, rest, _POINTS[form]())
    if meaning is None or point is None or point.flags & _NO_VALUE:
        return None
    series = _series(name, meaning, attributes(point.attributes))
    if form != "histogram":
        return quick.Known(series, meaning.factor)
    middles = _middles(tuple(point.explicit_bounds)) or ()
    scaled = tuple(middle * meaning.factor for middle in middles)
    # Two buckets that stand for the same value are added, which is done where they are parsed.
    is_plain = scaled and len(set(scaled)) == len(scaled)
    return quick.Known(series, meaning.factor, scaled) if is_plain else None


def _known(form: str, name: str, unit: str, rest: bytes) -> quick.Known | None:
    """What the unchanging rest of a point says, None if there is more in it than that."""
    if len(name) + len(unit) + len(rest) > quick.LONGEST:
        return None
    return _remembered(form, name, unit, rest)


def _meaning(name: str, unit: str) -> _Meaning | None:
    """By unit and name, as the semantic conventions have them."""
    if any(word in name for word in _NO_DURATIONS):
        return None
    if unit in _TO_MILLISECONDS:
        return _Meaning(MetricType.RESPONSE_TIME, "ms", _TO_MILLISECONDS[unit])
    if unit in _TO_MEGABYTES and "memory" in name:
        return _Meaning(MetricType.MEMORY_USAGE, "MB", _TO_MEGABYTES[unit])
    if unit in ("USD", "{USD}", "EUR", "{EUR}"):
        return _Meaning(MetricType.COST, unit.strip("{}"), 1.0)
    return None


def _series(name: str, meaning: _Meaning, said: Mapping[str, Any]) -> Series:
    where = endpoint(said) or text(said, "feature", "gen_ai.operation.name")
    return printable(name), meaning.kind, where, meaning.unit


def _tally(series: Series, point: Any, values: dict[float, int], factor: float) -> Tally:
    count = sum(values.values())
    total = getattr(point, "sum", None)
    if total is None:
        total = math.fsum(value * many for value, many in values.items())
    scaled = {value * factor: many for value, many in values.items()}
    low, high = _ends(point, factor) if count else (None, None)
    start, at = point.start_time_unix_nano, point.time_unix_nano
    return Tally(series, start, at, scaled, total * factor, low, high)


def _ends(point: Any, factor: float) -> tuple[float | None, float | None]:
    """The least and greatest value, where the point says both and they can be true."""
    fields = {field.name for field, _ in point.ListFields()}
    return quick.sane_ends((point.min, point.max) if fields >= {"min", "max"} else None, factor)


def _values(form: str, point: Any) -> dict[float, int] | Rejected:
    if form in ("gauge", "sum"):
        return _number(point)
    if form == "summary":
        return Rejected(1, "summaries cannot be merged: export histograms")
    if point.count > MOST_COUNTED:
        return Rejected(1, f"a histogram counts more than {MOST_COUNTED:g} values")
    if not abs(point.sum) <= LARGEST:
        return Rejected(1, "the sum of a histogram is no finite number")
    return _histogram(point) if form == "histogram" else _exponential(point)


def _number(point: Any) -> dict[float, int] | Rejected:
    kind = point.WhichOneof("value")
    value = float(getattr(point, kind)) if kind else math.nan
    return {value: 1} if abs(value) <= LARGEST else Rejected(1, "a value is no finite number")


def _histogram(point: Any) -> dict[float, int] | Rejected:
    """Each bucket by its middle; the outer ones by their bound."""
    bounds, counts = list(point.explicit_bounds), list(point.bucket_counts)
    if not counts:
        return Rejected(1, "a histogram without buckets says nothing of percentiles")
    if len(counts) != len(bounds) + 1 or len(counts) > _MOST_BUCKETS:
        return Rejected(1, "a histogram has not one bucket more than bounds")
    if sum(counts) != point.count:
        return Rejected(1, "the buckets of a histogram do not add up to its count")
    middles = _middles(tuple(bounds))
    if middles is None:
        return Rejected(1, "the bounds of a histogram do not ascend")
    return _added(zip(middles, counts, strict=False))


@lru_cache(maxsize=64)
def _middles(bounds: tuple[float, ...]) -> tuple[float, ...] | None:
    """What stands for each bucket; None if these are no bounds. An exporter has few of them."""
    if not all(one < two for one, two in pairwise(bounds)) or not all(map(_is_sane, bounds)):
        return None
    lowest = bounds[0] / 2 if bounds and bounds[0] > 0 else 0.0
    return (lowest, *((one + two) / 2 for one, two in pairwise(bounds)), *bounds[-1:])


def _exponential(point: Any) -> dict[float, int] | Rejected:
    if not -20 <= point.scale <= 20:
        return Rejected(1, "the scale of an exponential histogram is not within 20")
    found = [(0.0, point.zero_count)]
    for sign, buckets in ((1.0, point.positive), (-1.0, point.negative)):
        if len(buckets.bucket_counts) > _MOST_BUCKETS:
            return Rejected(1, f"an exponential histogram has more than {_MOST_BUCKETS} buckets")
        for number, count in enumerate(buckets.bucket_counts, buckets.offset):
            power = (number + 0.5) * 2.0**-point.scale
            if count and not -100 <= power <= 60:
                return Rejected(1, "an exponential histogram has values beyond what is sensible")
            if count:
                found.append((sign * 2.0**power, count))
    if sum(count for _, count in found) > MOST_COUNTED:
        return Rejected(1, f"a histogram counts more than {MOST_COUNTED:g} values")
    return _added(found)


def _added(pairs: Any) -> dict[float, int]:
    found: dict[float, int] = {}
    for value, count in pairs:
        if count:
            found[value] = found.get(value, 0) + count
    return found


def _is_sane(value: float) -> bool:
    return abs(value) <= LARGEST
