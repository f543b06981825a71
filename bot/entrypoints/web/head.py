"""Reads the head of a request as bytes, where it is a delivery and leaves no doubt about it."""

import re
from typing import Final, NamedTuple

from bot.entrypoints.web.webhook import MOST_BYTES, PATH

MOST_HEAD: Final = 8190
"""A head that has not ended by then is for gunicorn to refuse."""
MOST_LINE: Final = 4094
"""The same for the first line; both are gunicorn's defaults."""
_MOST_FIELDS: Final = 100
_START: Final = f"POST {PATH} HTTP/1.1\r\n".encode()
_LINE_END: Final = b"\r\n"
_END: Final = b"\r\n\r\n"
_LINE: Final = re.compile(rb"[A-Z]{3,20} /[\x21-\x7e]* HTTP/1\.[0-9]")
_LENGTH: Final = re.compile(rb"[0-9]{1,8}")
# An underscore could stand for a dash where the name becomes a variable.
_FIELD: Final = re.compile(rb"([!#$%&'*+.^`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)\r\n")
_FIELDS: Final = re.compile(rb"(?:%b)+" % _FIELD.pattern)
# By each of these a proxy says how a request came to it; they may contradict each other.
_SCHEME: Final = {b"x-forwarded-proto", b"x-forwarded-protocol", b"x-forwarded-ssl"}
_NOT_OURS: Final = frozenset((b"transfer-encoding", b"expect", b"upgrade", b"trailer", b"te"))


class Head(NamedTuple):
    """Where the body lies in the buffer, and the headers that a delivery needs."""

    start: int
    end: int
    signature: str | None
    id: str | None
    event: str | None
    closes: bool


class Ordinary:
    """Any other request, or one that has to be looked at more closely."""


ORDINARY: Final = Ordinary()


def read_head(buffer: bytes | bytearray) -> Head | Ordinary | None:
    """What is asked, None while the head has not come whole."""
    end = buffer.find(_END, 0, MOST_HEAD + len(_END))
    if end < 0:
        return None if _may_go_on(buffer) else ORDINARY
    if not buffer.startswith(_START):
        return ORDINARY
    headers = _headers(bytes(buffer[len(_START) : end + len(_LINE_END)]))
    return ORDINARY if headers is None else _head(headers, end + len(_END))


def _may_go_on(buffer: bytes | bytearray) -> bool:
    """Whether gunicorn would wait for more, and not refuse what has come already."""
    if len(buffer) > MOST_HEAD or buffer.count(b"\n") != buffer.count(b"\r\n"):
        return False
    end = buffer.find(b"\r\n")
    if end < 0:
        return len(buffer) <= MOST_LINE
    return end <= MOST_LINE and _LINE.fullmatch(buffer, 0, end) is not None


def _headers(text: bytes) -> dict[bytes, bytes] | None:
    """All of them, None if anything about any of them is out of the ordinary."""
    if not _FIELDS.fullmatch(text):
        return None
    fields = _FIELD.findall(text)
    found: dict[bytes, bytes] = {name.lower(): value.strip(b" \t") for name, value in fields}
    # What one that stands twice means, gunicorn decides.
    is_plain = (
        len(found) == len(fields) <= _MOST_FIELDS
        and b"host" in found
        and _NOT_OURS.isdisjoint(found)
        and len(_SCHEME & found.keys()) < 2
    )
    return found if is_plain else None


def _head(headers: dict[bytes, bytes], start: int) -> Head | Ordinary:
    length = headers.get(b"content-length", b"")
    if not _LENGTH.fullmatch(length) or int(length) > MOST_BYTES:
        return ORDINARY
    connection = headers.get(b"connection", b"keep-alive").lower()
    if connection not in (b"keep-alive", b"close"):
        return ORDINARY
    return Head(
        start,
        start + int(length),
        _text(headers.get(b"x-hub-signature-256")),
        _text(headers.get(b"x-github-delivery")),
        _text(headers.get(b"x-github-event")),
        connection == b"close",
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
