"""Engines whose transactions behave alike on SQLite and PostgreSQL."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.adapters.database.address import blocking, parse_url, sqlite_file
from bot.adapters.database.errors import explain, translate

_WAIT_SECONDS = 15
_IDLE_SECONDS = 30
_PRAGMAS = (
    # Readers and one writer at once.
    "PRAGMA journal_mode = WAL",
    # A commit answers a webhook or a merge: it must outlive a power cut, not only a crash.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_READS = ("SELECT", "PRAGMA")


def make_engine(url: str) -> AsyncEngine:
    """The engine for DATABASE_URL; nothing is opened yet. Dispose of it at the end."""
    address = parse_url(url)
    engine = create_async_engine(address, **_options(address))
    _prepare(engine.sync_engine)
    return engine


def make_blocking_engine(url: str) -> Engine:
    """The same for code that is not asynchronous, such as the migrations."""
    address = blocking(parse_url(url))
    engine = create_engine(address, **_options(address))
    _prepare(engine)
    return engine


def _options(address: URL) -> dict[str, Any]:
    if sqlite_file(address):
        return {"connect_args": {"timeout": _WAIT_SECONDS}}
    return {"connect_args": {"connect_timeout": _WAIT_SECONDS}, "pool_pre_ping": True}


def end_idle_transactions(engine: Engine) -> None:
    """Let PostgreSQL end a session that stands still within a transaction, and free its locks.

    A process that is stopped, or a machine that is gone, would hold up the others with them.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _limit_idling)


def _limit_idling(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s'")
    cursor.close()
    connection.commit()


def _prepare(engine: Engine) -> None:
    event.listen(engine, "handle_error", translate, retval=True)
    end_idle_transactions(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _probe)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "before_cursor_execute", _begin_for_writing)


def _probe(_dialect: object, _record: object, arguments: list[Any], _options: object) -> None:
    """Fail here when the file cannot be opened.

    The asynchronous driver fails too, but leaves a thread behind that wakes a loop closed by then.
    """
    sqlite3.connect(arguments[0]).close()


def _set_up(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes late and is deferred: we begin by ourselves, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_for_writing(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
    """Take SQLite's only write lock before the first write, and none for reading.

    A transaction that has read and then writes fails at once when somebody wrote in between; one
    that starts with the lock waits for it. Each read before it sees what is committed, as it does
    on PostgreSQL, and holds up nobody however long the session stays open.
    """
    if statement.lstrip()[:6].upper() in _READS:
        return
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        return
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        # SQLAlchemy's hook for errors does not see what fails in this one.
        raise explain(error) or error from error
