"""What a worker wakes by the clock: everything that is due, however much of it cannot go on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.engine import Pace
from bot.adapters.engine.timers import Timers
from bot.domain.improvement import State
from bot.domain.jobs import Advance, Job
from tests.adapters.database.values import improvement
from tests.adapters.engine.inside import Seen, jobs, queue_on, worker
from tests.adapters.engine.processes import soon

# Its own clocks wake nothing here, and it is not hurried.
PATIENT = Pace(lease=60, ping=1, take_over=3600, timers=3600)


def at(minutes: int) -> datetime:
    """Moments that the worker's own clock does not come to."""
    return datetime(2126, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minutes)


async def due(engine: AsyncEngine, count: int) -> list[str]:
    """Improvements that became due one after the other, two at each moment."""
    ids = [f"i{number:02}" for number in range(count)]
    async with store_factory(engine)() as store:
        for number, id in enumerate(ids):
            await store.save(improvement(id, state=State.OPEN, look_again_at=at(number // 2)))
        await store.commit()
    return ids


async def test_what_cannot_go_on_is_not_in_the_way_of_others(
    database_url: str, engine: AsyncEngine
) -> None:
    ids, seen = await due(engine, 8), Seen()

    def are(wanted: set[Job]) -> Callable[[], bool]:
        return lambda: set(seen.jobs) == wanted

    async with worker(database_url, seen.handle, pace=PATIENT) as running:
        # The handler moves nothing, so that all of them are due for ever.
        timers = Timers(engine, running.queue, lambda: at(60), 3)
        for number in (3, 6, 8, 8):
            await timers.wake_due()
            await soon(are({Advance(id) for id in ids[:number]}))
    assert len(seen.jobs) == len(ids)


async def test_no_more_wait_at_once_than_a_page_holds(
    database_url: str, engine: AsyncEngine
) -> None:
    await due(engine, 8)
    async with worker(database_url, Seen().handle, pace=PATIENT):
        pass  # It has made the engine's tables.
    async with queue_on(database_url) as queue:
        workers = [Timers(engine, queue, lambda: at(60), 3) for _ in range(3)]
        assert [await one.wake_due() for one in workers] == [3, 0, 0]
        assert len(jobs(database_url)) == await queue.waiting("improvement/") == 3
        assert await queue.waiting("repository/") == 0
