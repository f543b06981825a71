"""What a job leaves behind when the host asks us to stay away."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.hosting import KnownRepository
from bot.domain.improvement import Improvement, State
from bot.domain.jobs import Advance
from bot.ports import HostBusyError, Hosted, Service
from bot.workflows.work import work
from tests.domain.samples import an_improvement
from tests.fakes.clock import FixedClock
from tests.fakes.store import Records, fake_stores
from tests.story.jobs import MemoryQueue
from tests.workflows.test_sweep import App

BUSY = "the rate limit is used up"


@pytest.mark.parametrize(
    ("state", "reason", "waits"),
    [
        (State.OPEN, BUSY, True),
        (State.HELD, "a person must look", True),
        (State.REVERTING, "a person must look", True),
        (State.KEPT, "a person must look", False),
        (State.REJECTED, "a person must look", False),
    ],
)
async def test_a_busy_host_changes_no_reason_that_people_were_told(
    engine: AsyncEngine, clock: FixedClock, *, state: State, reason: str, waits: bool
) -> None:
    until = clock.now() + timedelta(hours=1)

    def busy(_: KnownRepository) -> AbstractAsyncContextManager[Hosted]:
        raise HostBusyError(until, BUSY)

    one: Improvement = an_improvement(state=state, reason="a person must look")
    records = Records({one.id: one})
    repositories, memos = SqlRepositories(engine), SqlMemos(engine)
    await repositories.save(KnownRepository(1, one.repository, 1, clock.now()))
    service = Service(
        fake_stores(records), repositories, memos, App([]), MemoryQueue(clock), clock, busy
    )
    await work(service, Advance(one.id))
    after = records.improvements[one.id]
    assert (after.state, after.reason) == (state, reason)
    assert after.look_again_at == (until if waits else one.look_again_at)
