"""What a worker removes every night, and what it leaves."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.engine.timers import Timers
from bot.adapters.signals.stored import StoredRequests
from bot.domain.metrics import Request
from tests.adapters.engine.inside import Seen, queue_on, worker
from tests.adapters.signals.keeping import keep

NIGHT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


async def test_requests_are_removed_after_two_weeks_once_a_day(
    database_url: str, engine: AsyncEngine
) -> None:
    # It makes the tables of jobs, and is gone before its own clock could remove anything.
    async with worker(database_url, Seen().handle):
        pass
    stored = StoredRequests(engine, "team/shop")
    days = [NIGHT - timedelta(days=number) for number in (6, 1, 0)]
    for at in days:
        await keep(engine, [Request(at, "GET /a", 1.0, failed=False)], now=NIGHT)
    now = NIGHT
    async with queue_on(database_url) as queue:
        timers = Timers(engine, queue, lambda: now)
        for later, removed, left in [
            (timedelta(days=8), True, days),
            (timedelta(days=8, hours=6), False, days),
            (timedelta(days=9), True, days[1:]),
            (timedelta(days=14), True, days[2:]),
            (timedelta(days=15), True, []),
        ]:
            now = NIGHT + later
            assert await timers.clear_away() is removed
            assert [one.at for one in await stored.requests(days[0], now)] == left
