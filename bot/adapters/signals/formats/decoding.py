"""A file's bytes as text, unpacked within a limit; what cannot be text says what it is."""

import codecs
import re
import zlib
from typing import Final

from bot.adapters.signals.formats.limits import Limits
from bot.adapters.signals.formats.outcome import UnreadableError

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1024 * 1024
_AGAIN: Final = "Record or copy it again: it was cut off or damaged on its way."
# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ELSEWHERE: Final = (
    (
        (b"\x04\x22\x4d\x18", b"memray"),
        "it is memray's own recording, which only memray can read",
        "Run `memray stats --json -o FILE.json RECORDING.bin` and give that file.",
    ),
    (
        (b"PK\x03\x04", b"PK\x05\x06"),
        "it is a zip archive",
        "Unpack it and give the files inside.",
    ),
    (
        (b"(\xb5/\xfd", b"BZh", b"\xfd7zXZ"),
        "it is compressed, and not by gzip",
        "Unpack it, or pack it by gzip.",
    ),
)
# The second byte is the protocol; the last opcode of every pickle is a full stop.
_PICKLE: Final = re.compile(rb"\x80[\x01-\x05].*\.\Z", re.DOTALL)


def unpacked(data: bytes, limits: Limits) -> bytes:
    """The bytes, inflated if gzip packed them; UnreadableError beyond the limits."""
    if len(data) > limits.file_bytes:
        raise _too_large(f"it has more than {limits.file_bytes:,} bytes")
    if not data.startswith(_GZIP):
        return data
    inflated = _inflated(data, limits.inflated_bytes)
    if inflated.startswith(_GZIP):
        raise UnreadableError("it is packed by gzip twice", "Unpack it once.")
    return inflated


def _inflated(data: bytes, most: int) -> bytes:
    """Every member of a gzip file, never holding more than `most` bytes and one chunk."""
    parts: list[bytes] = []
    size = 0
    rest = data
    while rest.strip(b"\0"):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            try:
                part = member.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise UnreadableError(f"its gzip data is damaged ({error})", _AGAIN) from None
            size += len(part)
            if size > most:
                raise _too_large(f"it unpacks to more than {most:,} bytes")
            parts.append(part)
            rest = member.unconsumed_tail or member.unused_data
            if not part and not rest and not member.eof:
                raise UnreadableError("its gzip data ends in the middle", _AGAIN)
    return b"".join(parts)


def text_of(data: bytes) -> str:
    """The text: UTF-8, or what the byte order mark says; UnreadableError if it is none."""
    for starts, why, remedy in _ELSEWHERE:
        if data.startswith(starts):
            raise UnreadableError(why, remedy)
    if _PICKLE.match(data):
        raise UnreadableError(
            "it is a pickle, which could run anything when read", "Export it as JSON."
        )
    mark, encoding = next((pair for pair in _MARKS if data.startswith(pair[0])), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        place = len(mark) + error.start
        why = f"it is no text: byte {place:,} is not {encoding.upper()}"
        raise UnreadableError(why, "Save it as UTF-8, or give another file.") from None
    if "\0" in text[:_CHUNK]:
        raise UnreadableError("it is no text: it holds NUL bytes", "Give the tool's text export.")
    return text


def _too_large(why: str) -> UnreadableError:
    return UnreadableError(why, "Record for a shorter time, or split it.")
