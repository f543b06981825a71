"""Takes in one file of a benchmark, a load test or a profiler, as `ironclaw ingest` reads it."""

import asyncio
import logging
import re
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, jsonify, request
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.names import hosted_now
from bot.adapters.database.store import store_factory
from bot.adapters.failures import log_failure
from bot.adapters.signals.formats import KINDS, Limits, Meter, Recognised, Refused, read
from bot.domain.api_tokens import Scope
from bot.domain.ingested import IngestedFile, digest_of
from bot.entrypoints.ingest_report import document
from bot.entrypoints.web.access import Gate, denied, problem_answer
from bot.entrypoints.web.bodies import MOST_INFLATED, unpacked_body
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem
from bot.entrypoints.web.report import is_name

log = logging.getLogger("ironclaw.web")

PATH: Final = "/api/v1/learning/measurements"
_LIMITS: Final = Limits(file_bytes=MOST_INFLATED, inflated_bytes=MOST_INFLATED, seconds=20.0)
"""Others wait for this process meanwhile: a larger file is for `ironclaw ingest`."""
_KEEP_SECONDS: Final = 20.0
_WAIT_SECONDS: Final = 30.0
_SAID: Final = ("file", "kind", "title", "kept", "series", "functions", "notes")
"""What is answered of a file, however many profiles are in it."""
# A large one takes much memory while it is read, and a second thread would make neither faster.
_READING: Final = threading.BoundedSemaphore(1)
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_NOT_KEPT: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "The file may not be stored: send it again, it counts once."
)
_BUSY: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "Too many files are read at once: send it again."
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address says of the file."""

    repository: str
    name: str
    commit: str
    kind: str


def add_to(app: Flask, gate: Gate, engine: AsyncEngine, loop: SharedLoop) -> None:
    """Put the route into the application; the engine is used on the loop alone."""

    def take() -> Response:
        found = _taken(gate, engine, loop)
        return problem_answer(found) if isinstance(found, Problem) else found

    app.add_url_rule(PATH, "measurements", take, methods=["POST"])


def _taken(gate: Gate, engine: AsyncEngine, loop: SharedLoop) -> Response | Problem:
    """The body is looked at last: it is what costs."""
    caller = gate.caller()
    if isinstance(caller, Problem):
        return caller
    asked = _asked()
    if isinstance(asked, Problem):
        return asked
    refused = denied(caller, Scope.REPORT, asked.repository)
    if refused is not None:
        return refused
    try:
        known = loop.run(_known(engine, asked.repository), _KEEP_SECONDS)
        if known is None:
            detail = f"{asked.repository} is no repository that the GitHub App was let into."
            return Problem(HTTPStatus.NOT_FOUND, detail)
        file = _read(replace(asked, repository=known))
        if isinstance(file, Problem):
            return file
        found, ingested = file
        kept = loop.run(_kept(engine, ingested))
    except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
        log_failure(log, f"a file of {asked.repository} is not kept", error)
        return _NOT_KEPT
    said = document(asked.name, found, kept=kept)
    answer = jsonify({word: said[word] for word in _SAID})
    answer.status_code = HTTPStatus.CREATED if kept else HTTPStatus.OK
    return answer


def _asked() -> _Asked | Problem:
    given = request.args
    asked = _Asked(
        given.get("repository", ""),
        given.get("name", "measurements"),
        given.get("commit", ""),
        given.get("kind", ""),
    )
    if not is_name(asked.repository):
        return _wrong("`repository` is not an `owner/name`")
    if not _NAME.fullmatch(asked.name):
        return _wrong("`name` is not the plain name of a file")
    if asked.commit and not _COMMIT.fullmatch(asked.commit):
        return _wrong("`commit` is not the full SHA of a commit")
    if asked.kind and asked.kind not in KINDS:
        return _wrong(f"`kind` is none of {', '.join(KINDS)}")
    return asked


def _wrong(what: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, f"{what}.")


def _read(asked: _Asked) -> tuple[Recognised, IngestedFile] | Problem:
    body = unpacked_body("A file", MOST_INFLATED)
    if isinstance(body, Problem):
        return body
    if not _READING.acquire(timeout=_WAIT_SECONDS):
        return _BUSY
    try:
        found = read(body, asked.name, kind=asked.kind, meter=Meter(_LIMITS))
    finally:
        _READING.release()
    if isinstance(found, Refused):
        detail = f"{found.why}. {found.remedy}"
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail[:1].upper() + detail[1:])
    now = datetime.now(UTC)
    # What the file says of its commit itself is nearer to what was measured.
    results = tuple(replace(one, commit=one.commit or asked.commit) for one in found.results)
    profiles = tuple(replace(one, commit=one.commit or asked.commit) for one in found.profiles)
    digest = digest_of(body, asked.kind)
    place = (asked.repository, digest, asked.name, found.kind, now)
    return found, IngestedFile(*place, results, profiles)


async def _known(engine: AsyncEngine, repository: str) -> str | None:
    """The name as the records write it."""
    async with engine.connect() as connection:
        hosted = await hosted_now(connection, [repository])
    return next((name for name, _ in hosted.values()), None)


async def _kept(engine: AsyncEngine, file: IngestedFile) -> bool:
    async with asyncio.timeout(_KEEP_SECONDS), store_factory(engine)() as store:
        new = await store.ingest(file)
        await store.commit()
        return new
