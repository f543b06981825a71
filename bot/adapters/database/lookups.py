"""Which improvements something concerns, asked without reading them whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import ImprovementRow, table_of

_IMPROVEMENTS: Final = table_of(ImprovementRow)


class ImprovementLookup:
    """Looks in the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def improvements(
        self,
        repository: str,
        *,
        pulls: Sequence[int] = (),
        commits: Sequence[str] = (),
        branch: str = "",
    ) -> Sequence[str]:
        """Ids of those that any of these names, oldest first; naming nothing finds nothing."""
        table = _IMPROVEMENTS.c
        named: list[ColumnElement[bool]] = []
        if pulls:
            named += [table.pull_request.in_(pulls), table.revert_pull_request.in_(pulls)]
        if commits:
            found = (table.commit_hash, table.merge_sha, table.revert_sha)
            named += [column.in_(commits) for column in found]
        if branch:
            named.append(table.branch_name == branch)
        if not named:
            return []
        chosen = select(table.id).where(table.repository == repository, or_(*named))
        rows = await self._connection.scalars(chosen.order_by(table.created_at, table.id))
        return rows.all()


async def due_moments(
    engine: AsyncEngine, now: datetime, most: int, after: tuple[str, datetime] | None = None
) -> Sequence[tuple[str, datetime]]:
    """Improvements whose `look_again_at` has come, with that moment, most overdue first.

    At most so many, those that follow `after` in this order if it is given.
    """
    moment = _IMPROVEMENTS.c.look_again_at
    chosen = select(_IMPROVEMENTS.c.id, moment).where(moment <= now)
    if after is not None:
        id, at = after
        later = (moment > at) | ((moment == at) & (_IMPROVEMENTS.c.id > id))
        # Both databases begin to read their index at the first condition.
        chosen = chosen.where(moment >= at, later)
    async with engine.connect() as connection:
        found = await connection.execute(chosen.order_by(moment, _IMPROVEMENTS.c.id).limit(most))
        return [(id, at) for id, at in found if at is not None]
