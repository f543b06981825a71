"""Requests from a service's access log: a file of JSON lines that the service appends to.

Every line is one object about one answered request, in about the order of `at`:

    at        when, ISO 8601 with an offset                 "2026-01-02T03:04:05.678901+00:00"
    endpoint  the route, never the raw path                 "GET /products/{id}"
    ms        how long it took, in milliseconds             12.3
    status    the HTTP status; 500 and above is a failure   200
    commit    what was running, if known                    "1a2b3c4d..."

Other fields are ignored. The file may be rotated to the same name with `.1` behind it.
"""

import asyncio
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TypeGuard

import structlog

from bot.adapters.signals.backwards import ShrunkError, lines_backwards
from bot.domain.metrics import Request
from bot.ports import UserError

MOST_REQUESTS = 500_000
"""The newest this many are returned; more would only be thinned out by whoever asked."""
MOST_BYTES = 512 * 1024 * 1024
LONGEST_NAME = 200
# Lines of several threads and instances are written in nearly, not exactly, the order of their
# time. So many older ones in a row say that nothing of interest comes before them.
_OLDER_IN_A_ROW = 200
_SLACK = timedelta(seconds=60)
_ATTEMPTS = 3
_FAILED_FROM = 500
_STATUSES = range(100, 600)
_LONGEST_MS = 86_400_000.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """The requests of a span, oldest first.

    `skipped` lines were no requests; `cut` says that there was more than could be read.
    """

    requests: tuple[Request, ...]
    skipped: int = 0
    cut: bool = False


class AccessLog:
    """Reads the log anew each time, from its end to where the span begins; keeps no state."""

    def __init__(
        self, path: Path, *, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._path = path
        self._most_requests = most_requests
        self._most_bytes = most_bytes

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        """The requests answered in [since, until), oldest first; none while there is no file."""
        reading = await asyncio.to_thread(self.read, since, until)
        if reading.skipped or reading.cut:
            _log.warning(
                "access_log_incomplete",
                path=str(self._path),
                skipped=reading.skipped,
                cut=reading.cut,
            )
        return reading.requests

    def read(self, since: datetime, until: datetime) -> Reading:
        """The same with what was left out; UserError if the log cannot be read."""
        for _ in range(_ATTEMPTS):
            try:
                return self._read(since, until)
            except ShrunkError:
                continue
            except OSError as error:
                raise _unreadable(self._path, error.strerror or str(error)) from error
        # It is cut off again and again: none of it can be relied on, and none is not a success.
        return Reading((), cut=True)

    def _read(self, since: datetime, until: datetime) -> Reading:
        with _opened(self._path) as files:
            spans = _newest(files, self._most_bytes)
            lines = chain.from_iterable(lines_backwards(*span) for span in spans)
            cut = any(start > 0 for _, start, _ in spans)
            return self._collect(lines, since, until, cut=cut)

    def _collect(
        self, lines: Iterator[bytes | None], since: datetime, until: datetime, *, cut: bool
    ) -> Reading:
        found: list[Request] = []
        skipped = older = 0
        for line in lines:
            request = None if line is None else parse_line(line)
            if request is None:
                skipped += line is None or bool(line.strip())
                continue
            older = older + 1 if request.at < since - _SLACK else 0
            if older == _OLDER_IN_A_ROW:
                return _reading(found, skipped, cut=False)
            if since <= request.at < until:
                if len(found) == self._most_requests:
                    return _reading(found, skipped, cut=True)
                found.append(request)
        return _reading(found, skipped, cut=cut)


def parse_line(line: bytes) -> Request | None:
    """One line as a request, or None if it is none."""
    try:
        content = json.loads(line)
        at = datetime.fromisoformat(content["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(content, dict) or at.tzinfo is None:
        return None
    endpoint, status = content.get("endpoint"), content.get("status")
    milliseconds, commit = content.get("ms"), content.get("commit", "")
    if not (_is_name(endpoint) and _is_time(milliseconds) and isinstance(commit, str)):
        return None
    if type(status) is not int or status not in _STATUSES:
        return None
    return Request(
        at, endpoint, float(milliseconds), failed=status >= _FAILED_FROM, commit=commit[:64]
    )


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


def _is_time(value: object) -> TypeGuard[int | float]:
    """A bool is an int to Python; an int beyond every float is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < _LONGEST_MS


def _reading(found: list[Request], skipped: int, *, cut: bool) -> Reading:
    # They were found newest first; turned round before, equal times keep their order.
    found.reverse()
    found.sort(key=lambda request: request.at)
    return Reading(tuple(found), skipped, cut)


def _newest(files: Sequence[int], most: int) -> list[tuple[int, int, int]]:
    """File, first and last offset of the newest bytes, in the files from the newest on."""
    spans: list[tuple[int, int, int]] = []
    for file in files:
        size = os.fstat(file).st_size
        spans.append((file, max(0, size - most), size))
        most = max(0, most - size)
    return spans


@contextmanager
def _opened(path: Path) -> Iterator[list[int]]:
    """The log and the one before it, those that are there; one that was just renamed is one."""
    files: dict[tuple[int, int], int] = {}
    try:
        for name in (path, path.with_name(f"{path.name}.1")):
            with suppress(FileNotFoundError):
                # Not blocking: opening a pipe would wait for its other end.
                file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                about = os.fstat(file)
                if files.setdefault((about.st_dev, about.st_ino), file) != file:
                    os.close(file)
                elif not stat.S_ISREG(about.st_mode):
                    raise _unreadable(name, "it is not a regular file")
        yield list(files.values())
    finally:
        for file in files.values():
            os.close(file)


def _unreadable(path: Path, why: str) -> UserError:
    return UserError(
        f"The access log {path} cannot be read: {why}.",
        "Name a file of JSON lines that this user may read.",
    )
