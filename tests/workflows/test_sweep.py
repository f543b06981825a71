"""What a sweep asks for, and how often, whatever the number of workers and of their starts."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.hosting import FailedDelivery, Installation, InstalledRepository, KnownRepository
from bot.domain.jobs import LookAtInstallation
from bot.ports import Hosted, Service
from bot.workflows.sweep import sweep_installations
from tests.fakes.clock import FixedClock
from tests.fakes.store import fake_stores
from tests.story.jobs import MemoryQueue


@dataclass
class App:
    """An App with installations, and nothing to be delivered again."""

    everywhere: list[Installation]

    async def installations(self) -> Sequence[Installation]:
        return self.everywhere

    async def repositories(self, installation: int) -> Sequence[InstalledRepository]:
        return []

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

    first, second = LookAtInstallation(1), LookAtInstallation(2)
    assert await swept() == {first, second}
    assert await swept() == set()
    app.everywhere.append(Installation(3, "new"))
    assert await swept() == {LookAtInstallation(3)}
    clock.set(clock.now() + timedelta(hours=1))
    assert await swept() == {first, second, LookAtInstallation(3)}
