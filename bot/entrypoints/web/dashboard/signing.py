"""The way in and out: to GitHub, back from there, and away."""

import logging
import secrets
from hmac import compare_digest
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, redirect, request

from bot.adapters.failures import log_failure
from bot.domain.viewing import SIGNED_IN, way_back
from bot.entrypoints.web.dashboard.rendering import failure
from bot.entrypoints.web.dashboard.visitors import SignInDoor
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem
from bot.ports import HostError, UserError

log = logging.getLogger("ironclaw.web")

_ATTEMPT_SECONDS: Final = 600
_SECONDS: Final = 60.0
_NOT_YOURS: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "This is not the end of a sign-in that this browser began within ten minutes: sign in again.",
)
_DECLINED: Final = Problem(
    HTTPStatus.FORBIDDEN, "You were not signed in: GitHub says that it was declined."
)
_SILENT: Final = Problem(
    HTTPStatus.BAD_GATEWAY, "GitHub does not answer at the moment: sign in again in a minute."
)


def add_to(app: Flask, door: SignInDoor, loop: SharedLoop) -> None:
    """Put the routes into the application."""

    def begin() -> Response:
        """Every attempt has a state and a verifier of its own, which only its browser holds."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        answer = _to(door.sign_in.address(state, verifier))
        back = way_back(request.args.get("next", "/"))
        door.put("attempt", door.seal.seal([state, verifier, back]), _ATTEMPT_SECONDS, answer)
        return answer

    def end() -> Response:
        attempt = door.seal.unseal(door.given("attempt"), _ATTEMPT_SECONDS)
        state, verifier, back = attempt or ("", "", "/")
        given = request.args.get("state", "")
        if not state or not compare_digest(given.encode("utf-8", "replace"), state.encode()):
            return failure(_NOT_YOURS)
        answer = _taken(request.args.get("code", ""), verifier, way_back(back))
        # One attempt ends once, however it ends.
        door.put("attempt", "", 0, answer)
        return answer

    def _taken(code: str, verifier: str, back: str) -> Response:
        if not code:
            return failure(_DECLINED)
        try:
            person = loop.run(door.sign_in.person(code, verifier), _SECONDS)
            answer = _to(back)
            loop.run(door.begin(person, answer), _SECONDS)
        except UserError as error:
            why = f"{error}. {error.remedy}"
            return failure(Problem(HTTPStatus.FORBIDDEN, why))
        except HostError as error:
            log_failure(log, "nobody can sign in", error)
            return failure(_SILENT)
        return answer

    app.add_url_rule("/sign-in", "sign_in", begin)
    app.add_url_rule(SIGNED_IN, "signed_in", end)


def _to(address: str) -> Response:
    answer = redirect(address, HTTPStatus.SEE_OTHER)
    assert isinstance(answer, Response)  # noqa: S101 - narrows what the library types too widely
    return answer
