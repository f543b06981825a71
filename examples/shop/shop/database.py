"""The shop's database: one SQLite file, one connection per thread."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS words (
    word TEXT NOT NULL, product INTEGER NOT NULL REFERENCES products, PRIMARY KEY (word, product)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, city TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers,
    product INTEGER NOT NULL REFERENCES products, quantity INTEGER NOT NULL,
    total INTEGER NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_at ON orders (at);
"""

_open = threading.local()


@dataclass(frozen=True)
class Database:
    """Where the data is; a plain value, the connections belong to the threads."""

    path: str

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of one query."""
        return self._connection().execute(sql, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that may write, rolled back when the block raises."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection, if it has one."""
        connection = _connections().pop(self.path, None)
        if connection is not None:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        connections = _connections()
        if self.path not in connections:
            connections[self.path] = connect(self.path)
        return connections[self.path]


def connect(path: str, mode: str = "rw") -> sqlite3.Connection:
    """Open the file; with mode `rwc` it is made if it is missing."""
    address = f"file:{quote(path)}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=5, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def prepare(path: str) -> Database:
    """Make the tables where they are missing, and let readers and a writer work side by side."""
    connection = connect(path, "rwc")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA)
    connection.close()
    return Database(path)


def _connections() -> dict[str, sqlite3.Connection]:
    if not hasattr(_open, "connections"):
        _open.connections = {}
    connections: dict[str, sqlite3.Connection] = _open.connections
    return connections
