"""Reads a growing text file line by line from its end, so that the newest lines cost the least."""

import os
from collections.abc import Iterator

BLOCK = 65_536
LONGEST = 16_384
"""Bytes of a line; the rest of a longer one is read past without being kept."""


class ShrunkError(Exception):
    """The file became shorter while it was read: what was seen of it is not to be relied on."""


def lines_backwards(file: int, start: int, end: int, block: int = BLOCK) -> Iterator[bytes | None]:
    """The whole lines between two offsets, last one first; None stands for one too long.

    What follows the last line feed is a line still being written, and left out; so is what comes
    before the first one, unless the file begins there.
    """
    # The beginning of the line whose end came in an earlier block; None once it is too long.
    ending: bytes | None = b""
    torn = True
    position = end
    while position > start:
        length = min(block, position - start)
        position -= length
        first, *others = _read(file, length, position).split(b"\n")
        if not others:
            ending = _joined(first, ending)
            continue
        last = _joined(others.pop(), ending)
        if not torn:
            yield last
        torn = False
        for line in reversed(others):
            yield _joined(line, b"")
        ending = _joined(first, b"")
    if start == 0 and not torn:
        yield ending


def _joined(start: bytes, ending: bytes | None) -> bytes | None:
    if ending is None or len(start) + len(ending) > LONGEST:
        return None
    return start + ending


def _read(file: int, length: int, position: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = os.pread(file, length - len(data), position + len(data))
        if not part:
            raise ShrunkError
        data += part
    return bytes(data)
