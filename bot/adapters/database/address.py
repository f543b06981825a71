"""Where the database is: what DATABASE_URL may say and how it is shown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.ports import UserError

_REMEDY = (
    "set DATABASE_URL to sqlite:///path/to/file.db or to "
    "postgresql://user:password@host:5432/database"
)


def parse_url(text: str) -> URL:
    """The address with the driver that we use; UserError if it is none of ours.

    The text itself is never shown: it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UserError("DATABASE_URL is no database address", _REMEDY) from None
    kind = url.drivername.partition("+")[0]
    if kind in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise UserError(f"DATABASE_URL names {kind!r}, which is not supported", _REMEDY)
    if not url.database or ":memory:" in url.database or "mode" in url.query:
        raise UserError("DATABASE_URL names no SQLite file, so nothing would be kept", _REMEDY)
    return url.set(drivername="sqlite+aiosqlite")


def blocking(url: URL) -> URL:
    """The same address for code that is not asynchronous; psycopg serves both."""
    return url.set(drivername="sqlite") if sqlite_file(url) else url


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite address, None for PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(url.database or "")


def bare(url: URL) -> str:
    """The address for other programs, without the password: they read PGPASSWORD or ~/.pgpass."""
    plain = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, _harmless(url.query)
    )
    return plain.render_as_string()


def _harmless(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if "password" not in name}


def shown(url: URL) -> str:
    """The address for a person to read, without the password."""
    file = sqlite_file(url)
    return str(file) if file else url.set(query={}).render_as_string(hide_password=True)
