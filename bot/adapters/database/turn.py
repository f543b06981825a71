"""One process at a time: the turn to migrate a database."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from bot.ports import UserError

_WAIT_SECONDS = 120
_LOOK_AGAIN_SECONDS = 0.05
# Any number, as long as every version of Ironclaw takes the same.
_ADVISORY_KEY = 0x1C0C1A30


@contextmanager
def turn_on_file(file: Path) -> Iterator[None]:
    """Wait for the lock beside an SQLite file; the system drops it when the process dies."""
    path = file.with_name(f"{file.name}.migrating")
    try:
        lock = path.open("a")
    except OSError as error:
        remedy = "See that its folder exists and that this user may write in it."
        raise UserError(f"the database {file} cannot be opened: {error.strerror}", remedy) from None
    with lock:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not _locked(lock.fileno()):
            if time.monotonic() > deadline:
                remedy = f"End the other Ironclaw that uses {file}, then try again."
                raise UserError("another process does not finish its migration", remedy)
            time.sleep(_LOOK_AGAIN_SECONDS)
        yield


def take_turn(connection: Connection) -> None:
    """Wait for PostgreSQL's lock, which the transaction's end gives back."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_KEY})"))


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
