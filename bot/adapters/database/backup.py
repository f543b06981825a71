"""Copies of an SQLite file, made while it may be in use; the newest few are kept."""

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.database.errors import explain
from bot.ports import UserError

KEPT = 5


def back_up(file: Path, folder: Path) -> Path:
    """Copy `file` to `<name>.<time>.bak` in `folder` and remove all but the last five copies."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = folder / f"{file.name}.{stamp}.bak"
    unfinished = target.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # It holds what the database holds: nobody else may read it.
        unfinished.touch(mode=0o600)
        _copy(file, unfinished)
        unfinished.replace(target)
        for old in sorted(folder.glob(f"{file.name}.*.bak"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            unfinished.unlink()
        remedy = f"Nothing was changed. See that {folder} can be written and has room, then retry."
        raise UserError(f"{file} could not be backed up: {error}", remedy) from error
    return target


def copy_to(file: Path, target: Path) -> int:
    """Copy `file` to `target`, which must not be there yet, for its owner alone; bytes written.

    Others may write meanwhile: the copy is what was committed at one moment, checked, and one file.
    It is there whole or not at all; UserError where it cannot be made.
    """
    if not file.is_file():
        remedy = "See which file DATABASE_URL names; without it, it lies in IRONCLAW_DATA_DIR."
        raise UserError(f"{file} is not there, so there is nothing to copy", remedy)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".ironclaw-backup-") as folder:
            unfinished = Path(folder) / "copy"
            unfinished.touch(mode=0o600)
            _copy(file, unfinished)
            _make_whole(unfinished)
            # Unlike a rename it does not take the place of what came there meanwhile.
            os.link(unfinished, target)
            return target.stat().st_size
    except FileExistsError:
        remedy = "Name another file, or remove that one."
        raise UserError(f"{target} is there already, and nothing is overwritten", remedy) from None
    except (OSError, sqlite3.Error) as error:
        remedy = f"See that {target.parent} is there, can be written and has room, then retry."
        raise UserError(f"{file} could not be copied: {error}", remedy) from error


def _make_whole(copy: Path) -> None:
    """Let it need no file beside it, see that nothing in it is damaged, and have it on the disk."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        message = f"the database is damaged: {said}"
        raise sqlite3.DatabaseError(message)
    with copy.open("rb") as opened:
        os.fsync(opened.fileno())


def has_data(file: Path) -> bool:
    """Whether anything is in the file yet; UserError when it cannot be read as a database."""
    if not file.exists() or not file.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(file)) as source:
            return bool(source.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.Error as error:
        raise explain(error, str(file)) or error from error


def _copy(file: Path, target: Path) -> None:
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
