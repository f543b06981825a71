"""What a sweep asks for, and how often, whatever the number of workers and of their starts."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.hosting import FailedDelivery, Installation, InstalledRepository, KnownRepository
from bot.domain.jobs import LookAtInstallation, LookAtRepository
from bot.ports import Hosted, Service
from bot.workflows.sweep import sweep_installations
from bot.workflows.visit import look_at_installation
from tests.fakes.clock import FixedClock
from tests.fakes.store import fake_stores
from tests.story.jobs import MemoryQueue


@dataclass
class App:
    """An App with installations, and nothing to be delivered again."""

    everywhere: list[Installation]
    given: list[InstalledRepository] = field(default_factory=list)

    async def installations(self) -> Sequence[Installation]:
        return self.everywhere

    async def repositories(self, installation: int) -> Sequence[InstalledRepository]:
        return self.given

    async def failed_deliveries(self, since: datetime) -> Sequence[FailedDelivery]:
        return []

    async def redeliver(self, delivery: FailedDelivery) -> bool:
        return False


def closed(_: KnownRepository) -> AbstractAsyncContextManager[Hosted]:
    raise NotImplementedError


async def test_each_installation_is_looked_at_once_an_hour(
    engine: AsyncEngine, clock: FixedClock
) -> None:
    queue = MemoryQueue(clock)
    app = App([Installation(1, "team"), Installation(2, "club")])
    repositories, memos = SqlRepositories(engine), SqlMemos(engine)
    service = Service(fake_stores(), repositories, memos, app, queue, clock, closed)

    async def swept() -> set[object]:
        found: set[object] = set()
        assert await sweep_installations(service) == len(app.everywhere)
        while (one := queue.take()) is not None:
            found.add(one.job)
        return found

    first, second, third = (LookAtInstallation(n, changes_only=True) for n in (1, 2, 3))
    assert await swept() == {first, second}
    assert await swept() == set()
    app.everywhere.append(Installation(3, "new"))
    assert await swept() == {third}
    clock.set(clock.now() + timedelta(hours=1))
    assert await swept() == {first, second, third}


async def test_an_hourly_look_visits_what_is_new_or_changed_alone(
    engine: AsyncEngine, clock: FixedClock
) -> None:
    queue, app = MemoryQueue(clock), App([Installation(1, "team")])
    repositories = SqlRepositories(engine)
    service = Service(fake_stores(), repositories, SqlMemos(engine), app, queue, clock, closed)
    app.given = [InstalledRepository(n, f"team/{n}", archived=False) for n in (1, 2)]

    async def visited(*, changes_only: bool = True) -> set[object]:
        await look_at_installation(service, 1, changes_only=changes_only)
        found: set[object] = set()
        while (one := queue.take()) is not None:
            found.add(one.job)
        return found

    both = {LookAtRepository("team/1"), LookAtRepository("team/2")}
    assert await visited() == both
    # As long as nobody was there, it is asked for again.
    assert await visited() == both
    for id in (1, 2):
        known = await repositories.by_id(id)
        assert known is not None
        later = clock.now() + timedelta(hours=1)
        await repositories.save(replace(known, look_again_at=later))
    assert await visited() == set()
    assert await visited(changes_only=False) == both
    app.given[1] = InstalledRepository(2, "team/two", archived=False)
    assert await visited() == {LookAtRepository("team/two")}
