"""A worker that is told to stop comes to its end."""

import asyncio
from contextlib import suppress

import pytest

from bot.adapters.engine import Chore, JobQueue, MayAct, Trade, Worker
from bot.entrypoints.worker import run_worker
from bot.ports import UserError
from tests.adapters.engine import toy
from tests.adapters.engine.inside import QUICK, SAFE, Seen, worker

PATIENCE = 60


async def test_a_stop_ends_what_does_not_hear_it_the_first_time(sqlite_url: str) -> None:
    heard: list[int] = []

    async def deaf_once() -> None:
        # As `asyncio.wait_for` does before Python 3.12 if it ends at that very moment.
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        heard.append(1)
        await asyncio.sleep(60)

    def trade(_: JobQueue, __: MayAct) -> Trade:
        return Trade(Seen().handle, toy.route, (Chore("deaf", 60, deaf_once),))

    made = Worker(sqlite_url, trade, limits=QUICK, pace=SAFE)
    await made.start()
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        await made.stop()
    assert heard == [1]


async def test_a_start_that_fails_says_its_own_reason(sqlite_url: str) -> None:
    def trade(_: JobQueue, __: MayAct) -> Trade:
        return Trade(Seen().handle, toy.route)

    async with worker(sqlite_url, Seen().handle):
        second = Worker(sqlite_url, trade, limits=QUICK, pace=SAFE)
        with pytest.raises(UserError, match="another Ironclaw works on"):
            await run_worker(lambda: second, print)
