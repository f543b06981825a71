"""One client of the web process, and how long it may take to say what it wants."""

import time
from typing import Any, Final

from gunicorn.http.errors import NoMoreData  # type: ignore[import-untyped] # it has no types
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped] # it has no types

from bot.entrypoints.web.head import Head

READ_SECONDS: Final = 15.0
"""A request has to come whole within this time; GitHub gives up after ten."""
_CHUNK: Final = 64 * 1024
_LARGE_CHUNK: Final = 1024 * 1024


class Connection(TConn):  # type: ignore[misc] # the library has no types
    """One client, and what it has sent that is not answered yet."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.buffer: bytes | bytearray = b""
        self.head: Head | None = None
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
        self.parser.unreader.deadline = time.monotonic() + READ_SECONDS
        self.parser.unreader.unread(bytes(self.buffer))
        self.buffer = b""

    def wait(self, seconds: float) -> None:
        """Whatever is awaited now has to come within this time."""
        self.deadline = time.monotonic() + seconds

    def wait_for_request(self) -> None:
        """One has begun to come."""
        self.wait(READ_SECONDS)

    def receive(self) -> bytes:
        """What has come, empty if the client sends no more; an OSError if there is nothing."""
        want = self.head.end - len(self.buffer) if self.head else _CHUNK
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
