"""Workers sign a list while they live, and whoever operates them reads it with what waits."""

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, inspect, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import __version__
from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.models import DeliveryRow, table_of
from bot.adapters.engine.client import QUEUE
from bot.adapters.engine.tables import tables
from bot.domain.backlog import Backlog, Waiting, WorkerSign, sign_of
from bot.domain.deliveries import DeliveryState

_DELIVERIES: Final = table_of(DeliveryRow)
_PREFIX: Final = "worker/"
_KEPT: Final = timedelta(days=1)
_STANDS: Final = {
    "ENQUEUED": "waiting",
    "DELAYED": "later",
    "PENDING": "running",
    "ERROR": "parked",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "parked",
}
# Of what runs it matters since when it runs, of what has ended since when it lies there.
_JOBS: Final = (
    "SELECT {status}.status, count(*), min(CASE {status}.status "
    "WHEN 'PENDING' THEN coalesce({status}.started_at_epoch_ms, {status}.created_at) "
    "WHEN 'ENQUEUED' THEN {status}.created_at WHEN 'DELAYED' THEN {status}.created_at "
    "ELSE {status}.updated_at END) "
    "FROM {status} WHERE {status}.queue_name = :queue AND {status}.status IN "
    "('ENQUEUED', 'DELAYED', 'PENDING', 'ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') "
    "GROUP BY {status}.status"
)


class Presence:
    """The sign of one worker; `share_left` says what is left of the code host's rate limit."""

    def __init__(
        self,
        engine: AsyncEngine,
        executor: str,
        share_left: Callable[[], float | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._memos = SqlMemos(engine, now)
        self._name = f"{_PREFIX}{executor}"
        self._executor = executor
        self._share_left = share_left
        self._now = now
        self._began = now()

    async def sign(self) -> None:
        """Write that this worker lives, and strike out those who have not written for a day."""
        now = self._now()
        sign = WorkerSign(
            executor=self._executor,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=__version__,
            began=self._began,
            at=now,
            share_left=self._share_left(),
        )
        await self._memos.write(self._name, sign.document())
        await self._memos.forget(_PREFIX, before=now - _KEPT)

    async def leave(self) -> None:
        """Strike this worker out: it ends because it was told to."""
        await self._memos.forget(self._name)


async def read_backlog(engine: AsyncEngine) -> Backlog:
    """What waits and who works, at this moment; errors of the database are the caller's."""
    async with engine.connect() as connection:
        received = await _deliveries(connection, DeliveryState.RECEIVED)
        parked = await _deliveries(connection, DeliveryState.PARKED)
        # Its tables are made by the first worker.
        jobs = await _jobs(connection) if await connection.run_sync(_has_jobs) else {}
    signs = [
        sign_of(name.removeprefix(_PREFIX), value, at)
        for name, value, at in await SqlMemos(engine).named(_PREFIX)
    ]
    workers = sorted(filter(None, signs), key=lambda sign: (sign.began, sign.executor))
    return Backlog(received, parked, jobs, tuple(workers))


async def _deliveries(connection: AsyncConnection, state: DeliveryState) -> Waiting:
    # The state stands in the statement, since only then its partial index is used.
    here = _DELIVERIES.c.state == literal_column(f"'{state.value}'")
    chosen = select(func.count(), func.min(_DELIVERIES.c.received_at)).where(here)
    return Waiting(*(await connection.execute(chosen)).one())


async def _jobs(connection: AsyncConnection) -> dict[str, Waiting]:
    statement = tables(connection.dialect.name).sql(_JOBS)
    found: dict[str, Waiting] = {}
    for status, count, since in await connection.execute(statement, {"queue": QUEUE}):
        before = found.get(_STANDS[status], Waiting())
        oldest = datetime.fromtimestamp(since / 1000, UTC)
        earlier = min(oldest, before.oldest) if before.oldest else oldest
        found[_STANDS[status]] = Waiting(before.count + count, earlier)
    return found


def _has_jobs(connection: Connection) -> bool:
    schema, _, name = tables(connection.dialect.name).status.rpartition(".")
    return inspect(connection).has_table(name, schema=schema or None)
