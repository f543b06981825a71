"""What a service may report: how much at once, how old, and how large."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import compress
from typing import Any, Final, NamedTuple, TypeVar

from bot.domain.counters import NANO, Tally
from bot.domain.metrics import (
    LARGEST,
    WINDOW,
    MetricType,
    Request,
    Sample,
    Series,
    Values,
)

MOST: Final = 10_000
"""Requests and samples in one batch."""
MOST_SERIES: Final = 2_000
"""Series in one batch: an endpoint with an id in its name makes one for every id."""
OLDEST: Final = timedelta(days=7)
AHEAD: Final = timedelta(minutes=5)
"""How far the clock of a service may be ahead of ours."""
LONGEST_NAME: Final = 200
LONGEST_COMMIT: Final = 64
DURATION, ERRORS = "http.server.request.duration", "http.server.errors"
"""The series that requests are counted in; durations are in milliseconds."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a batch is not taken, and which of its `what` is at fault, counted from 0."""

    why: str
    number: int | None = None
    what: str = "requests"


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests as columns of one length: when (seconds since 1970), where, how long, how well."""

    at: Sequence[float] = ()
    endpoint: Sequence[str] = ()
    milliseconds: Sequence[float] = ()
    failed: Sequence[bool] = ()
    commit: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples as columns of one length: when (seconds since 1970), what, of which `series`."""

    at: Sequence[float] = ()
    value: Sequence[float] = ()
    which: Sequence[int] = ()
    series: Sequence[Series] = ()

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one repository's service reports at once; an `id` makes it count once."""

    repository: str
    requests: Requests = Requests()
    samples: Samples = Samples()
    id: str = ""

    @property
    def count(self) -> int:
        """How much it is."""
        return len(self.requests) + len(self.samples)


def requests_of(rows: Sequence[Request]) -> Requests:
    """The columns of these requests."""
    return Requests(
        [row.at.timestamp() for row in rows],
        [row.endpoint for row in rows],
        [row.milliseconds for row in rows],
        [row.failed for row in rows],
        [row.commit for row in rows],
    )


def samples_of(rows: Sequence[Sample]) -> Samples:
    """The columns of these samples."""
    series = [(row.metric_name, row.metric_type, row.endpoint, row.unit) for row in rows]
    numbers = {one: number for number, one in enumerate(dict.fromkeys(series))}
    return Samples(
        [row.at.timestamp() for row in rows],
        [row.value for row in rows],
        [numbers[one] for one in series],
        list(numbers),
    )


def refusal(batch: Batch, now: datetime) -> Refused | None:
    """The first thing that is wrong with a batch, None if nothing is."""
    if batch.count > MOST:
        return Refused(f"{batch.count} are more than {MOST:,} in one batch")
    for fault in _faults(batch, now):
        return fault
    series = len(set(batch.requests.endpoint)) + len(batch.samples.series)
    if series > MOST_SERIES:
        advice = "say the route, such as `/users/{id}`, and not the path"
        return Refused(f"{series} series are more than {MOST_SERIES:,} in one batch: {advice}")
    return None


def tallies_refusal(tallies: Sequence[Tally], now: datetime) -> Refused | None:
    """The first thing that is wrong with what counters show, None if nothing is."""
    if len(tallies) > MOST:
        return Refused(f"{len(tallies)} points are more than {MOST:,} in one request")
    when = _when(now)
    for number, one in enumerate(tallies):
        fault = when.fault(one.at / NANO)
        why = f"`time_unix_nano` {fault}" if fault else ""
        why = why or ("" if one.series[0] else "a metric has no name")
        if why:
            return Refused(why, number, "points")
    series = len({one.series for one in tallies})
    if series > MOST_SERIES:
        return Refused(f"{series} series are more than {MOST_SERIES:,} in one request")
    return None


Fault = Callable[[Any], str]
Name = TypeVar("Name")


def _faults(batch: Batch, now: datetime) -> Iterator[Refused]:
    """What is wrong with each column in which something is."""
    requests, samples = batch.requests, batch.samples
    yield from _beyond("requests", "at", requests.at, _when(now))
    yield from _beyond("requests", "ms", requests.milliseconds, _DURATION)
    yield from _wrong("requests", "endpoint", requests.endpoint, _name)
    yield from _wrong("requests", "commit", requests.commit, _text(LONGEST_COMMIT))
    yield from _beyond("samples", "at", samples.at, _when(now))
    yield from _beyond("samples", "value", samples.value, _NUMBER)
    for place, name, fault in _SERIES:
        column = [one[place] for one in samples.series]
        for found in _wrong("samples", name, column, fault):
            yield replace(found, number=samples.which.index(found.number or 0))


