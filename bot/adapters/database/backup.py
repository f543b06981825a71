"""Copies of an SQLite file, made while it may be in use; the newest few are kept."""

import sqlite3
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
