"""The bytes of a measurement file that a person or a workflow names."""

import os
import stat
from pathlib import Path
from typing import Final

from bot.adapters.signals.formats import Limits, Refused

_MOST_BYTES: Final = Limits().file_bytes


def read_bytes(file: Path) -> bytes | Refused:
    """A regular file's bytes, one more than is read at most: a pipe could be endless."""
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(file, flags), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return Refused("it is no regular file", "Copy its content into a file first.")
            return opened.read(_MOST_BYTES + 1)
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        return Refused(why, "See that it is there and that you may read it.")
