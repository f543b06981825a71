"""Reads what a service reports of its requests; nothing here touches the network or a database."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from bot.domain.metrics import Request
from bot.entrypoints.web.problems import Problem

_LONGEST_NAME: Final = 200
_NO_TIME: Final = "`at` is neither an ISO 8601 time with its offset nor seconds since 1970"


@dataclass(frozen=True, slots=True)
class Report:
    """The requests that one repository's service answered, as it says."""

    repository: str
    requests: tuple[Request, ...]


def read_report(body: bytes) -> Report | Problem:
    """The report in a body, or the first thing in it that is of the wrong kind."""
    try:
        document = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Problem(HTTPStatus.BAD_REQUEST, "The body is not JSON.")
    if not isinstance(document, dict):
        return unfit("the body is not a JSON object")
    repository, items = document.get("repository"), document.get("requests")
    if not isinstance(repository, str) or not _is_name(repository):
        return unfit("`repository` is not an `owner/name`")
    if not isinstance(items, list):
        return unfit("`requests` is not a list")
    found = []
    for number, item in enumerate(items):
        request = _request(item)
        if isinstance(request, str):
            return unfit(request, number)
        found.append(request)
    return Report(repository, tuple(found))


def unfit(why: str, number: int | None = None) -> Problem:
    """The problem of a report that is JSON and cannot be taken; `number` is the bad request's."""
    where = "" if number is None else f"requests[{number}]: "
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}{why}. Nothing of it was kept.")


def _request(item: Any) -> Request | str:
    """One request, or what is wrong with it."""
    if not isinstance(item, dict):
        return "it is not a JSON object"
    at, milliseconds = _moment(item.get("at")), _number(item.get("ms"))
    endpoint, failed, commit = item.get("endpoint"), item.get("failed"), item.get("commit", "")
    if at is None:
        return _NO_TIME
    if milliseconds is None:
        return "`ms` is not a number"
    if not isinstance(endpoint, str):
        return "`endpoint` is not a text"
    if not isinstance(failed, bool):
        return "`failed` is neither true nor false"
    if not isinstance(commit, str):
        return "`commit` is not a text"
    return Request(at, endpoint, milliseconds, failed, commit)


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return None if found.tzinfo is None else found
        seconds = _number(value)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _number(value: Any) -> float | None:
    """A bool is an int to Python; an int beyond every float is no number to us."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _is_name(text: str) -> bool:
    owner, _, name = text.partition("/")
    return bool(owner and name) and len(text) <= _LONGEST_NAME and text.isprintable()


def _refuse(constant: str) -> None:
    message = f"{constant} is not JSON"
    raise ValueError(message)
