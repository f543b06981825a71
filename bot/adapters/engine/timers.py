"""Wakes what is due, and clears away what nobody needs any more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.asked import ASKED_KEPT, SqlAsked
from bot.adapters.database.deliveries import Deliveries
from bot.adapters.database.lookups import due_moments
from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.windows import forget_windows
from bot.adapters.engine.client import JobQueue
from bot.adapters.engine.tables import tables
from bot.adapters.signals.readings import forget_counters
from bot.adapters.signals.stored import forget_requests
from bot.domain.jobs import Advance

_AT_ONCE: Final = 500
_IMPROVEMENTS: Final = Advance("").key
_DELIVERIES_KEPT: Final = timedelta(days=14)
_REQUESTS_KEPT: Final = timedelta(days=14)
_COUNTERS_KEPT: Final = timedelta(days=2)
_JOBS_KEPT: Final = timedelta(days=7)
_MEMO: Final = "retention"
_OLD: Final = "FROM {status} WHERE status IN ('SUCCESS', 'CANCELLED') AND completed_at < :before"
_FORGET: Final = (
    f"DELETE FROM {{input}} WHERE workflow_uuid IN (SELECT workflow_uuid {_OLD})",  # noqa: S608 - made of constants
    f"DELETE FROM {{output}} WHERE workflow_uuid IN (SELECT workflow_uuid {_OLD})",  # noqa: S608 - made of constants
    f"DELETE {_OLD}",
)


def _system_now() -> datetime:
    return datetime.now(UTC)


class Timers:
    """What a worker does by the clock; several may do it at once."""

    def __init__(
        self,
        engine: AsyncEngine,
        queue: JobQueue,
        now: Callable[[], datetime] = _system_now,
        at_once: int = _AT_ONCE,
    ) -> None:
        self._engine = engine
        self._at_once = at_once
        self._queue = queue
        self._now = now
        self._woken: dict[str, str] = {}

    async def wake_due(self) -> int:
        """Enqueue each improvement that is due, once per moment, and again every day after it.

        At most as many wait at once as a page holds; gives how many were enqueued that this worker
        had not enqueued before.
        """
        now = self._now()
        seen: dict[str, str] = {}
        woken, last = 0, None
        # The engine looks at everything that waits each time that it takes a job, so that a long
        # queue is a slow one. What was woken and is due all the same cannot go on, as where an
        # installation is suspended: it must not be in the way of what comes after it.
        room = self._at_once - await self._queue.waiting(_IMPROVEMENTS)
        while woken < room:
            page = await due_moments(self._engine, now, self._at_once, last)
            for id, moment in page:
                seen[id] = cause = f"due/{moment.isoformat()}/{(now - moment).days}"
                if self._woken.get(id) != cause:
                    await self._queue.enqueue([Advance(id)], cause=cause)
                    woken += 1
            if len(page) < self._at_once:
                break
            last = page[-1]
        # Only spares the database the question: that each is done once is the queue's affair.
        self._woken = seen
        return woken

    async def clear_away(self) -> bool:
        """Once a day remove old deliveries, requests and finished jobs; whether that was now."""
        now = self._now()
        memos = SqlMemos(self._engine, self._now)
        if await memos.read(_MEMO) == now.date().isoformat():
            return False
        await Deliveries(self._engine).forget(now - _DELIVERIES_KEPT)
        await SqlAsked(self._engine).forget(now - ASKED_KEPT)
        await forget_requests(self._engine, now - _REQUESTS_KEPT)
        async with self._engine.begin() as connection:
            await forget_windows(connection, now)
            await forget_counters(connection, now - _COUNTERS_KEPT)
        await self._forget_jobs(now - _JOBS_KEPT)
        await memos.write(_MEMO, now.date().isoformat())
        return True

    async def _forget_jobs(self, before: datetime) -> None:
        names = tables(self._engine.dialect.name)
        values = {"before": int(before.timestamp() * 1000)}
        async with self._engine.begin() as connection:
            for statement in _FORGET:
                await connection.execute(names.sql(statement), values)
