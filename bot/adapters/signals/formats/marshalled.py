"""Reads the few types of Python's marshal format that a profile is made of, within limits.

`marshal.loads` can crash the interpreter on a crafted file, and makes code objects. The format is
not documented; this follows CPython's `Python/marshal.c`, versions 0 to 5 of the format.
"""

import struct
from typing import Any, Final

from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import UnreadableError

_REFERABLE: Final = 0x80
_DEPTH: Final = 8
_LONGEST_TEXT: Final = 65_536
_LONGEST_INTEGER: Final = 8
"""Digits of 15 bits: more than any counter has."""
_CUT: Final = "Record or copy it again: it was cut off or damaged on its way."
_OPEN: Final = object()
"""Stands for a value that is being read: a reference to it would be a circle."""
_END: Final = object()
_LONG_TEXTS: Final = {0x75: "utf-8", 0x74: "utf-8", 0x61: "ascii", 0x41: "ascii"}
_CONSTANTS: Final = {0x4E: None, 0x46: False, 0x54: True}


class Unmarshaller:
    """Reads one value from bytes; UnreadableError for what is damaged or of another type."""

    def __init__(self, data: bytes, meter: Meter) -> None:
        self._data = data
        self._meter = meter
        self._place = 0
        self._known: list[Any] = []

    def read(self) -> Any:
        """The value that the whole of the bytes is."""
        found = self._value(_DEPTH)
        if found is _END or self._place != len(self._data):
            raise _damaged("there is more after its end")
        return found

    def _value(self, depth: int) -> Any:
        if not depth:
            raise _damaged("it is nested too deeply")
        self._meter.step()
        sign = self._take(1)[0]
        kind, referable = sign & ~_REFERABLE, bool(sign & _REFERABLE)
        if kind == ord("0"):
            return _END
        if kind == ord("r"):
            return self._reference()
        place = len(self._known)
        if referable:
            self._known.append(_OPEN)
        found = self._of_kind(kind, depth)
        if referable:
            self._known[place] = found
        return found

    def _of_kind(self, kind: int, depth: int) -> Any:
        match chr(kind):
            case "N" | "T" | "F":
                return _CONSTANTS[kind]
            case ")":
                return self._tuple(self._take(1)[0], depth)
            case "(":
                return self._tuple(self._integer(4), depth)
            case "{":
                return self._mapping(depth)
            case _:
                return self._scalar(kind)

    def _scalar(self, kind: int) -> int | float | str:
        match chr(kind):
            case "i":
                return self._integer(4)
            case "l":
                return self._long()
            case "g":
                return float(struct.unpack("<d", self._take(8))[0])
            case "f":
                return self._written_float()
            case "z" | "Z":
                return self._text(self._take(1)[0], "ascii")
            case "u" | "t" | "a" | "A":
                return self._text(self._integer(4), _LONG_TEXTS[kind])
            case _:
                raise _damaged(f"byte {kind} at {self._place - 1:,} is no type of a profile")

    def _take(self, size: int) -> bytes:
        found = self._data[self._place : self._place + size]
        if len(found) < size:
            raise UnreadableError("it ends in the middle", _CUT)
        self._place += size
        return found

    def _integer(self, size: int) -> int:
        return int.from_bytes(self._take(size), "little", signed=True)

    def _long(self) -> int:
        digits = self._integer(4)
        if abs(digits) > _LONGEST_INTEGER:
            raise _damaged("it holds a number that no counter reaches")
        value = sum(self._integer(2) << (15 * place) for place in range(abs(digits)))
        return -value if digits < 0 else value

    def _written_float(self) -> float:
        given = self._take(self._take(1)[0])
        try:
            return float(given.decode("ascii"))
        except ValueError:
            raise _damaged("it holds a number that is none") from None

    def _text(self, size: int, encoding: str) -> str:
        if not 0 <= size <= _LONGEST_TEXT:
            raise _damaged(f"it holds a name of {size:,} bytes")
        try:
            return self._take(size).decode(encoding, "surrogatepass")
        except UnicodeDecodeError:
            raise _damaged("it holds a name that is no text") from None

    def _tuple(self, size: int, depth: int) -> tuple[Any, ...]:
        if not 0 <= size <= len(self._data) - self._place:
            raise UnreadableError("it ends in the middle", _CUT)
        found = tuple(self._value(depth - 1) for _ in range(size))
        if any(one is _END for one in found):
            raise _damaged("a tuple of it ends too early")
        return found

    def _mapping(self, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while (key := self._value(depth - 1)) is not _END:
            value = self._value(depth - 1)
            if value is _END:
                raise _damaged("a key of it has no value")
            try:
                found[key] = value
            except TypeError:
                raise _damaged("a key of it is none") from None
        return found

    def _reference(self) -> Any:
        place = self._integer(4)
        if not 0 <= place < len(self._known) or self._known[place] is _OPEN:
            raise _damaged("it refers to what is not there")
        return self._known[place]


def _damaged(why: str) -> UnreadableError:
    return UnreadableError(f"it is no whole profile: {why}", _CUT)
