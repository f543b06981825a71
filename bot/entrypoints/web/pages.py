"""The Flask application: health and readiness, and what every answer has in common."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from bot import __version__
from bot.entrypoints.web.loop import LoopFlask, SharedLoop
from bot.entrypoints.web.problems import PROBLEM_TYPE, Problem

MOST_BYTES: Final = 1024 * 1024
Readiness = Callable[[], Mapping[str, str]]
"""What is needed to work, each with `ok` or with what is wrong."""

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_pages(readiness: Readiness, loop: SharedLoop | None = None) -> LoopFlask:
    """The application; its asynchronous views run on `loop`."""
    app = LoopFlask("ironclaw", static_folder=None)
    app.shared_loop = loop
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.add_url_rule("/healthz", view_func=_health)
    app.add_url_rule("/readyz", "readyz", lambda: _ready(readiness()))
    app.register_error_handler(HTTPException, _problem)
    app.after_request(_harden)
    return app


def _health() -> Response:
    """The process answers; whether it can work is for `readyz` to say."""
    return jsonify(status="ok", version=__version__)


def _ready(parts: Mapping[str, str]) -> Response:
    answer = jsonify(dict(parts))
    if any(state != "ok" for state in parts.values()):
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return answer


def _problem(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    answer = Response(Problem(status, error.description or "").body(), status.value)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    answer.content_type = PROBLEM_TYPE
    return answer


def _harden(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
