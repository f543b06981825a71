"""Reads the body of the request at hand, as far as it may be read."""

import zlib
from http import HTTPStatus
from typing import Final

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.entrypoints.web.problems import Problem

MOST_INFLATED: Final = 16 * 1024 * 1024


def whole_body(most: int, too_large: Problem) -> bytes | Problem:
    """All of it, or `too_large` if it has more than `most` bytes."""
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return too_large
    # Of a longer body that comes without its length, the library gives the beginning.
    cut = request.content_length is None and len(body) >= most
    return too_large if cut else body


def unpacked_body(what: str, most_inflated: int) -> bytes | Problem:
    """The same of a body that may be packed by gzip; `what` it is stands at a sentence's start."""
    encoding = request.content_encoding or "identity"
    if encoding not in ("gzip", "identity"):
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Compress by gzip or not at all.")
    most = request.max_content_length or 0
    detail = f"{what} has at most {most:,} bytes."
    body = whole_body(most, Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail))
    if isinstance(body, Problem) or encoding == "identity":
        return body
    return _inflated(body, what, most_inflated)


def _inflated(body: bytes, what: str, most: int) -> bytes | Problem:
    """At most so much is unpacked, however much more there would be."""
    unpacking = zlib.decompressobj(31)
    try:
        inflated = unpacking.decompress(body, most)
    except zlib.error:
        return Problem(HTTPStatus.BAD_REQUEST, "The body is not gzip.")
    if unpacking.unconsumed_tail:
        detail = f"{what} has at most {most:,} bytes when it is unpacked."
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    if not unpacking.eof:
        return Problem(HTTPStatus.BAD_REQUEST, "The body is cut off.")
    return inflated
