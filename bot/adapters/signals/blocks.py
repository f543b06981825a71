"""Requests as one block of bytes: columns, compressed."""

import json
import sys
import zlib
from array import array
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from bot.domain.metrics import Request
from bot.domain.reported import Requests

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD: Final = Struct("<I")
_LEVEL: Final = 1
_MOST_BYTES: Final = 64 * 2**20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: Final = "qdIb"


def columns(requests: Requests) -> bytes:
    """The bytes of the columns, times to the microsecond; the same requests give the same bytes."""
    names = list(dict.fromkeys(zip(requests.endpoint, requests.commit, strict=True)))
    index = {name: number for number, name in enumerate(names)}
    head = json.dumps({"names": names, "count": len(requests)}).encode()
    packed: tuple[Sequence[Any], ...] = (
        [round(at * 1_000_000) for at in requests.at],
        requests.milliseconds,
        [index[one] for one in zip(requests.endpoint, requests.commit, strict=True)],
        requests.failed,
    )
    filled = (_native(array(kind, one)) for kind, one in zip(_KINDS, packed, strict=True))
    return b"".join((_HEAD.pack(len(head)), head, *(column.tobytes() for column in filled)))


def dump(columns: bytes) -> bytes:
    """What is kept of them."""
    return zlib.compress(columns, _LEVEL)


def load(block: bytes) -> list[Request]:
    """The requests in their order."""
    body = zlib.decompressobj().decompress(block, _MOST_BYTES)
    (size,) = _HEAD.unpack_from(body)
    at = _HEAD.size + size
    head = json.loads(body[_HEAD.size : at])
    unpacked: list[array[Any]] = []
    for kind in _KINDS:
        column: array[Any] = array(kind)
        end = at + head["count"] * column.itemsize
        column.frombytes(body[at:end])
        unpacked.append(_native(column))
        at = end
    names = head["names"]
    return [
        Request(_moment(when), names[name][0], took, bool(failed), names[name][1])
        for when, took, name, failed in zip(*unpacked, strict=True)
    ]


def _native(column: "array[Any]") -> "array[Any]":
    """Little-endian on every machine: a database may move."""
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
