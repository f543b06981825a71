"""Who may report for services and read how they did, and how a refusal is answered."""

import hmac
import logging
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar

from flask import Response, request

from bot.adapters.failures import log_failure
from bot.domain.api_tokens import OPERATOR, ApiToken, Caller, Scope, caller_of, why_not
from bot.entrypoints.web.problems import PROBLEM_TYPE, Problem
from bot.entrypoints.web.workflows import is_signed

log = logging.getLogger("ironclaw.web")

REMEMBERED_SECONDS: Final = 30.0
"""How long a token may still be good after it was revoked: so long nobody asks the database."""
_REMEMBERED: Final = 1_000
_FIND_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = "30"
_WHO: Final = Problem(
    HTTPStatus.UNAUTHORIZED,
    "The header `Authorization: Bearer TOKEN` is missing, or TOKEN is none that is known here: "
    "`ironclaw token create` makes one, and IRONCLAW_INTAKE_TOKEN names one for all repositories.",
)

_NOBODY_KNOWN: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "Whose token this is cannot be looked up now: try again later."
)

Found = tuple[ApiToken, frozenset[str]]
Answer = TypeVar("Answer")


class Tokens(Protocol):
    """Where tokens are found again."""

    def find(self, text: str) -> Coroutine[Any, Any, Found | None]:
        """The token and the names of its repositories, None if there is none such."""
        ...


class Signed(Protocol):
    """Whoever comes with a token that somebody else has signed for them."""

    def caller(self, token: str) -> Coroutine[Any, Any, Caller | Problem]:
        """Who that is, or why it is nobody."""
        ...


class Wait(Protocol):
    """Does something elsewhere, and waits here for so many seconds at most."""

    def __call__(self, work: Coroutine[Any, Any, Answer], timeout: float, /) -> Answer:
        """What came of it."""
        ...


class Gate:
    """Lets in whoever has a token of the settings, or one that was made for some repositories."""

    def __init__(
        self,
        settled: tuple[str, ...],
        tokens: Tokens,
        wait_for: "Wait",
        workflows: "Signed | None" = None,
    ) -> None:
        self._settled = settled
        self._tokens = tokens
        self._wait_for = wait_for
        self._workflows = workflows
        self._remembered: dict[str, tuple[float, Found | None]] = {}

    def caller(self) -> Caller | Problem:
        """Who sends the request at hand; nothing else of it is looked at before."""
        presented = _presented(request.headers.get("Authorization", ""))
        if presented is None:
            return _WHO
        if is_one_of(presented, self._settled):
            return OPERATOR
        text = presented.decode("latin-1")
        try:
            if self._workflows is not None and is_signed(text):
                return self._wait_for(self._workflows.caller(text), _FIND_SECONDS)
            found = self._found(text)
        except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
            log_failure(log, "nobody can be let in", error)
            return _NOBODY_KNOWN
        if found is None:
            return _WHO
        token, names = found
        why = why_not(token, datetime.now(UTC))
        if why:
            return Problem(HTTPStatus.UNAUTHORIZED, f"This token is good no more: {why}.")
        return caller_of(token, names)

    def _found(self, text: str) -> Found | None:
        now = time.monotonic()
        known = self._remembered.get(text)
        if known is not None and known[0] > now:
            return known[1]
        found = self._wait_for(self._tokens.find(text), _FIND_SECONDS)
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        self._remembered[text] = (now + REMEMBERED_SECONDS, found)
        return found


def denied(caller: Caller, scope: Scope, repository: str) -> Problem | None:
    """Why this may not be done for this repository."""
    if caller.may(scope, repository):
        return None
    whose = repository or "all repositories together"
    return Problem(HTTPStatus.FORBIDDEN, f"This token may not {scope} for {whose}.")


def _presented(header: str) -> bytes | None:
    scheme, _, given = header.partition(" ")
    # A header is read as Latin-1, so that this gives back the bytes that were sent.
    return given.strip().encode("latin-1") if scheme.lower() == "bearer" else None


def is_one_of(presented: bytes, tokens: tuple[str, ...]) -> bool:
    """Whether it is one of the tokens; takes as long for every wrong one."""
    # Each is compared, so that the time does not tell which one was nearly right.
    same = [hmac.compare_digest(presented, token.encode()) for token in tokens]
    return any(same)


def problem_answer(problem: Problem) -> Response:
    """The problem document with the headers that go with its status."""
    answer = Response(problem.body(), problem.status.value, content_type=PROBLEM_TYPE)
    if problem.status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="ironclaw"'
    if problem.status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer
