"""What waits and who works, as it is read on both databases."""

import asyncio
import os
import socket
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot import __version__
from bot.adapters.database.memos import SqlMemos
from bot.adapters.engine.presence import Presence, read_backlog
from bot.domain.backlog import Backlog, Waiting
from bot.domain.jobs import Job, LookAtRepository
from tests.adapters.engine.inside import Seen, ask, deliver, jobs, worker
from tests.fakes.clock import START, FixedClock


async def until(engine: AsyncEngine, name: str, count: int) -> Backlog:
    """The backlog once so many jobs stand so."""
    found = await read_backlog(engine)
    # It is the database that says so: nobody here could set an event.
    while found.job(name).count != count:
        await asyncio.sleep(0.05)
        found = await read_backlog(engine)
    return found


async def test_where_nothing_ever_happened_nothing_waits(engine: AsyncEngine) -> None:
    assert await read_backlog(engine) == Backlog()


async def test_deliveries_are_counted_with_their_oldest(
    engine: AsyncEngine, database_url: str
) -> None:
    deliver(database_url, *((f"d-{n}", "push", b"x") for n in range(5)))
    old = "UPDATE delivery SET received_at = :at WHERE id = :id"
    long_ago = START if "postgresql" in database_url else "2026-03-02 09:00:00.000000"
    ask(database_url, old, at=long_ago, id="d-1")
    ask(database_url, "UPDATE delivery SET state = 'parked' WHERE id IN ('d-1', 'd-2')")
    ask(database_url, "UPDATE delivery SET state = 'routed' WHERE id = 'd-3'")
    found = await read_backlog(engine)
    assert (found.received.count, found.parked) == (2, Waiting(2, START))
    assert found.received.seconds(datetime.now(UTC)) < 600


async def test_only_what_waits_or_is_parked_is_read(engine: AsyncEngine) -> None:
    """Bodies stand in the table: reading all of them would take long where many were kept."""
    if engine.dialect.name != "sqlite":
        return
    plan = "EXPLAIN QUERY PLAN SELECT count(*), min(received_at) FROM delivery WHERE state = "
    async with engine.connect() as connection:
        for state, index in (("received", "ix_delivery_waiting"), ("parked", "ix_delivery_parked")):
            rows = await connection.exec_driver_sql(f"{plan}'{state}'")
            assert index in " ".join(str(row) for row in rows)


async def test_a_worker_signs_while_it_lives_and_strikes_itself_out(
    engine: AsyncEngine, database_url: str
) -> None:
    async with worker(database_url, Seen().handle) as running:
        while not (found := await read_backlog(engine)).workers:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
        (sign,) = found.alive(datetime.now(UTC))
        assert (sign.executor, sign.host) == (running.executor, socket.gethostname())
        assert (sign.pid, sign.version, sign.share_left) == (os.getpid(), __version__, None)
        assert sign.began <= sign.at
    assert (await read_backlog(engine)).workers == ()


async def test_jobs_are_counted_as_they_stand(engine: AsyncEngine, database_url: str) -> None:
    go = asyncio.Event()

    async def handle(job: Job) -> None:
        if job == LookAtRepository("octo/broken"):
            message = "it cannot be done"
            raise RuntimeError(message)
        await go.wait()

    async with worker(database_url, handle) as running:
        await running.queue.enqueue([LookAtRepository("octo/broken")])
        await running.queue.enqueue([LookAtRepository("octo/slow")])
        await until(engine, "parked", 1)
        # A second one of the same key waits until the first is done.
        await until(engine, "running", 1)
        await running.queue.enqueue([LookAtRepository("octo/slow")], cause="again")
        found = await until(engine, "waiting", 1)
        assert found.job("running").count == 1
        for name in ("waiting", "running", "parked"):
            assert found.job(name).seconds(datetime.now(UTC)) < 600
            assert found.job(name).oldest
        go.set()
        found = await until(engine, "running", 0)
    assert "ERROR" in jobs(database_url).values()


async def test_signs_of_a_day_ago_and_what_is_no_sign_are_left_out(engine: AsyncEngine) -> None:
    clock = FixedClock()
    await Presence(engine, "old", lambda: None, clock.now).sign()
    await SqlMemos(engine).write("worker/strange", ["what", "is", "this"])
    clock.advance(timedelta(days=1, seconds=1))
    new = Presence(engine, "new", lambda: 0.25, clock.now)
    await new.sign()
    (only,) = (await read_backlog(engine)).workers
    assert (only.executor, only.share_left) == ("new", 0.25)
    await new.leave()
    assert (await read_backlog(engine)).workers == ()
