"""Keeps deliveries as they come, many with one commit: the short way of the web process."""

import contextlib
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import psycopg
from sqlalchemy import URL

from bot.adapters.database.address import parse_url, sqlite_file
from bot.adapters.database.group_commit import GroupCommit
from bot.adapters.database.packing import pack
from bot.domain.deliveries import Delivery

_BUSY_SECONDS = 5
_SQLITE_INSERT = (
    "INSERT INTO delivery (id, event, body, received_at, state, attempts, why) "
    "VALUES (?, ?, ?, ?, 'received', 0, '') ON CONFLICT DO NOTHING"
)
# One statement for any number of rows, so that the server plans it once.
_POSTGRESQL_INSERT = (
    b"INSERT INTO delivery (id, event, body, received_at, state, attempts, why) "
    b"SELECT id, event, body, received_at, 'received', 0, '' "
    b"FROM unnest(%b::text[], %b::text[], %b::bytea[], %b::timestamptz[]) "
    b"AS new (id, event, body, received_at) ON CONFLICT DO NOTHING"
)


class Writer(Protocol):
    """Makes rows durable."""

    def write(self, batch: Sequence[Delivery]) -> None:
        """Insert those that are not there yet; return once that is durable."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


class DeliveryIntake:
    """Keeps one row per delivery id; a second delivery of the same id changes nothing.

    `kept` and `not_kept` count what was written and what could not be, since it was made.
    """

    def __init__(self, url: str) -> None:
        self._writer = _writer(parse_url(url))
        self._commits = GroupCommit(self._write)
        self.add = self._commits.add
        self.kept = self.not_kept = 0

    def keep(self, delivery: Delivery, timeout: float) -> None:
        """Return once the row is durable; whatever the database raises, or TimeoutError."""
        self._commits.put(delivery, timeout)

    def _write(self, batch: Sequence[Delivery]) -> None:
        """By one thread alone, so that both numbers need no lock."""
        try:
            self._writer.write(batch)
        except Exception:
            self.not_kept += len(batch)
            raise
        self.kept += len(batch)

    def close(self) -> None:
        """Write what waits and let the connection go."""
        self._commits.close()
        self._writer.close()


def _writer(address: URL) -> Writer:
    file = sqlite_file(address)
    if file:
        return _SqliteWriter(str(file))
    conninfo = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return _PostgresqlWriter(conninfo)


class _SqliteWriter:
    def __init__(self, file: str) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def write(self, batch: Sequence[Delivery]) -> None:
        connection = self._connection or self._connect()
        rows = [(d.id, d.event, pack(d.body), _sqlite_moment(d.received_at)) for d in batch]
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_SQLITE_INSERT, rows)
            connection.execute("COMMIT")
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            # Closing rolls back what was begun.
            self._connection.close()
        self._connection = None

    def _connect(self) -> sqlite3.Connection:
        # Closed by the thread that ends the process, after the one that writes.
        connection = sqlite3.connect(
            self._file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        self._connection = connection
        return connection


class _PostgresqlWriter:
    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def write(self, batch: Sequence[Delivery]) -> None:
        # In one order everywhere: two processes with the same ids must not wait for each other.
        rows = sorted(batch, key=lambda delivery: delivery.id)
        columns = (
            [row.id for row in rows],
            [row.event for row in rows],
            [row.body for row in rows],
            [row.received_at for row in rows],
        )
        fresh = self._connection is None
        try:
            (self._connection or self._connect()).execute(_POSTGRESQL_INSERT, columns)
        except psycopg.OperationalError:
            lost = self._connection is not None and self._connection.broken
            self.close()
            # The server may have been restarted since the last delivery.
            if fresh or not lost:
                raise
            self._connect().execute(_POSTGRESQL_INSERT, columns)

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        self._connection = psycopg.connect(
            self._conninfo, autocommit=True, connect_timeout=_BUSY_SECONDS
        )
        # The answer says that the row outlives a power cut, whatever the server's default is.
        self._connection.execute("SET synchronous_commit = on")
        self._connection.execute(f"SET statement_timeout = '{_BUSY_SECONDS}s'".encode())
        return self._connection


def _sqlite_moment(moment: datetime) -> str:
    """As SQLAlchemy writes it: UTC without a zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
