"""Who has signed in, found again by what their browser holds; each call is a transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.models import SessionRow, table_of
from bot.adapters.database.names import names_of
from bot.domain.viewing import Session, Viewer

_SESSIONS: Final = table_of(SessionRow)


class SqlSessions:
    """The sessions of every web process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def begin(self, session: Session) -> None:
        """Keep a new one, and remove those that are long over."""
        async with self._engine.begin() as connection:
            old = _SESSIONS.c.expires_at < session.created_at
            await connection.execute(delete(_SESSIONS).where(old))
            await connection.execute(insert(_SESSIONS).values(_row(session)))

    async def find(self, id: str) -> Session | None:
        """The one of this id."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(_SESSIONS).where(_SESSIONS.c.id == id))
            row = found.mappings().first()
            return None if row is None else _session(row)

    async def seen(self, id: str, repositories: Mapping[int, bool], now: datetime) -> None:
        """Write down what the host says now of the person's repositories."""
        fresh = {"repositories": _pairs(repositories), "looked_at": now}
        async with self._engine.begin() as connection:
            await connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == id).values(fresh))

    async def end(self, id: str) -> None:
        """Let it count no more."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(_SESSIONS).where(_SESSIONS.c.id == id))

    async def viewer(self, session: Session) -> Viewer:
        """The person of a session, with the names that their repositories go by now."""
        async with self._engine.connect() as connection:
            names = await names_of(connection, session.repositories.keys())
        return Viewer(
            session.login,
            session.login,
            sees=frozenset(name.lower() for name in names.values()),
            changes=frozenset(
                name.lower() for id, name in names.items() if session.repositories[id]
            ),
        )


def _row(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "login": session.login,
        "token": session.token,
        "repositories": _pairs(session.repositories),
        "looked_at": session.looked_at,
        "created_at": session.created_at,
        "expires_at": session.expires_at,
    }


def _session(row: Mapping[Any, Any]) -> Session:
    values = {str(name): value for name, value in row.items()}
    return Session(**{**values, "repositories": {id: bool(may) for id, may in row["repositories"]}})


def _pairs(repositories: Mapping[int, bool]) -> list[list[int]]:
    return [[id, int(may)] for id, may in sorted(repositories.items())]
