"""The bytes of an answer to a delivery, as gunicorn writes them."""

import time
from email.utils import formatdate
from http import HTTPStatus

from bot.entrypoints.web.problems import PROBLEM_TYPE, Problem
from bot.entrypoints.web.webhook import ACCEPTED


class Answers:
    """Writes answers; the usual ones of one second are all alike and written once."""

    def __init__(self) -> None:
        self._second = 0
        self._date = ""
        self._accepted: dict[bool, bytes] = {}

    def text(self, problem: Problem | None, *, closes: bool) -> bytes:
        """The problem, or that it is accepted; `closes` says that no more is read after it."""
        now = int(time.time())
        if self._second != now:
            self._second = now
            self._date = formatdate(now, usegmt=True)
            self._accepted = {
                last: self._written(HTTPStatus.ACCEPTED, "application/json", ACCEPTED, closes=last)
                for last in (False, True)
            }
        if problem is None:
            return self._accepted[closes]
        return self._written(problem.status, PROBLEM_TYPE, problem.body(), closes=closes)

    def _written(self, status: HTTPStatus, kind: str, body: bytes, *, closes: bool) -> bytes:
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"Server: gunicorn\r\n"
            f"Date: {self._date}\r\n"
            f"Connection: {'close' if closes else 'keep-alive'}\r\n"
            f"Content-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body
