"""How a database is: reachable, of which version, writable, and by which clock; changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, insert, text

from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.models import MemoRow, table_of

_VERSIONS: Final = {
    "sqlite": "SELECT 'SQLite ' || sqlite_version()",
    "postgresql": "SELECT 'PostgreSQL ' || current_setting('server_version')",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A database that answers; `ahead` is by how many seconds its clock is before ours.

    None where it has no clock of its own.
    """

    version: str
    ahead: float | None = None


def reach(url: str) -> Reached:
    """Ask it who it is; UserError where a person must mend something."""
    with _connection(url) as connection:
        version = connection.scalar(text(_VERSIONS[connection.dialect.name]))
        if connection.dialect.name == "sqlite":
            return Reached(str(version))
        before = datetime.now(UTC)
        there = connection.scalar(text("SELECT clock_timestamp()"))
        after = datetime.now(UTC)
        ahead = (there - before).total_seconds() if isinstance(there, datetime) else None
        between = (after - before).total_seconds() / 2
        return Reached(str(version), None if ahead is None else ahead - between)


def try_writing(url: str) -> None:
    """Write a row and take it back; UserError where that is not possible."""
    now = datetime.now(UTC)
    with _connection(url) as connection, connection.begin() as transaction:
        row = {"name": "checked", "value": True, "updated_at": now}
        # Nobody sees it: it is never committed.
        connection.execute(insert(table_of(MemoRow)).values(row))
        transaction.rollback()


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = make_blocking_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
