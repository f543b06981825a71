"""Windows in the database: what comes is added to what is there, in every length at once.

Hours and days are written with the five minutes, not made from them later: what comes late, out of
order or from another process is then in all of them, and a long report reads few rows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import RollupRow, WindowRow, table_of
from bot.adapters.database.rows import Row, window_of, window_row
from bot.domain.metrics import DAY, HOUR, SPANS, WINDOW, MetricType, Window, gathered, joined

_FINE: Final = table_of(WindowRow)
_COARSE: Final = table_of(RollupRow)
_AT_ONCE: Final = 500
KEPT: Final = {WINDOW: timedelta(days=14), HOUR: timedelta(days=100), DAY: timedelta(days=800)}
"""How long windows of each length are kept after their start."""


async def add_windows(
    connection: AsyncConnection, repository: str, windows: Sequence[Window]
) -> None:
    """Add five-minute windows to those of their series, and to the hours and days around them."""
    for span in SPANS:
        # In one order everywhere: two writers must not wait for each other.
        whole = gathered(windows, span)
        for start in range(0, len(whole), _AT_ONCE):
            await _merge(connection, repository, whole[start : start + _AT_ONCE])


async def read_windows(
    connection: AsyncConnection,
    repository: str,
    since: datetime,
    until: datetime,
    span: timedelta,
    kind: MetricType | None = None,
) -> list[Window]:
    """Windows of this length that start in [since, until), oldest first."""
    table = _table(span)
    start = table.c.window_start
    mine = [start >= since, start < until, table.c.repository == repository]
    if table is _COARSE:
        mine.append(table.c.span_seconds == int(span.total_seconds()))
    if kind is not None:
        mine.append(table.c.metric_type == kind)
    chosen = select(table).where(*mine).order_by(*table.primary_key)
    return [window_of(dict(row)) for row in (await connection.execute(chosen)).mappings()]


async def forget_windows(connection: AsyncConnection, now: datetime) -> None:
    """Remove the windows whose time is over."""
    for span, kept in KEPT.items():
        table = _table(span)
        old = [table.c.window_start < now - kept]
        if table is _COARSE:
            old.append(table.c.span_seconds == int(span.total_seconds()))
        await connection.execute(delete(table).where(*old))


async def measured_repositories(engine: AsyncEngine) -> list[str]:
    """The repositories that have windows, by name."""
    name = _COARSE.c.repository
    async with engine.connect() as connection:
        return list(await connection.scalars(select(name).distinct().order_by(name)))


async def _merge(connection: AsyncConnection, repository: str, windows: Sequence[Window]) -> None:
    """Insert those that are the first of their key; join the others with what is there.

    The insert comes first: it takes the lock on SQLite, and waits for whoever inserts the same key
    on PostgreSQL.
    """
    table = _table(windows[0].span)
    rows = {_key(table, row): row for row in (window_row(repository, one) for one in windows)}
    insert = _insert(connection, table)
    fresh = insert.on_conflict_do_nothing().returning(*table.primary_key)
    first = {tuple(key) for key in await connection.execute(fresh, list(rows.values()))}
    there = [key for key in rows if key not in first]
    if not there:
        return
    locked = select(table).where(tuple_(*table.primary_key).in_(there)).with_for_update()
    found = {_key(table, row): dict(row) for row in (await connection.execute(locked)).mappings()}
    both = [joined([window_of(found[key]), window_of(rows[key])]) for key in there]
    new = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
    keys = [column.name for column in table.primary_key]
    upsert = insert.on_conflict_do_update(index_elements=keys, set_=new)
    await connection.execute(upsert, [window_row(repository, one) for one in both])


def _table(span: timedelta) -> Table:
    return _FINE if span == WINDOW else _COARSE


def _key(table: Table, row: Row | Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
