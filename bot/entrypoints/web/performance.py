"""Answers how a service did: the report, to whoever may report for services."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, jsonify, request
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.database.names import recorded_name
from bot.adapters.failures import log_failure
from bot.adapters.signals.unfolded import Folding
from bot.domain.api_tokens import Scope
from bot.domain.bottleneck import Targets
from bot.entrypoints.report.document import LEAST_HOURS, MOST_HOURS, document
from bot.entrypoints.web.access import Gate, denied, problem_answer
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem
from bot.learning.performance_analyzer import read_report

PATH: Final = "/api/v1/learning/performance/report"
_NONE: Final = "a repository without a name: say `repository=owner/name`"
_READ_SECONDS: Final = 30.0
_FOLD_SECONDS: Final = 5.0
_NOT_READ: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "The records cannot be read now: try again later."
)

log = logging.getLogger("ironclaw.web")


def add_to(app: Flask, gate: Gate, engine: AsyncEngine, loop: SharedLoop, targets: Targets) -> None:
    """Put the route into the application; the engine is used on the loop alone."""

    def report() -> Response:
        repository = request.args.get("repository", "")
        caller = gate.caller()
        if isinstance(caller, Problem):
            return problem_answer(caller)
        hours = denied(caller, Scope.READ, repository) or _hours(request.args.get("hours", "24"))
        if isinstance(hours, Problem):
            return problem_answer(hours)
        try:
            found = loop.run(_document(engine, repository, timedelta(hours=hours), targets))
        except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
            log_failure(log, f"the report of {repository} cannot be read", error)
            found = _NOT_READ
        return problem_answer(found) if isinstance(found, Problem) else jsonify(found)

    app.add_url_rule(PATH, "performance", report)


def _hours(text: str) -> float | Problem:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if LEAST_HOURS <= hours <= MOST_HOURS:
        return hours
    why = f"`hours` is not a number from {LEAST_HOURS} to {MOST_HOURS}."
    return Problem(HTTPStatus.BAD_REQUEST, why)


async def _document(
    engine: AsyncEngine, repository: str, span: timedelta, targets: Targets
) -> dict[str, Any] | Problem:
    """Only for whoever may read it: to others it does not say whether there is such a one."""
    now = datetime.now(UTC)
    with suppress(TimeoutError):
        # What was reported a moment ago belongs to it; with very much, it comes a little later.
        async with asyncio.timeout(_FOLD_SECONDS):
            await Folding(engine).fold()
    async with asyncio.timeout(_READ_SECONDS):
        name = await recorded_name(engine, repository)
        if name is None:
            return Problem(HTTPStatus.NOT_FOUND, f"There is no record of {repository or _NONE}.")
        async with store_factory(engine)() as store:
            report = await read_report(store, name, now, span, targets)
    return document(report, name, now, span)
