"""What a worker logs of that which fails and is tried again."""

import logging
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from bot.adapters.engine import Chore, JobQueue, MayAct, Trade, Worker
from bot.domain.jobs import Job, LookAtRepository
from bot.ports import HostError, InstallationGoneError, UserError
from tests.adapters.engine import toy
from tests.adapters.engine.inside import QUICK, SAFE, Seen, worker
from tests.adapters.engine.processes import soon

_REMEDY = "See that the server runs and that host, port and network in DATABASE_URL are right."
ORDINARY = [
    (UserError("the database is away", "Start it."), "the database is away. Start it."),
    (HostError("no answer"), "HostError: no answer"),
    (InstallationGoneError("removed"), "InstallationGoneError: removed"),
    (psycopg.OperationalError("refused"), f"the database cannot be reached: refused. {_REMEDY}"),
]


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        raise error

    return act


async def logged(url: str, error: Exception, caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    """What a worker logs of a chore that fails so."""

    def trade(_: JobQueue, __: MayAct) -> Trade:
        return Trade(Seen().handle, toy.route, (Chore("sweeping", 60, failing(error)),))

    made = Worker(url, trade, limits=QUICK, pace=SAFE)
    try:
        await made.start()
        await soon(lambda: bool(caplog.records))
    finally:
        await made.stop()
    (record,) = [one for one in caplog.records if "sweeping" in one.getMessage()]
    return record


@pytest.mark.parametrize(("error", "reason"), ORDINARY)
async def test_an_ordinary_failure_of_a_chore_is_one_line(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, error: Exception, reason: str
) -> None:
    record = await logged(sqlite_url, error, caplog)
    assert record.getMessage() == f"sweeping failed: {reason}"
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)


async def test_what_nobody_expects_is_logged_with_its_place(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    record = await logged(sqlite_url, KeyError("x"), caplog)
    assert record.getMessage() == "sweeping failed: KeyError: 'x'"
    assert record.levelno == logging.ERROR
    assert record.exc_info


async def test_an_ordinary_failure_of_a_job_is_one_line_each_time(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(_: Job) -> None:
        raise HostError("no answer")

    async with worker(sqlite_url, handle) as running:
        await running.queue.enqueue([LookAtRepository("team/a")], cause="x")
        await soon(lambda: any(one.levelno == logging.ERROR for one in caplog.records))
    records = [one for one in caplog.records if one.name == "ironclaw.jobs"]
    assert [one.getMessage() for one in records] == [
        "repository/team/a failed for the 1. time: HostError: no answer",
        "repository/team/a failed for the 2. time: HostError: no answer",
        "parked: repository/team/a failed for the 3. time: HostError: no answer",
    ]
    assert not any(one.exc_info for one in records)
