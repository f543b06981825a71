"""Tokens in the database: made, found again by what was presented, listed and revoked."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import ApiTokenRow, table_of
from bot.adapters.database.names import names_of
from bot.domain.api_tokens import PREFIX, ApiToken, Scope, token_parts

_TOKENS: Final = table_of(ApiTokenRow)


class SqlApiTokens:
    """Each call is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, token: ApiToken) -> tuple[ApiToken, str]:
        """Keep it under an id of its own; the text is shown once and kept nowhere."""
        made = replace(token, id=secrets.token_hex(6))
        secret = secrets.token_urlsafe(32)
        row = {
            "id": made.id,
            "name": made.name,
            "digest": _digest(secret),
            "repositories": sorted(made.repositories),
            "scopes": sorted(made.scopes),
            "created_at": made.created_at,
            "expires_at": made.expires_at,
            "revoked_at": made.revoked_at,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(_TOKENS).values(row))
        return made, f"{PREFIX}{made.id}_{secret}"

    async def find(self, text: str) -> tuple[ApiToken, frozenset[str]] | None:
        """The token and the present names of its repositories; None if there is none such."""
        parts = token_parts(text)
        if parts is None:
            return None
        id, secret = parts
        async with self._engine.connect() as connection:
            chosen = await connection.execute(select(_TOKENS).where(_TOKENS.c.id == id))
            row = chosen.mappings().first()
            if row is None or not hmac.compare_digest(row["digest"], _digest(secret)):
                return None
            token = _token(row)
            return token, await _names(connection, token.repositories)

    async def every(self) -> Sequence[tuple[ApiToken, frozenset[str]]]:
        """All that were ever made, the latest first."""
        async with self._engine.connect() as connection:
            latest = select(_TOKENS).order_by(_TOKENS.c.created_at.desc(), _TOKENS.c.id)
            tokens = [_token(row) for row in (await connection.execute(latest)).mappings()]
            return [(one, await _names(connection, one.repositories)) for one in tokens]

    async def revoke(self, id: str, now: datetime) -> bool:
        """Let it be good for nothing from now on; whether there is such a token."""
        mine = _TOKENS.c.id == id
        first = update(_TOKENS).where(mine, _TOKENS.c.revoked_at.is_(None)).values(revoked_at=now)
        async with self._engine.begin() as connection:
            await connection.execute(first)
            return await connection.scalar(select(_TOKENS.c.id).where(mine)) is not None


async def _names(connection: AsyncConnection, host_ids: Collection[int]) -> frozenset[str]:
    """Those of these repositories that still go by them."""
    found = await names_of(connection, host_ids)
    return frozenset(name.lower() for name in found.values())


def _token(row: Mapping[Any, Any]) -> ApiToken:
    return ApiToken(
        id=row["id"],
        name=row["name"],
        repositories=frozenset(row["repositories"]),
        scopes=frozenset(map(Scope, row["scopes"])),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
