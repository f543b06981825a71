"""A worker inside the test's own process, for what needs no killing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bot.adapters.database import make_engine
from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.intake import DeliveryIntake
from bot.adapters.engine import Handle, JobQueue, Limits, MayAct, Pace, Trade, Worker
from bot.adapters.engine.client import system_engine
from bot.domain.deliveries import Delivery
from bot.domain.jobs import Job
from tests.adapters.engine import toy

QUICK = Limits(at_once=4, retry_after=(0.1, 0.1), stop_within=1)
# A worker that loses its lease ends its process, which is the tests' own: however busy the machine
# is, that must not happen here.
SAFE = replace(toy.QUICK, lease=3600)


@dataclass
class Seen:
    """What the handler was given."""

    jobs: list[Job] = field(default_factory=list)

    async def handle(self, job: Job) -> None:
        self.jobs.append(job)


@asynccontextmanager
async def worker(
    url: str, handle: Handle, *, limits: Limits = QUICK, pace: Pace = SAFE
) -> AsyncIterator[Worker]:
    def trade(_: JobQueue, __: MayAct) -> Trade:
        return Trade(handle, toy.route)

    made = Worker(url, trade, limits=limits, pace=pace)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


def deliver(url: str, *deliveries: tuple[str, str, bytes]) -> None:
    """Keep deliveries of this id, event and body."""
    intake = DeliveryIntake(url)
    for id, event, body in deliveries:
        intake.keep(Delivery(id, event, body, datetime.now(UTC)), 30)
    intake.close()


def ask(url: str, statement: str, **values: Any) -> list[Any]:
    """What the database says, on a connection of its own."""
    if "sqlite" in url:
        statement = statement.replace("dbos.", "")
    engine = make_blocking_engine(url)
    try:
        with engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def states(url: str) -> dict[str, str]:
    """The state of each delivery."""
    return dict(ask(url, "SELECT id, state FROM delivery"))


def jobs(url: str) -> dict[str, str]:
    """The status of each job that the engine knows."""
    return dict(ask(url, "SELECT workflow_uuid, status FROM dbos.workflow_status"))


@asynccontextmanager
async def queue_on(url: str) -> AsyncIterator[JobQueue]:
    """The queue for a process without a worker."""
    engine, system = make_engine(url), system_engine(url)
    queue = JobQueue(engine, system)
    yield queue
    queue.close()
    system.dispose()
    await engine.dispose()
