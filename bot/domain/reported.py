"""What a service may report: how much at once, how old, and how large."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.domain.counters import NANO, Tally
from bot.domain.metrics import (
    LARGEST,
    WINDOW,
    MetricType,
    Request,
    Sample,
    Series,
    Window,
    window_of,
    windows,
)
from bot.domain.sketch import weighted

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
class Batch:
    """What one repository's service reports at once; an `id` makes it count once."""

    repository: str
    requests: Requests = Requests()
    samples: Sequence[Sample] = ()
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


def refusal(batch: Batch, now: datetime) -> Refused | None:
    """The first thing that is wrong with a batch, None if nothing is."""
    if batch.count > MOST:
        return Refused(f"{batch.count} are more than {MOST:,} in one batch")
    for what, name, values, fault in _columns(batch, now):
        bad = {value for value in set(values) if fault(value)}
        if bad:
            number = next(n for n, value in enumerate(values) if value in bad)
            return Refused(f"`{name}` {fault(values[number])}", number, what)
    series = len(set(batch.requests.endpoint)) + len({_series(one) for one in batch.samples})
    if series > MOST_SERIES:
        advice = "say the route, such as `/users/{id}`, and not the path"
        return Refused(f"{series} series are more than {MOST_SERIES:,} in one batch: {advice}")
    return None


def tallies_refusal(tallies: Sequence[Tally], now: datetime) -> Refused | None:
    """The first thing that is wrong with what counters show, None if nothing is."""
    if len(tallies) > MOST:
        return Refused(f"{len(tallies)} points are more than {MOST:,} in one request")
    fault = _when(now)
    for number, one in enumerate(tallies):
        why = fault(one.at / NANO) and "`time_unix_nano` " + fault(one.at / NANO)
        why = why or ("" if one.series[0] else "a metric has no name")
        if why:
            return Refused(why, number, "points")
    series = len({one.series for one in tallies})
    if series > MOST_SERIES:
        return Refused(f"{series} series are more than {MOST_SERIES:,} in one request")
    return None


Fault = Callable[[Any], str]


def _columns(batch: Batch, now: datetime) -> Iterator[tuple[str, str, Sequence[Any], Fault]]:
    """Every column with its name and what tells what is wrong with one of its values."""
    requests, samples = batch.requests, batch.samples
    yield "requests", "at", requests.at, _when(now)
    yield "requests", "ms", requests.milliseconds, _duration
    yield "requests", "endpoint", requests.endpoint, _name
    yield "requests", "commit", requests.commit, _text(LONGEST_COMMIT)
    yield "samples", "at", [one.at.timestamp() for one in samples], _when(now)
    yield "samples", "value", [one.value for one in samples], _number
    yield "samples", "metric_name", [one.metric_name for one in samples], _name
    yield "samples", "endpoint", [one.endpoint for one in samples], _text(LONGEST_NAME)
    yield "samples", "unit", [one.unit for one in samples], _text(LONGEST_COMMIT)


def _when(now: datetime) -> Fault:
    oldest, newest = (now - OLDEST).timestamp(), (now + AHEAD).timestamp()

    def fault(at: float) -> str:
        if at < oldest:
            return f"is more than {OLDEST.days} days ago"
        ahead = AHEAD.seconds // 60
        return "" if at <= newest else f"is more than {ahead} minutes ahead of this server's clock"

    return fault


def _duration(milliseconds: float) -> str:
    return "" if 0 <= milliseconds <= LARGEST else f"is not a number from 0 to {LARGEST:g}"


def _number(value: float) -> str:
    return "" if abs(value) <= LARGEST else f"is not a number from -{LARGEST:g} to {LARGEST:g}"


def _name(text: str) -> str:
    return _text(LONGEST_NAME)(text) if text else "is empty"


def _text(longest: int) -> Fault:
    """Printable leaves out NUL, line feeds and lone surrogates."""

    def fault(text: str) -> str:
        good = len(text) <= longest and text.isprintable()
        return "" if good else f"is not at most {longest} printable characters"

    return fault


def _series(sample: Sample) -> Series:
    return sample.metric_name, sample.metric_type, sample.endpoint, sample.unit


def batch_windows(batch: Batch) -> list[Window]:
    """The five-minute windows of a batch: of its samples, and the times and errors of requests."""
    return [*windows(batch.samples), *_request_windows(batch.requests)]


def _request_windows(requests: Requests) -> Iterator[Window]:
    span = WINDOW.total_seconds()
    times: dict[tuple[float, str], list[float]] = {}
    errors: dict[tuple[float, str], int] = {}
    columns = zip(
        requests.at, requests.endpoint, requests.milliseconds, requests.failed, strict=True
    )
    for at, endpoint, milliseconds, failed in columns:
        key = (at // span, endpoint)
        group = times.get(key)
        if group is None:
            group = times[key] = []
        group.append(milliseconds)
        if failed:
            errors[key] = errors.get(key, 0) + 1
    for (number, endpoint), group in times.items():
        start = datetime.fromtimestamp(number * span, UTC)
        yield window_of((start, DURATION, MetricType.RESPONSE_TIME, endpoint, "ms"), sorted(group))
        hits = errors.get((number, endpoint), 0)
        yield _error_window(start, endpoint, len(group), hits)


def _error_window(start: datetime, endpoint: str, count: int, hits: int) -> Window:
    """One value of 1 for every request that failed, and of 0 for every other."""

    def at(share: float) -> float:
        return float(math.ceil(share * count) > count - hits)

    return Window(
        metric_name=ERRORS,
        metric_type=MetricType.ERROR_RATE,
        endpoint=endpoint,
        unit="1",
        start=start,
        count=count,
        total=float(hits),
        min_value=float(hits == count),
        max_value=float(hits > 0),
        p50_value=at(0.50),
        p95_value=at(0.95),
        p99_value=at(0.99),
        sketch=weighted([(0.0, count - hits), (1.0, hits)]),
    )
