"""Small things to remember by name, such as how far a list has been read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import MemoRow, table_of
from bot.adapters.database.rows import check_key
from bot.domain.code_attributes import Code

_MEMOS: Final = table_of(MemoRow)


class SqlMemos:
    """Each memo is written in a transaction of its own."""

    def __init__(
        self, engine: AsyncEngine, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._now = now

    async def read(self, name: str) -> Any:
        """The value last written, None if there is none."""
        async with self._engine.connect() as connection:
            return await connection.scalar(select(_MEMOS.c.value).where(_MEMOS.c.name == name))

    async def write(self, name: str, value: Any) -> None:
        """Remember `value`, which is plain JSON."""
        async with self._engine.begin() as connection:
            await _write(connection, name, value, self._now())

    async def named(self, prefix: str) -> Sequence[tuple[str, Any, datetime]]:
        """Name, value and moment of each whose name begins so, by name."""
        chosen = select(_MEMOS.c.name, _MEMOS.c.value, _MEMOS.c.updated_at).where(_begins(prefix))
        async with self._engine.connect() as connection:
            found = await connection.execute(chosen.order_by(_MEMOS.c.name))
            return [(name, value, at) for name, value, at in found]

    async def forget(self, prefix: str, before: datetime | None = None) -> None:
        """Remove those whose name begins so, or of these only what was written `before`."""
        old = (
            _begins(prefix) if before is None else _begins(prefix) & (_MEMOS.c.updated_at < before)
        )
        async with self._engine.begin() as connection:
            await connection.execute(delete(_MEMOS).where(old))


def _begins(prefix: str) -> ColumnElement[bool]:
    """Not by LIKE, which on SQLite takes capitals and small letters for the same."""
    return func.substr(_MEMOS.c.name, 1, len(prefix)) == prefix


async def keep_code(
    connection: AsyncConnection, repository: str, code: Mapping[str, Code], now: datetime
) -> None:
    """Remember which function the spans of each endpoint name."""
    for endpoint, named in sorted(code.items()):
        check_key("memo", repository, endpoint)
        await _write(connection, f"{_code_of(repository)}{endpoint}", dict(named), now)


async def read_code(connection: AsyncConnection, repository: str) -> dict[str, Code]:
    """The same by endpoint."""
    prefix = _code_of(repository)
    mine = _MEMOS.c.name.startswith(prefix, autoescape=True)
    found = await connection.execute(select(_MEMOS.c.name, _MEMOS.c.value).where(mine))
    # SQLite's LIKE takes capitals and small letters for the same.
    return {name.removeprefix(prefix): code for name, code in found if name.startswith(prefix)}


def _code_of(repository: str) -> str:
    return f"code/{repository}/"


async def _write(connection: AsyncConnection, name: str, value: Any, now: datetime) -> None:
    fresh = {"value": value, "updated_at": now}
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = kind.insert(_MEMOS).values(name=name, **fresh)
    upsert = statement.on_conflict_do_update(index_elements=["name"], set_=fresh)
    await connection.execute(upsert)
