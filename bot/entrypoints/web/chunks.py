"""Finds where a body ends that comes in chunks, as it comes; its bytes stay as they are."""

import re
from typing import Final

MOST_CHUNKS: Final = 16_384
"""Each costs time to put together; honest clients send some kilobytes in one."""
_LONGEST_LINE: Final = 16
_LINE: Final = re.compile(rb"[0-9a-fA-F]{1,8}\r\n")


class Unclear(Exception):  # noqa: N818 - it is no error: gunicorn may know what it means
    """These are no plain chunks, or they have more bytes than they may."""


class TooMany(Exception):  # noqa: N818 - the one who sends them is wrong
    """There are more chunks than there may be."""


class Chunks:
    """How far a chunked body has been looked through; `at` is where it starts in the buffer."""

    def __init__(self, at: int, most: int) -> None:
        self._at = at
        self._most = at + most
        self._count = 0

    def end(self, buffer: bytes | bytearray) -> int | None:
        """Where the body ends, None while that has not come; Unclear or TooMany otherwise."""
        while self._at <= len(buffer):
            line = _LINE.match(buffer, self._at, self._at + _LONGEST_LINE)
            if line is None:
                if len(buffer) - self._at >= _LONGEST_LINE or b"\n" in buffer[self._at :]:
                    raise Unclear
                return None
            size = int(line[0], 16)
            end = line.end() + size + 2
            if end > self._most:
                raise Unclear
            # After the last one a trailer could follow, which nothing here wants.
            if buffer[end - 2 : end] not in (b"\r\n", b"\r", b""):
                raise Unclear
            if end > len(buffer):
                return None
            if size == 0:
                return end
            self._at = end
            self._count += 1
            if self._count > MOST_CHUNKS:
                raise TooMany
        return None
