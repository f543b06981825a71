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
_END: Final = b"\r\n\r\n"
_LINE: Final = re.compile(rb"[A-Z]{3,20} /[\x21-\x7e]* HTTP/1\.[0-9]")
_LENGTH: Final = re.compile(rb"[0-9]{1,8}")
# An underscore could stand for a dash where the name becomes a variable.
_PLAIN: Final = re.compile(rb"[!#$%&'*+.^`|~0-9A-Za-z-]+:[\t\x20-\x7e]*")
# By each of these a proxy says how a request came to it; they may contradict each other.
_SCHEME: Final = (b"x-forwarded-proto", b"x-forwarded-protocol", b"x-forwarded-ssl")
# Each may stand once; what any other of these would mean, gunicorn decides.
_READ: Final = frozenset(
    (
        b"content-length",
        b"connection",
        b"x-github-delivery",
        b"x-github-event",
        b"x-hub-signature-256",
        b"host",
        b"content-type",
        *_SCHEME,
    )
)
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
    headers = _headers(bytes(buffer[len(_START) : end]))
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
    """Those that we read, None if anything about any of them is out of the ordinary."""
    found: dict[bytes, bytes] = {}
    lines = text.split(b"\r\n")
    if len(lines) > _MOST_FIELDS:
        return None
    for line in lines:
        if not _PLAIN.fullmatch(line):
            return None
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in _NOT_OURS or name in found:
            return None
        if name in _READ:
            found[name] = value.strip(b" \t")
    is_plain = b"host" in found and sum(name in found for name in _SCHEME) < 2
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
