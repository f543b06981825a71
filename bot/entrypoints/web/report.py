"""Reads what a service reports; nothing here touches the network or a database."""

import re
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal

import msgspec

from bot.domain.metrics import MetricType
from bot.domain.reported import Batch, Requests, Samples
from bot.entrypoints.web.problems import Problem

_LONGEST_NAME: Final = 200
_NO_TIME: Final = "`at` is neither an ISO 8601 time with its offset nor seconds since 1970"
_PLACE: Final = re.compile(r" - at `\$(?:\.(\w+))?(?:\[(\d+)\])?(?:\.(\w+))?.*`$")
_SOON: Final = 4e9
"""Seconds that a clock may show: those of the year 2096. Milliseconds are far beyond."""


class _Request(msgspec.Struct):
    at: float | str
    endpoint: str
    ms: float
    failed: bool
    commit: str = ""


class _Sample(msgspec.Struct):
    metric_name: str
    metric_type: Literal["response_time", "error_rate", "memory_usage", "cost"]
    value: float | None
    at: float | str
    unit: str = ""
    endpoint: str = ""


class _Document(msgspec.Struct):
    repository: str
    requests: list[_Request] | None = None
    samples: list[_Sample] | None = None


_DECODER: Final = msgspec.json.Decoder(_Document)


def read_report(body: bytes, id: str = "") -> Batch | Problem:
    """The batch in a body, or the first thing in it that is of the wrong kind."""
    try:
        document = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        return _unfit(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem(HTTPStatus.BAD_REQUEST, "The body is not JSON.")
    if not is_name(document.repository):
        return unfit("`repository` is not an `owner/name`")
    if document.requests is None and document.samples is None:
        return unfit("neither `requests` nor `samples` is there")
    requests, samples = document.requests or [], document.samples or []
    times = _times("requests", [one.at for one in requests])
    moments = _times("samples", [one.at for one in samples])
    if isinstance(times, Problem):
        return times
    if isinstance(moments, Problem):
        return moments
    measured = _samples(samples, moments) if samples else Samples()
    return Batch(document.repository, _columns(requests, times), measured, id)


def unfit(why: str, number: int | None = None, what: str = "requests") -> Problem:
    """The problem of a report that is JSON and cannot be taken; `number` is the bad one's."""
    where = "" if number is None else f"{what}[{number}]: "
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}{why}. Nothing of it was kept.")


def _unfit(message: str) -> Problem:
    """In our words what the library says of a place such as `$.requests[3].ms`."""
    what = message.partition(" - at ")[0]
    what = what[:1].lower() + what[1:]
    place = _PLACE.search(message)
    if place is None:
        return unfit(f"the body is not a report: {what}")
    list_name, number, word = place.groups()
    if number is None:
        return unfit(f"`{list_name}` is wrong: {what}")
    why = f"`{word}` is wrong: {what}" if word else f"it is not right: {what}"
    return unfit(why, int(number), list_name)


def _times(what: str, given: Sequence[float | str]) -> list[float] | Problem:
    """As seconds since 1970."""
    found = []
    for number, at in enumerate(given):
        seconds = at if isinstance(at, float) else _seconds(at)
        if seconds is None or not 0 <= seconds <= _SOON:
            return unfit(_NO_TIME, number, what)
        found.append(seconds)
    return found


def _seconds(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text)
        return None if found.tzinfo is None else found.timestamp()
    except (ValueError, OverflowError):
        return None


def _columns(rows: Sequence[_Request], at: Sequence[float]) -> Requests:
    return Requests(
        at,
        [row.endpoint for row in rows],
        [row.ms for row in rows],
        [row.failed for row in rows],
        [row.commit for row in rows],
    )


def _samples(rows: Sequence[_Sample], at: Sequence[float]) -> Samples:
    """Those that have a value: `null` stands for one that could not be measured."""
    numbers: dict[tuple[str, str, str, str], int] = {}
    times, values, which = [], [], []
    for row, seconds in zip(rows, at, strict=True):
        if row.value is not None:
            times.append(seconds)
            values.append(row.value)
            one = (row.metric_name, row.metric_type, row.endpoint, row.unit)
            which.append(numbers.setdefault(one, len(numbers)))
    series = [(name, MetricType(kind), where, unit) for name, kind, where, unit in numbers]
    return Samples(times, values, which, series)


def is_name(text: str) -> bool:
    owner, _, name = text.partition("/")
    return bool(owner and name) and len(text) <= _LONGEST_NAME and text.isprintable()
