"""Signed proofs that were taken: each counts once, whoever presents it where."""

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.models import HostedRepositoryRow, UsedProofRow, table_of
from bot.adapters.database.names import names_of
from bot.domain.hosting import Standing

_PROOFS: Final = table_of(UsedProofRow)
_HOSTED: Final = table_of(HostedRepositoryRow)


class SqlProofs:
    """Each call is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def take(self, issuer: str, id: str, until: datetime, now: datetime) -> bool:
        """Whether it is presented for the first time; of several at once one is."""
        digest = hashlib.sha256(f"{issuer}\0{id}".encode()).hexdigest()
        kind = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        row = {"id": digest, "expires_at": until}
        new = kind.insert(_PROOFS).values(row).on_conflict_do_nothing().returning(_PROOFS.c.id)
        async with self._engine.begin() as connection:
            await connection.execute(delete(_PROOFS).where(_PROOFS.c.expires_at < now))
            return (await connection.execute(new)).first() is not None

    async def repository(self, host_id: int) -> str | None:
        """The name that a repository goes by now; None where the App is not let into it."""
        shut = (Standing.GONE.value, Standing.SUSPENDED.value)
        let_in = (_HOSTED.c.host_id == host_id) & _HOSTED.c.state.not_in(shut)
        async with self._engine.connect() as connection:
            if await connection.scalar(select(_HOSTED.c.host_id).where(let_in)) is None:
                return None
            return (await names_of(connection, [host_id])).get(host_id)
