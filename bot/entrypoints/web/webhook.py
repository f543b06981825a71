"""Takes deliveries in: verified over the raw bytes, kept, and only then acknowledged."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, Protocol

from bot.adapters.failures import log_failure
from bot.domain.deliveries import Delivery
from bot.entrypoints.web.problems import PROBLEM_TYPE, Problem

log = logging.getLogger("ironclaw.web")

PATH: Final = "/webhooks/github"
MOST_BYTES: Final = 25 * 1024 * 1024
"""The largest delivery that GitHub sends."""
ACCEPTED: Final = b'{"status":"accepted"}'
# GitHub gives up after ten.
KEEP_SECONDS: Final = 8.0
RETRY: Final = "The delivery could not be stored; it is asked for again later."

Verify = Callable[[bytes, str | None], bool]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
_ID = re.compile(r"[0-9A-Za-z-]{1,100}")
_EVENT = re.compile(r"[a-z0-9_]{1,100}")

_NOT_SIGNED = Problem(
    HTTPStatus.UNAUTHORIZED, "X-Hub-Signature-256 is not the signature of this body."
)
_NO_ID = Problem(HTTPStatus.BAD_REQUEST, "X-GitHub-Delivery is missing or is no delivery id.")
_NO_EVENT = Problem(HTTPStatus.BAD_REQUEST, "X-GitHub-Event is missing or is no event's name.")
_NOT_POST = Problem(HTTPStatus.METHOD_NOT_ALLOWED, "Deliveries are sent with POST.")
_TOO_LARGE = Problem(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A delivery has at most {MOST_BYTES} bytes."
)
NOT_KEPT = Problem(HTTPStatus.SERVICE_UNAVAILABLE, RETRY)


class Intake(Protocol):
    """Where deliveries are kept."""

    def keep(self, delivery: Delivery, timeout: float) -> None:
        """Return once it is durable."""
        ...


def read_delivery(
    body: bytes, signature: str | None, id: str | None, event: str | None, verify: Verify
) -> Delivery | Problem:
    """The delivery, if it is one; nothing is looked at before the signature."""
    if not verify(body, signature):
        return _NOT_SIGNED
    if not _ID.fullmatch(id or ""):
        return _NO_ID
    if not _EVENT.fullmatch(event or ""):
        return _NO_EVENT
    return Delivery(id or "", event or "", body, datetime.now(UTC))


class WebhookRoute:
    """The route as a plain WSGI callable: a framework costs more than all that it does."""

    def __init__(self, intake: Intake, verify: Verify) -> None:
        self._intake = intake
        self._verify = verify

    def __call__(
        self, environ: Mapping[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request."""
        problem = self._take(environ)
        if problem is None:
            return _answer(start_response, HTTPStatus.ACCEPTED, "application/json", ACCEPTED)
        return _answer(start_response, problem.status, PROBLEM_TYPE, problem.body())

    def _take(self, environ: Mapping[str, Any]) -> Problem | None:
        if environ["REQUEST_METHOD"] != "POST":
            return _NOT_POST
        body = _body(environ)
        if isinstance(body, Problem):
            return body
        found = read_delivery(
            body,
            environ.get("HTTP_X_HUB_SIGNATURE_256"),
            environ.get("HTTP_X_GITHUB_DELIVERY"),
            environ.get("HTTP_X_GITHUB_EVENT"),
            self._verify,
        )
        if isinstance(found, Problem):
            return found
        try:
            self._intake.keep(found, KEEP_SECONDS)
        except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
            log_failure(log, f"delivery {found.id} is not kept", error)
            return NOT_KEPT
        return None


def _body(environ: Mapping[str, Any]) -> bytes | Problem:
    """The whole body; one that is longer than it may be is not read to its end."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > len(str(MOST_BYTES)) or int(length) > MOST_BYTES:
        return _TOO_LARGE
    body: bytes = environ["wsgi.input"].read(MOST_BYTES + 1)
    return body if len(body) <= MOST_BYTES else _TOO_LARGE


def _answer(
    start_response: StartResponse, status: HTTPStatus, kind: str, body: bytes
) -> Iterable[bytes]:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", "POST"))
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
