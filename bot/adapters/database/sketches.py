"""Sketches as bytes: about two for each bucket."""

import sys
from array import array
from collections.abc import Mapping
from itertools import accumulate, pairwise
from struct import Struct
from typing import Final

from bot.domain.sketch import Sketch

_HEAD: Final = Struct("<BQ")
_SIDE: Final = Struct("<ccHi")
_FORM: Final = 1
_WIDTHS: Final = {"B": 2**8, "H": 2**16, "I": 2**32, "Q": 2**64}


def dump(sketch: Sketch) -> bytes:
    """The bytes that `load` reads."""
    return _HEAD.pack(_FORM, sketch.zeros) + _side(sketch.above) + _side(sketch.below)


def load(data: bytes) -> Sketch:
    """The sketch; ValueError if these are not its bytes."""
    try:
        form, zeros = _HEAD.unpack_from(data)
        above, at = _buckets(data, _HEAD.size)
        below, end = _buckets(data, at)
    except Exception as error:
        message = f"these {len(data)} bytes are no sketch"
        raise ValueError(message) from error
    if form != _FORM or end != len(data):
        message = f"these {len(data)} bytes are no sketch"
        raise ValueError(message)
    return Sketch(above, below, zeros)


def _side(buckets: Mapping[int, int]) -> bytes:
    """How wide gaps and counts are, how many, the first bucket; then the gaps and the counts."""
    ordered = sorted(buckets)
    gaps = [after - before for before, after in pairwise(ordered)]
    counts = [buckets[bucket] for bucket in ordered]
    wide, tall = _width(gaps), _width(counts)
    head = _SIDE.pack(wide.encode(), tall.encode(), len(ordered), ordered[0] if ordered else 0)
    return head + _packed(wide, gaps) + _packed(tall, counts)


def _buckets(data: bytes, at: int) -> tuple[dict[int, int], int]:
    wide, tall, many, first = _SIDE.unpack_from(data, at)
    at += _SIDE.size
    gaps, at = _unpacked(wide.decode(), data, at, max(0, many - 1))
    counts, at = _unpacked(tall.decode(), data, at, many)
    ordered = accumulate(gaps, initial=first) if many else ()
    return dict(zip(ordered, counts, strict=True)), at


def _width(numbers: list[int]) -> str:
    largest = max(numbers, default=0)
    return next(code for code, bound in _WIDTHS.items() if largest < bound)


def _packed(code: str, numbers: list[int]) -> bytes:
    packed = array(code, numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _unpacked(code: str, data: bytes, at: int, many: int) -> tuple["array[int]", int]:
    numbers: array[int] = array(code)
    end = at + many * numbers.itemsize
    numbers.frombytes(data[at:end])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers, end
