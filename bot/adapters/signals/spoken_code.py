"""Which function answers an endpoint, as the spans of the service itself say it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.database.memos import keep_code
from bot.domain.code_attributes import Code

_MOST: Final = 1_000
"""Endpoints of one repository whose code is remembered."""


class SpokenCode:
    """Writes what is new or has changed: the same spans come all day."""

    def __init__(self) -> None:
        self._written: dict[str, dict[str, Code]] = {}

    async def keep(
        self,
        connection: AsyncConnection,
        repository: str,
        said: Sequence[Mapping[str, Code]],
        now: datetime,
    ) -> None:
        """Remember the code of these endpoints."""
        written = self._written.setdefault(repository, {})
        fresh: dict[str, Code] = {}
        for one in said:
            for endpoint, code in one.items():
                has_room = endpoint in written or len(written) + len(fresh) < _MOST
                if has_room and written.get(endpoint) != code:
                    fresh[endpoint] = code
        await keep_code(connection, repository, fresh, now)
        written.update(fresh)
