"""Small things to remember by name, such as how far a list has been read."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.models import MemoRow, table_of

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
        fresh = {"value": value, "updated_at": self._now()}
        kind = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = kind.insert(_MEMOS).values(name=name, **fresh)
        upsert = statement.on_conflict_do_update(index_elements=["name"], set_=fresh)
        async with self._engine.begin() as connection:
            await connection.execute(upsert)
