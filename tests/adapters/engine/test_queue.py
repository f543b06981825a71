"""The queue: once per cause, in turn per key, tried again, parked, and never lost."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine
from bot.adapters.engine import Limits
from bot.adapters.engine.parked import ParkedJobs
from bot.domain.jobs import Advance, Job, LookAtRepository, Obey
from tests.adapters.engine.inside import Seen, ask, jobs, queue_on, worker
from tests.adapters.engine.processes import soon

A, B = LookAtRepository("team/a"), LookAtRepository("team/b")


async def test_a_job_is_done(database_url: str) -> None:
    seen = Seen()
    async with worker(database_url, seen.handle) as running:
        await running.queue.enqueue([A, B, Advance("i1"), Obey("team/a", 1, 2)])
        await soon(lambda: len(seen.jobs) == 4)
    assert Counter(seen.jobs) == Counter([A, B, Advance("i1"), Obey("team/a", 1, 2)])


async def test_the_same_job_for_the_same_cause_is_done_once(database_url: str) -> None:
    seen = Seen()
    async with worker(database_url, seen.handle) as running:
        for _ in range(3):
            await running.queue.enqueue([A], cause="d-1")
            await soon(lambda: "SUCCESS" in jobs(database_url).values())
        await running.queue.enqueue([A], cause="d-2")
        await soon(lambda: len(seen.jobs) == 2)
    assert len(jobs(database_url)) == 2


async def test_a_job_that_has_not_begun_stands_for_all_that_come_meanwhile(
    database_url: str,
) -> None:
    async with worker(database_url, Seen().handle):
        pass  # It has made the engine's tables.
    async with queue_on(database_url) as queue:
        for number in range(5):
            await queue.enqueue([A, Obey("team/a", 1, number % 2)], cause=f"d-{number}")
    assert len(jobs(database_url)) == 3


async def test_what_is_rolled_back_was_never_asked_for(database_url: str) -> None:
    seen = Seen()
    async with worker(database_url, seen.handle) as running:
        engine = make_engine(database_url)
        async with engine.connect() as connection:
            await running.queue.enqueue_on(connection, [A], cause="d-1")
            await connection.rollback()
        await engine.dispose()
        await running.queue.enqueue([B])
        await soon(lambda: seen.jobs == [B])
    assert len(jobs(database_url)) == 1


async def test_jobs_of_one_key_run_in_turn_and_others_meanwhile(database_url: str) -> None:
    open_now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    at_once: list[int] = []

    async def handle(job: Job) -> None:
        open_now[job.key] += 1
        most[job.key] = max(most[job.key], open_now[job.key])
        at_once.append(sum(open_now.values()))
        await asyncio.sleep(0.05)
        open_now[job.key] -= 1

    wanted: list[Job] = [Obey(f"team/{n % 3}", 1, n) for n in range(12)]
    async with worker(database_url, handle) as running:
        await running.queue.enqueue(wanted)
        await soon(lambda: list(jobs(database_url).values()).count("SUCCESS") == 12)
    assert set(most.values()) == {1}
    assert max(at_once) > 1


async def test_no_more_run_at_once_than_allowed(database_url: str) -> None:
    running_now: set[str] = set()
    at_once: list[int] = []

    async def handle(job: Job) -> None:
        running_now.add(job.key)
        at_once.append(len(running_now))
        await asyncio.sleep(0.05)
        running_now.discard(job.key)

    wanted: list[Job] = [Advance(f"i{n}") for n in range(12)]
    async with worker(database_url, handle, limits=Limits(at_once=2)) as running:
        await running.queue.enqueue(wanted)
        await soon(lambda: list(jobs(database_url).values()).count("SUCCESS") == 12)
    assert max(at_once) == 2


async def test_what_fails_is_tried_again(database_url: str) -> None:
    tries: list[Job] = []

    async def handle(job: Job) -> None:
        tries.append(job)
        if len(tries) < 3:
            message = "not yet"
            raise RuntimeError(message)

    async with worker(database_url, handle) as running:
        await running.queue.enqueue([A], cause="d-1")
        await soon(lambda: len(tries) == 3)
        await soon(lambda: set(jobs(database_url).values()) == {"SUCCESS"})


async def test_security_32_34_a_poison_job_is_parked_where_it_can_be_seen_and_asked_for_again(
    database_url: str, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[Job] = []
    mended: list[bool] = []

    async def handle(job: Job) -> None:
        tries.append(job)
        if job == A and not mended:
            message = "never"
            raise RuntimeError(message)

    async with worker(database_url, handle) as running:
        await running.queue.enqueue([A], cause="d-1")
        await soon(lambda: "ERROR" in jobs(database_url).values())
        assert tries == [A] * 3
        assert "parked: repository/team/a failed for the 3. time: RuntimeError: never" in (
            caplog.text
        )
        await running.queue.enqueue([B])
        await soon(lambda: B in tries)
        parking = ParkedJobs(engine, running.queue)
        (parked,) = await parking.latest()
        assert parked.job == A
        assert parked.why == "repository/team/a failed for the 3. time: RuntimeError: never"
        mended.append(True)
        assert await parking.retry(parked.id)
        await soon(lambda: tries.count(A) == 4)
        await soon(lambda: "ERROR" not in jobs(database_url).values())
        assert await parking.latest() == []
        assert not await parking.retry("nobody")


async def test_a_job_of_a_later_version_is_parked(database_url: str, engine: AsyncEngine) -> None:
    seen = Seen()
    async with worker(database_url, seen.handle) as running:
        await running.queue.enqueue([A], cause="d-1")
        await soon(lambda: seen.jobs == [A])
        ask(
            database_url,
            "UPDATE dbos.workflow_input SET inputs = replace(inputs, 'look_at', 'dance_at')",
        )
        ask(
            database_url,
            "UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL",
        )
        await soon(lambda: "ERROR" in jobs(database_url).values())
        (parked,) = await ParkedJobs(engine, running.queue).latest()
    assert parked.job is None
    assert "no job that this version knows" in parked.why
    assert seen.jobs == [A]
