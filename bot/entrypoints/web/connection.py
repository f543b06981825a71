"""One client of the web process, and how long it may take to say what it wants."""

import time
from http import HTTPStatus
from typing import Any, Final

from gunicorn.http.errors import NoMoreData  # type: ignore[import-untyped] # it has no types
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped] # it has no types

from bot.entrypoints.web.chunks import MOST_CHUNKS, Chunks, TooMany, Unclear
from bot.entrypoints.web.head import DOUBTFUL, Doubtful, Head, Ordinary, read_head
from bot.entrypoints.web.problems import Problem

READ_SECONDS: Final = 15.0
"""A request has to come whole within this time; GitHub gives up after ten."""
_TOO_MANY: Final = Problem(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body comes in at most {MOST_CHUNKS:,} chunks."
)
_CHUNK: Final = 64 * 1024
_LARGE_CHUNK: Final = 1024 * 1024


class Connection(TConn):  # type: ignore[misc] # the library has no types
    """One client, and what it has sent that is not answered yet."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.buffer: bytes | bytearray = b""
        self.head: Head | Ordinary | None = None
        self.held = 0
        self.closes = False
        self.is_open = True
        self.is_read = False
        self.ends = False
        self.wait(READ_SECONDS)

    def init(self) -> None:
        """Give gunicorn's parser what has been read already, and bound what it still reads."""
        first = not self.initialized
        super().init()
        if first:
            self.parser.unreader = _BoundedUnreader(self.sock)
        # From when it began, and not from when a thread had time for it.
        self.parser.unreader.deadline = self.deadline
        self.parser.unreader.unread(bytes(self.buffer))
        self.buffer = b""
        self.head = None

    def wait(self, seconds: float) -> None:
        """Whatever is awaited now has to come within this time."""
        self.deadline = time.monotonic() + seconds

    def wait_for_request(self) -> None:
        """One has begun to come."""
        self.wait(READ_SECONDS)

    def receive(self) -> bytes:
        """What has come, empty if the client sends no more; an OSError if there is nothing."""
        end = self.head.end if self.head else None
        want = _CHUNK if end is None else end - len(self.buffer)
        data: bytes = self.sock.recv(min(max(want, _CHUNK), _LARGE_CHUNK))
        return data

    def append(self, data: bytes) -> None:
        """Put it behind what is not answered yet."""
        if not self.buffer:
            self.buffer = data
        elif isinstance(self.buffer, bytearray):
            self.buffer += data
        else:
            self.buffer = bytearray(self.buffer) + data

    def whole(self) -> Head | Ordinary | Doubtful | Problem | None:
        """What it asks for once that is all there, None while it is not.

        What is doubtful is not waited for (see `read_head`), nor what is refused by a Problem.
        """
        if self.head is None:
            found = read_head(self.buffer)
            if found is None or isinstance(found, Doubtful):
                return found
            self.head = found
            if found.end is None:
                self._chunks = Chunks(found.start, found.most)
        try:
            end = self._chunks.end(self.buffer) if self.head.end is None else self.head.end
        except Unclear:
            return DOUBTFUL
        except TooMany:
            return _TOO_MANY
        return self.head if end is not None and end <= len(self.buffer) else None

    def cut(self, head: Head) -> bytes:
        """Take the first request out; its body."""
        buffer = self.buffer
        self.buffer = bytes(buffer[head.end :]) if len(buffer) > head.end else b""
        self.head = None
        return bytes(buffer[head.start : head.end])


class _BoundedUnreader(SocketUnreader):  # type: ignore[misc] # the library has no types
    """Reads until a moment and no longer, however slowly the client goes on."""

    deadline = 0.0

    def chunk(self, size_hint: int | None = None) -> bytes:
        left = self.deadline - time.monotonic()
        try:
            if left > 0:
                self.sock.settimeout(left)
                found: bytes = super().chunk(size_hint)
                self.sock.settimeout(READ_SECONDS)
                return found
        except TimeoutError:
            pass
        raise NoMoreData
