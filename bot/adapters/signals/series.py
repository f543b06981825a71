"""Which series a repository has had today: from the records once, and then by what comes in."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.database.models import RollupRow, table_of
from bot.domain.metrics import DAY, MetricType, Series

_COARSE: Final = table_of(RollupRow)
_MOST_REPOSITORIES: Final = 1_000


class KnownSeries:
    """What this process knows; several may let in a few more than the limit together."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, set[Series]]] = {}

    async def of(self, connection: AsyncConnection, repository: str, now: datetime) -> set[Series]:
        """Those of the day; add to them what is let in."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        before = self._known.get(repository)
        if before is not None and before[0] == day:
            return before[1]
        if len(self._known) >= _MOST_REPOSITORIES:
            self._known.clear()
        found = await _of_day(connection, repository, day)
        self._known[repository] = (day, found)
        return found


async def _of_day(connection: AsyncConnection, repository: str, day: datetime) -> set[Series]:
    table = _COARSE.c
    chosen = select(table.metric_name, table.metric_type, table.endpoint, table.unit).where(
        table.repository == repository,
        table.span_seconds == int(DAY / timedelta(seconds=1)),
        table.window_start >= day,
    )
    rows = await connection.execute(chosen)
    return {(name, MetricType(kind), endpoint, unit) for name, kind, endpoint, unit in rows}
