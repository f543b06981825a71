"""Bodies as SQLite stores them: it writes every byte twice, so a third of them is a third the work.

PostgreSQL packs by itself, in a process of its own.
"""

from typing import Final

import lz4.frame  # type: ignore[import-untyped] # it has no types

# What every frame begins with ("LZ4 Frame Format Description", General Structure).
_MAGIC: Final = b"\x04\x22\x4d\x18"
_TOO_SMALL: Final = 128


def pack(body: bytes) -> bytes:
    """What `unpack` makes this of; what is small stays as it is."""
    if len(body) < _TOO_SMALL and not body.startswith(_MAGIC):
        return body
    packed: bytes = lz4.frame.compress(body)
    return packed


def unpack(stored: bytes) -> bytes:
    """The body, also where it is stored as it came.

    ValueError if it is damaged.
    """
    if not stored.startswith(_MAGIC):
        return stored
    try:
        body: bytes = lz4.frame.decompress(stored)
    except RuntimeError as error:
        message = f"a stored body is damaged: {error}"
        raise ValueError(message) from error
    return body
