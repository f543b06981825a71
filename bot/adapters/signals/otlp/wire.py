"""Walks the fields of a protobuf message as bytes, without making anything of them.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator
from typing import Final

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_MORE: Final = 0x80
_LONGEST_VARINT: Final = 10
_WIDTH: Final = {FIXED64: 8, FIXED32: 4}

Field = tuple[int, int, int, int]
"""Its number, its wire type, and where its content starts and ends; a varint stands for itself."""


class Walk:
    """Looks through one message; ValueError where it is none, or has more than `most` fields."""

    def __init__(self, body: bytes, most: int) -> None:
        self._body = body
        self._left = most

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """The fields between two places, in their order; what they hold is not looked into."""
        at, body = start, self._body
        while at < end:
            self._left -= 1
            if self._left < 0:
                message = "it has more parts than can be sensible"
                raise ValueError(message)
            # Nearly all of these are of one byte, and a call would cost more than the rest.
            key = body[at]
            if key < _MORE:
                at += 1
            else:
                key, at = self._varint(at, end)
            number, kind = key >> 3, key & 7
            if kind == VARINT:
                value, at = self._varint(at, end)
                yield number, kind, value, at
                continue
            size = _WIDTH.get(kind)
            if size is None:
                if kind != LENGTH:
                    message = f"it has a field of the unknown kind {kind}"
                    raise ValueError(message)
                if at < end and body[at] < _MORE:
                    size, at = body[at], at + 1
                else:
                    size, at = self._varint(at, end)
            if at + size > end:
                message = "it is cut off"
                raise ValueError(message)
            yield number, kind, at, at + size
            at += size

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        if at < end and self._body[at] < _MORE:
            return self._body[at], at + 1
        value = shift = 0
        for place in range(at, min(end, at + _LONGEST_VARINT)):
            byte = self._body[place]
            value |= (byte & ~_MORE) << shift
            if byte < _MORE:
                return value, place + 1
            shift += 7
        message = "a number in it does not end"
        raise ValueError(message)