class _Range(NamedTuple):
    least: float
    most: float
    fault: Fault


def _beyond(what: str, name: str, values: Sequence[float], wanted: _Range) -> Iterator[Refused]:
    """Every number is compared only where the least, the greatest or the sum of all is wrong."""
    least, most, fault = wanted
    # What is no number is neither less nor greater than any other, and shows in the sum.
    if values and not (least <= min(values) and max(values) <= most and sum(values) < math.inf):
        number = next((n for n, one in enumerate(values) if not least <= one <= most), None)
        if number is not None:
            yield Refused(f"`{name}` {fault(values[number])}", number, what)


def _wrong(what: str, name: str, values: Sequence[str], fault: Fault) -> Iterator[Refused]:
    bad = {value for value in set(values) if fault(value)}
    if bad:
        number = next(n for n, value in enumerate(values) if value in bad)
        yield Refused(f"`{name}` {fault(values[number])}", number, what)


def _when(now: datetime) -> _Range:
    oldest, newest = (now - OLDEST).timestamp(), (now + AHEAD).timestamp()

    def fault(at: float) -> str:
        if at < oldest:
            return f"is more than {OLDEST.days} days ago"
        ahead = AHEAD.seconds // 60
        return "" if at <= newest else f"is more than {ahead} minutes ahead of this server's clock"

    return _Range(oldest, newest, fault)


_DURATION: Final = _Range(0, LARGEST, lambda _: f"is not a number from 0 to {LARGEST:g}")
_NUMBER: Final = _Range(
    -LARGEST, LARGEST, lambda _: f"is not a number from -{LARGEST:g} to {LARGEST:g}"
)


def _name(text: str) -> str:
    return _text(LONGEST_NAME)(text) if text else "is empty"


def _text(longest: int) -> Fault:
    """Printable leaves out NUL, line feeds and lone surrogates."""

    def fault(text: str) -> str:
        good = len(text) <= longest and text.isprintable()
        return "" if good else f"is not at most {longest} printable characters"

    return fault


_SERIES: Final[tuple[tuple[int, str, Fault], ...]] = (
    (0, "metric_name", _name),
    (2, "endpoint", _text(LONGEST_NAME)),
    (3, "unit", _text(LONGEST_COMMIT)),
)


def batch_values(batch: Batch) -> tuple[list[Values], list[Tally]]:
    """What a batch measured by five minutes, and how many of its requests failed."""
    samples, requests = batch.samples, batch.requests
    measured = [
        Values(samples.series[which], number, values)
        for (number, which), values in _grouped(
            _keys(samples.at, samples.which), samples.value
        ).items()
    ]
    keys = _keys(requests.at, requests.endpoint)
    failed = Counter(compress(keys, requests.failed))
    errors = []
    for key, values in _grouped(keys, requests.milliseconds).items():
        number, endpoint = key
        series = (DURATION, MetricType.RESPONSE_TIME, endpoint, "ms")
        measured.append(Values(series, number, values))
        errors.append(_errors(endpoint, number, len(values), failed[key]))
    return measured, errors


def _keys(at: Sequence[float], names: Sequence[Name]) -> list[tuple[int, Name]]:
    """Of each value the number of its five minutes since 1970, and its name."""
    span = WINDOW.total_seconds()
    return [(int(when // span), name) for when, name in zip(at, names, strict=True)]


def _grouped(
    keys: Sequence[tuple[int, Name]], values: Sequence[float]
) -> dict[tuple[int, Name], list[float]]:
    """The values of each key, in their order."""
    groups: dict[tuple[int, Name], list[float]] = {}
    for key, value in zip(keys, values, strict=True):
        group = groups.get(key)
        if group is None:
            group = groups[key] = []
        group.append(value)
    return groups


def _errors(endpoint: str, number: int, count: int, failed: int) -> Tally:
    """A value of 1 for every request that failed, and of 0 for every other."""
    values = {value: many for value, many in ((0.0, count - failed), (1.0, failed)) if many}
    series = (ERRORS, MetricType.ERROR_RATE, endpoint, "1")
    at = number * int(WINDOW.total_seconds()) * NANO
    return Tally(series, 0, at, values, float(failed))
