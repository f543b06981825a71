"""Answers what cannot be read as a request, or fails altogether, by a problem document."""

from http import HTTPStatus
from socket import socket
from typing import Any, Final

from gunicorn.http import errors  # type: ignore[import-untyped] # it has no types
from gunicorn.util import write_nonblock  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped] # it has no types

from bot.domain.messages import plain
from bot.entrypoints.web.answers import Answers
from bot.entrypoints.web.problems import Problem

_LONGEST: Final = 300
_OURS: Final = (
    errors.ConfigurationProblem,
    errors.InvalidResponseHeader,
    errors.InvalidResponseHeaderName,
)
_STATUS: Final = {
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
_FAILED: Final = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "It failed here; the log says why.")


def refusal(error: Exception) -> Problem:
    """What whoever asked is told; what is wrong with us stands in the log alone."""
    if not isinstance(error, errors.ParseException) or isinstance(error, _OURS):
        return _FAILED
    status = _STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
    return Problem(status, f"{plain(str(error))[:_LONGEST]}.")


class RefusingWorker(ThreadWorker):  # type: ignore[misc] # the library has no types
    """gunicorn's gthread with answers to errors as all others are."""

    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Log it and answer; the caller closes."""
        problem = refusal(exc)
        if problem is _FAILED:
            where = getattr(req, "uri", "(not read)")
            self.log.error("Error handling request %s", where, exc_info=exc)
        else:
            self.log.warning("Invalid request from ip=%s: %s", addr[0] if addr else "", exc)
        try:
            write_nonblock(client, Answers().text(problem, closes=True))
        except OSError as error:
            self.log.debug("the refusal is not sent: %s", error)
