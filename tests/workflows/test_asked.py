"""What is asked for over HTTP: queued once, done by a worker, and what became of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.asked import SqlAsked, ask
from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.asked import OVER, Asked, Progress, Wish
from bot.domain.hosting import KnownRepository
from bot.domain.improvement import State
from bot.domain.jobs import Advance, CarryOut
from bot.domain.talk import Permission
from bot.ports import Hosted, HostError, Service
from bot.workflows.asked import take_in
from bot.workflows.work import work
from tests.fakes.forum import FakeForum
from tests.story.jobs import MemoryQueue
from tests.workflows.test_sweep import App
from tests.workflows.world import World


class Desk:
    """One repository, its records, and a worker for what is asked for."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.world = World()
        self.engine = engine
        self.asked = SqlAsked(engine)
        self.queue = MemoryQueue(self.world.clock)
        self.down = False
        self.service = Service(
            self.world.stores,
            SqlRepositories(engine),
            SqlMemos(engine),
            App([]),
            self.queue,
            self.world.clock,
            self._open,
            self.asked,
        )

    @asynccontextmanager
    async def _open(self, known: KnownRepository) -> AsyncIterator[Hosted]:
        if self.down:
            message = "502"
            raise HostError(message)
        head = self.world.host.branches["main"]
        yield Hosted(self.world.ports, self.world.policy, head, "main", known.full_name)

    async def wish(self, wish: Wish, improvement: str, person: str = "", sha: str = "") -> Asked:
        """Ask for it, and let a worker do it."""
        now = self.world.clock.now()
        name = (await self.world.host.repository()).name
        await self.service.repositories.save(KnownRepository(1, name, 1, now))
        by = person or "the API token tests"
        asked = Asked(f"{wish}-1", name, improvement, wish, by, now, now)
        one = replace(asked, person=person, head_sha=sha)
        async with self.engine.begin() as connection:
            await ask(connection, one)
        assert await take_in(self.asked, self.queue, self.world.clock.now) == 1
        assert await take_in(self.asked, self.queue, self.world.clock.now) == 0
        await work(self.service, CarryOut(improvement, one.id))
        return cast("Asked", await self.asked.by_id(one.id))

    def woken(self) -> list[object]:
        return [one.job for one in self.queue.waiting]


@pytest.fixture
def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine)


async def test_a_test_says_what_the_sandbox_found_and_moves_nothing(desk: Desk) -> None:
    id = await desk.world.find()
    before = desk.world.now()
    done = await desk.wish(Wish.TEST, id)
    assert done.state is Progress.DONE
    assert done.result["all_tests_passed"] is True
    assert desk.world.now() == before


async def test_what_is_found_is_generated_anew(desk: Desk) -> None:
    id = await desk.world.find()
    done = await desk.wish(Wish.GENERATE, id)
    assert (done.state, done.result["state"]) == (Progress.DONE, "found")
    assert Advance(id) in desk.woken()


async def test_a_deploy_approves_the_verified_commit(desk: Desk) -> None:
    id = await desk.world.find()
    await desk.world.run_to(State.OPEN)
    done = await desk.wish(Wish.DEPLOY, id)
    assert done.state is Progress.DONE
    assert Advance(id) in desk.woken()
    approved = [e for e in desk.world.records.events if e.event_type == "person_approved"]
    assert [event.after_state["sha"] for event in approved] == [desk.world.now().head_sha]


async def test_a_rollback_begins_the_revert(desk: Desk) -> None:
    id = await desk.world.find()
    await desk.world.run_to(State.KEPT, State.WATCHING)
    done = await desk.wish(Wish.ROLLBACK, id)
    assert (done.state, desk.world.now().state) == (Progress.DONE, State.REVERTING)
    # Done again, as after a crash, it changes nothing.
    await work(desk.service, CarryOut(id, done.id))
    assert await desk.asked.by_id(done.id) == done


async def test_what_cannot_be_done_says_why(desk: Desk) -> None:
    id = await desk.world.find()
    done = await desk.wish(Wish.ROLLBACK, id)
    assert done.state is Progress.FAILED
    assert "found" in done.why
    assert desk.world.now().state is State.FOUND


async def test_a_host_that_is_away_ends_the_job_and_says_so(desk: Desk) -> None:
    id = await desk.world.find()
    desk.down = True
    done = await desk.wish(Wish.TEST, id)
    assert done.state in OVER
    assert "ask again" in done.why


async def test_security_22_a_person_must_still_be_allowed_when_it_is_done(desk: Desk) -> None:
    id = await desk.world.find()
    await desk.world.run_to(State.OPEN)
    desk.world.forum = forum = FakeForum(desk.world.host)
    forum.permissions["ada"] = Permission.READ
    refused = await desk.wish(Wish.HOLD, id, "ada")
    assert (refused.state, desk.world.now().state) == (Progress.FAILED, State.OPEN)
    assert "may not write" in refused.why
    forum.permissions["bob"] = Permission.WRITE
    done = await desk.wish(Wish.DEPLOY, id, "bob")
    assert done.state is Progress.DONE


async def test_security_22_an_approval_is_of_the_commit_that_was_looked_at(desk: Desk) -> None:
    id = await desk.world.find()
    await desk.world.run_to(State.OPEN)
    refused = await desk.wish(Wish.DEPLOY, id, sha="9" * 40)
    assert refused.state is Progress.FAILED
    assert "only the verified head" in refused.why


async def test_what_is_held_waits_until_it_is_resumed(desk: Desk) -> None:
    id = await desk.world.find()
    await desk.world.run_to(State.OPEN)
    await desk.wish(Wish.HOLD, id)
    assert desk.world.now().state is State.HELD
    await desk.wish(Wish.RESUME, id)
    assert desk.world.now().state is State.OPEN


async def test_security_21_in_a_paused_repository_nothing_is_done(desk: Desk) -> None:
    id = await desk.world.find()
    desk.world.operator = replace(desk.world.operator, stopped="ada has paused this repository")
    refused = await desk.wish(Wish.TEST, id)
    assert refused.state is Progress.FAILED
    assert "ada has paused" in refused.why
