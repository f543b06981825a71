"""Who may report for services and read how they did, and how a refusal is answered."""

import hmac
from http import HTTPStatus
from typing import Final

from flask import Response, request

from bot.entrypoints.web.problems import PROBLEM_TYPE, Problem

_RETRY_SECONDS: Final = "30"
_CLOSED: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "Nobody may report or read here: set IRONCLAW_INTAKE_TOKEN to a token for those who may.",
)
_WHO: Final = Problem(
    HTTPStatus.UNAUTHORIZED,
    "The header `Authorization: Bearer TOKEN` is missing, or TOKEN is none of "
    "IRONCLAW_INTAKE_TOKEN.",
)


def refused(tokens: tuple[str, ...]) -> Problem | None:
    """Why the request at hand may not be served; nothing else of it is looked at before."""
    if not tokens:
        return _CLOSED
    return None if is_known(request.headers.get("Authorization", ""), tokens) else _WHO


def is_known(header: str, tokens: tuple[str, ...]) -> bool:
    """Whether `Authorization` carries one of the tokens; takes as long for every wrong one."""
    scheme, _, given = header.partition(" ")
    # A header is read as Latin-1, so that this gives back the bytes that were sent.
    presented = given.strip().encode("latin-1")
    # Each is compared, so that the time does not tell which one was nearly right.
    same = [hmac.compare_digest(presented, token.encode()) for token in tokens]
    return scheme.lower() == "bearer" and any(same)


def problem_answer(problem: Problem) -> Response:
    """The problem document with the headers that go with its status."""
    answer = Response(problem.body(), problem.status.value, content_type=PROBLEM_TYPE)
    if problem.status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="ironclaw"'
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer
