"""Reads the body of the request at hand, as far as it may be read."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.entrypoints.web.problems import Problem


def whole_body(most: int, too_large: Problem) -> bytes | Problem:
    """All of it, or `too_large` if it has more than `most` bytes."""
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return too_large
    # Of a longer body that comes without its length, the library gives the beginning.
    cut = request.content_length is None and len(body) >= most
    return too_large if cut else body
