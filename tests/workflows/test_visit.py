"""When a look at a repository reads its code again."""

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.hosting import KnownRepository
from bot.domain.ingested import IngestedFile
from bot.domain.profile import CodeSpot, CostUnit, FunctionCost, Profile
from bot.ports import Hosted, Service
from bot.workflows.visit import visit
from tests.story.jobs import MemoryQueue
from tests.workflows.test_sweep import App, closed
from tests.workflows.world import FILE, SLOW, World

PROFILE = Profile(CostUnit.SECONDS, (FunctionCost(CodeSpot(FILE, 1, "total"), 1.0, 1.0),), 1.0)


async def test_the_code_is_read_again_when_it_or_what_was_measured_has_changed(
    engine: AsyncEngine,
) -> None:
    world = World()
    queue, repositories = MemoryQueue(world.clock), SqlRepositories(engine)
    service = Service(
        world.stores, repositories, SqlMemos(engine), App([]), queue, world.clock, closed
    )
    name = (await world.host.repository()).name
    await repositories.save(KnownRepository(1, name, 1, world.clock.now()))

    async def reads() -> int:
        before = world.host.calls.count("tree")
        head = world.host.branches["main"]
        await visit(service, Hosted(world.ports, world.policy, head, "main", name))
        return world.host.calls.count("tree") - before

    assert await reads() == 1
    assert await reads() == 0
    world.host.push("main", {"app/new.py": SLOW})
    assert await reads() == 1
    assert await reads() == 0
    assert len(world.records.improvements) == 2
    async with world.stores() as store:
        now = world.clock.now()
        await store.ingest(IngestedFile(name, "d", "run.prof", "pstats", now, (), (PROFILE,)))
        await store.commit()
    assert await reads() == 1
    assert await reads() == 0
