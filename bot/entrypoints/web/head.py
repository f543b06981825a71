"""Reads the head of a request as bytes, where that leaves no doubt about what it asks for."""

import re
from typing import Final, NamedTuple

from bot.entrypoints.web import pages
from bot.entrypoints.web.webhook import MOST_BYTES, PATH

MOST_HEAD: Final = 8190
"""A head that has not ended by then is for gunicorn to refuse."""
MOST_LINE: Final = 4094
"""The same for the first line; both are gunicorn's defaults."""
_MOST_FIELDS: Final = 100
_START: Final = f"POST {PATH} HTTP/1.1\r\n".encode()
_TO_WEBHOOK: Final = f" {PATH} ".encode()
_LINE_END: Final = b"\r\n"
_END: Final = b"\r\n\r\n"
_LINE: Final = re.compile(rb"[A-Z]{3,20} /[\x21-\x7e]* HTTP/1\.[0-9]")
_LENGTH: Final = re.compile(rb"[0-9]{1,8}")
# An underscore could stand for a dash where the name becomes a variable.
_FIELD: Final = re.compile(rb"([!#$%&'*+.^`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)\r\n")
_FIELDS: Final = re.compile(rb"(?:%b)+" % _FIELD.pattern)
# By each of these a proxy says how a request came to it; they may contradict each other.
_SCHEME: Final = {b"x-forwarded-proto", b"x-forwarded-protocol", b"x-forwarded-ssl"}
_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding"))
_UNUSUAL: Final = frozenset((b"expect", b"upgrade", b"trailer", b"te"))

Fields = list[tuple[bytes, bytes]]
"""The headers, their names in small letters."""


class Head(NamedTuple):
    """Where the body lies in the buffer, and the headers that a delivery needs."""

    start: int
    end: int
    signature: str | None
    id: str | None
    event: str | None
    closes: bool


class Ordinary(NamedTuple):
    """Any other request that can be taken once it is there: its body starts at `start`.

    `end` is None where it comes in chunks; they have at most `most` bytes.
    """

    start: int
    end: int | None
    most: int


class Doubtful:
    """What has to be looked at more closely, or will be refused."""


DOUBTFUL: Final = Doubtful()


def read_head(buffer: bytes | bytearray) -> Head | Ordinary | Doubtful | None:
    """What is asked, None while the head has not come whole."""
    end = buffer.find(_END, 0, MOST_HEAD + len(_END))
    if end < 0:
        return None if _may_go_on(buffer) else DOUBTFUL
    first = buffer.find(_LINE_END)
    if first > MOST_LINE or _LINE.fullmatch(buffer, 0, first) is None:
        return DOUBTFUL
    text = bytes(buffer[first + len(_LINE_END) : end + len(_LINE_END)])
    if not _FIELDS.fullmatch(text):
        return DOUBTFUL
    fields = [(name.lower(), value.strip(b" \t")) for name, value in _FIELD.findall(text)]
    start = end + len(_END)
    found = _delivery(fields, start) if buffer.startswith(_START) else None
    if found is not None:
        return found
    most = MOST_BYTES if _TO_WEBHOOK in buffer[:first] else pages.MOST_BYTES
    return _ordinary(fields, start, most, is_old=not buffer.endswith(b"1.1", 0, first))


def _may_go_on(buffer: bytes | bytearray) -> bool:
    """Whether gunicorn would wait for more, and not refuse what has come already."""
    if len(buffer) > MOST_HEAD or buffer.count(b"\n") != buffer.count(b"\r\n"):
        return False
    end = buffer.find(b"\r\n")
    if end < 0:
        return len(buffer) <= MOST_LINE
    return end <= MOST_LINE and _LINE.fullmatch(buffer, 0, end) is not None


def _ordinary(fields: Fields, start: int, most: int, *, is_old: bool) -> Ordinary | Doubtful:
    framing = [field for field in fields if field[0] in _FRAMING]
    if len(framing) > 1 or not _UNUSUAL.isdisjoint(name for name, _ in fields):
        return DOUBTFUL
    if not framing:
        return Ordinary(start, start, most)
    ((name, value),) = framing
    if name == b"transfer-encoding":
        is_plain = value.lower() == b"chunked" and not is_old
        return Ordinary(start, None, most) if is_plain else DOUBTFUL
    if not _LENGTH.fullmatch(value) or int(value) > most:
        # It is refused by its length alone.
        return DOUBTFUL
    return Ordinary(start, start + int(value), most)


def _delivery(fields: Fields, start: int) -> Head | None:
    """None if anything about it is out of the ordinary."""
    headers = dict(fields)
    length = headers.get(b"content-length", b"")
    connection = headers.get(b"connection", b"keep-alive").lower()
    # What one that stands twice means, gunicorn decides.
    is_plain = (
        len(headers) == len(fields) <= _MOST_FIELDS
        and b"host" in headers
        and b"transfer-encoding" not in headers
        and _UNUSUAL.isdisjoint(headers)
        and len(_SCHEME & headers.keys()) < 2
        and connection in (b"keep-alive", b"close")
        and _LENGTH.fullmatch(length)
    )
    if not is_plain or int(length) > MOST_BYTES:
        return None
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
