"""Reads points as exporters write them, without parsing what is the same in each.

An exporter sends the same attributes and bounds again and again, behind times and values of a fixed
width. The fixed part is unpacked; the rest is known by its bytes once it has been parsed. Whatever
is laid out otherwise is left to the library's parser: this reads the same, or nothing.
"""

import struct
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from google.protobuf.message import DecodeError, Message

from bot.adapters.signals.otlp.wire import Walk
from bot.domain.counters import MOST_COUNTED, Tally
from bot.domain.metrics import LARGEST, Series

LONGEST: Final = 1_024
"""Of names and a rest that are worth remembering: thousands of them are kept."""
_MOST_FIELDS: Final = 256
# How a field begins: its number in the definition of the message, and how it is written.
_START, _TIME, _DOUBLE, _INTEGER, _COUNT, _SUM = 0x11, 0x19, 0x21, 0x31, 0x21, 0x29
_BUCKETS, _LEAST, _GREATEST = 0x32, 0x59, 0x61
_TIMED: Final = struct.Struct("<BQB")
_FIXED: Final = struct.Struct("<d"), struct.Struct("<q")
_COUNTED: Final = struct.Struct("<BQBQBQBdB")
_ENDS: Final = struct.Struct("<BdBd")
_MORE: Final = 0x80
_MOST_BUCKETS: Final = 1_000
_RESTS: Final = {"gauge": {7, 8}, "sum": {7, 8}, "histogram": {7, 9, 10}}
"""The fields that do not change: attributes and flags, and the bounds of a histogram."""


class Known(NamedTuple):
    """What a rest says: of which series, by which factor values become ours, the buckets."""

    series: Series
    factor: float
    middles: tuple[float, ...] = ()


Knows = Callable[[bytes], Known | None]


def rest_of(form: str, rest: bytes, made: Message) -> Any:
    """The point that has only this rest; None if there is something else in it."""
    try:
        fields = {number for number, *_ in Walk(rest, _MOST_FIELDS).fields(0, len(rest))}
        made.ParseFromString(rest)
    except (ValueError, DecodeError):
        return None
    return made if fields <= _RESTS[form] else None


def number(piece: bytes, knows: Knows) -> Tally | None:
    """A point of a gauge or a sum; None if it has to be parsed."""
    start, at = 0, 0
    if piece[:1] == b"\x11":
        start, at = int.from_bytes(piece[1:9], "little"), 9
    if len(piece) < at + 18:
        return None
    tag, when, kind = _TIMED.unpack_from(piece, at)
    if tag != _TIME or kind not in (_DOUBLE, _INTEGER):
        return None
    (value,) = _FIXED[kind == _INTEGER].unpack_from(piece, at + _TIMED.size)
    known = knows(piece[at + 18 :])
    if known is None or not abs(value) <= LARGEST:
        return None
    ours = float(value) * known.factor
    return Tally(known.series, start, when, {ours: 1}, ours)


def histogram(piece: bytes, knows: Knows) -> Tally | None:
    """A point with buckets; None if it has to be parsed."""
    if len(piece) < _COUNTED.size + 2:
        return None
    *fixed, tag = _COUNTED.unpack_from(piece)
    first, start, second, when, third, count, fourth, total = fixed
    if (first, second, third, fourth, tag) != (_START, _TIME, _COUNT, _SUM, _BUCKETS):
        return None
    size, at = piece[_COUNTED.size], _COUNTED.size + 1
    if size >= _MORE:
        size, at = size - _MORE + piece[at] * _MORE, at + 1
        if piece[at - 1] >= _MORE:
            return None
    many, left = divmod(size, 8)
    if left or not 0 < many <= _MOST_BUCKETS or at + size > len(piece):
        return None
    counts = struct.unpack_from(f"<{many}Q", piece, at)
    known, ends = _known(piece[at + size :], knows)
    if (
        known is None
        or len(known.middles) != many
        or sum(counts) != count
        or count > MOST_COUNTED
        or not abs(total) <= LARGEST
    ):
        return None
    values = {middle: one for middle, one in zip(known.middles, counts, strict=True) if one}
    factor = known.factor
    low, high = sane_ends(ends, factor) if count else (None, None)
    return Tally(known.series, start, when, values, total * factor, low, high)


def sane_ends(
    ends: tuple[float, float] | None, factor: float
) -> tuple[float, float] | tuple[None, None]:
    """The least and the greatest value as ours, where they can be true."""
    if ends is None:
        return None, None
    low, high = (one * factor for one in ends)
    return (low, high) if -LARGEST <= low <= high <= LARGEST else (None, None)


def _known(rest: bytes, knows: Knows) -> tuple[Known | None, tuple[float, float] | None]:
    """What the rest says, and the ends, which stand behind it and change."""
    at = len(rest) - _ENDS.size
    if at >= 0:
        least, low, greatest, high = _ENDS.unpack_from(rest, at)
        if (least, greatest) == (_LEAST, _GREATEST):
            known = knows(rest[:at])
            # What is before them has ended, so these are fields and no part of one.
            if known is not None:
                return known, (low, high)
    return knows(rest), None
