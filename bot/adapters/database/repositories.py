"""The repositories that a code host lets us into, by the host's number for each."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.errors import ImpossibleRowError
from bot.adapters.database.models import HostedRepositoryRow, table_of
from bot.adapters.database.names import is_named
from bot.domain.hosting import KnownRepository, Standing

_REPOSITORIES: Final = table_of(HostedRepositoryRow)


class SqlRepositories:
    """Each call is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def save(self, repository: KnownRepository) -> None:
        """Insert, or replace the one with the same host's number."""
        row = asdict(repository) | {"state": repository.state.value}
        fresh = {name: value for name, value in row.items() if name != "host_id"}
        kind = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = kind.insert(_REPOSITORIES).values(row)
        upsert = statement.on_conflict_do_update(index_elements=["host_id"], set_=fresh)
        async with self._engine.begin() as connection:
            await connection.execute(upsert)

    async def by_id(self, host_id: int) -> KnownRepository | None:
        """The one with this number."""
        found = await self._read(select(_REPOSITORIES).where(_REPOSITORIES.c.host_id == host_id))
        return found[0] if found else None

    async def by_name(self, full_name: str) -> KnownRepository | None:
        """The one that goes by this name now: of several that ever did, the last seen."""
        chosen = select(_REPOSITORIES).where(is_named(_REPOSITORIES.c.full_name, [full_name]))
        latest = chosen.order_by(_REPOSITORIES.c.updated_at.desc(), _REPOSITORIES.c.host_id.desc())
        found = await self._read(latest.limit(1))
        return found[0] if found else None

    async def of_installation(self, installation_id: int) -> Sequence[KnownRepository]:
        """All that one installation gave us, by name."""
        mine = _REPOSITORIES.c.installation_id == installation_id
        return await self._read(
            select(_REPOSITORIES).where(mine).order_by(_REPOSITORIES.c.full_name)
        )

    async def due(self, now: datetime) -> Sequence[KnownRepository]:
        """Those whose `look_again_at` has come, most overdue first."""
        moment = _REPOSITORIES.c.look_again_at
        return await self._read(select(_REPOSITORIES).where(moment <= now).order_by(moment))

    async def _read(self, chosen: Select[Any]) -> list[KnownRepository]:
        async with self._engine.connect() as connection:
            found = await connection.execute(chosen)
            return [_repository(dict(row)) for row in found.mappings()]


def _repository(row: dict[str, Any]) -> KnownRepository:
    try:
        state = Standing(row["state"])
    except ValueError:
        why = f"{row['state']!r} is no Standing"
        raise ImpossibleRowError("hosted_repository", row["host_id"], why) from None
    return KnownRepository(**{**row, "state": state})
