"""Puts jobs into the engine's queue: the part of the engine that needs no running worker."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.address import blocking, parse_url, sqlite_file
from bot.adapters.database.engine import end_idle_transactions
from bot.adapters.engine.tables import tables
from bot.adapters.engine.wire import digest, to_wire
from bot.domain.jobs import Job

APPLICATION: Final = "ironclaw"
# Pinned: the engine's default, a hash of the code, would leave the jobs of an older version lying.
VERSION: Final = "1"
QUEUE: Final = "jobs"
WORKFLOW: Final = "job"
# JSON: the engine's default, a pickle, is code that whoever writes to the database could plant.
SERIALIZER: Final = DBOSPortableJSONSerializer()
_POOL = 5
_WAITING: Final = (
    "SELECT workflow_uuid FROM {status} WHERE queue_name = :queue AND status = 'ENQUEUED' "
    "AND queue_partition_key = :key"
)

_COUNT: Final = (
    "SELECT count(*) FROM {status} WHERE queue_name = :queue AND status = 'ENQUEUED' "
    "AND queue_partition_key LIKE :prefix"
)


def system_engine(url: str) -> Engine:
    """The engine's own connections: it wants the driver's errors as they are, to try again."""
    address = blocking(parse_url(url))
    if not sqlite_file(address):
        engine = create_engine(address, pool_size=_POOL, max_overflow=_POOL, pool_pre_ping=True)
        # The engine's own limit is for connections that it makes by itself.
        end_idle_transactions(engine)
        return engine
    engine = create_engine(address, pool_size=_POOL, max_overflow=_POOL)
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000"):
        connection.execute(f"PRAGMA {pragma}")


class JobQueue:
    """The port Queue, and the same in the caller's transaction."""

    def __init__(self, engine: AsyncEngine, system: Engine) -> None:
        self._engine = engine
        self.client = DBOSClient(
            system_database_engine=system,
            serializer=SERIALIZER,
            application_name=APPLICATION,
            lazy=True,
        )

    async def enqueue(self, jobs: Sequence[Job], *, cause: str = "") -> None:
        """See that these are done; the same job for the same cause is done once."""
        if jobs:
            async with self._engine.begin() as connection:
                await self.enqueue_on(connection, jobs, cause=cause)

    async def enqueue_on(
        self, connection: AsyncConnection, jobs: Sequence[Job], *, cause: str = ""
    ) -> None:
        """The same, in the caller's transaction: what it marks and the jobs come together."""
        await connection.run_sync(partial(self._enqueue, jobs, cause or uuid.uuid4().hex))

    async def waiting(self, prefix: str) -> int:
        """How many jobs wait whose key begins so."""
        statement = tables(self._engine.dialect.name).sql(_COUNT)
        async with self._engine.connect() as connection:
            found = await connection.execute(statement, {"queue": QUEUE, "prefix": f"{prefix}%"})
            return int(found.scalar_one())

    def retry_later(self, job: Job, cause: str, attempt: int, seconds: float) -> None:
        """See that it is tried again after a while; the same attempt is made once."""
        options = _options(job, cause, attempt) | {"delay_seconds": seconds}
        self.client.enqueue(options, to_wire(job), cause, attempt)  # type: ignore[arg-type] # a TypedDict joined

    def close(self) -> None:
        """Let the engine's connections go."""
        with suppress(Exception):
            self.client.destroy()

    def _enqueue(self, jobs: Sequence[Job], cause: str, connection: Connection) -> None:
        waiting = self._waiting(connection, {job.key for job in jobs})
        for job in jobs:
            # One that has not begun will see whatever this one would see.
            if digest(job) not in waiting:
                waiting.add(digest(job))
                options = _options(job, cause, 1)
                self.client.enqueue_in_transaction(connection, options, to_wire(job), cause, 1)  # type: ignore[arg-type] # a TypedDict joined

    def _waiting(self, connection: Connection, keys: set[str]) -> set[str]:
        """Digests of the jobs that wait under these keys."""
        found: set[str] = set()
        statement = tables(connection.dialect.name).sql(_WAITING)
        for key in sorted(keys):
            ids = connection.execute(statement, {"queue": QUEUE, "key": key}).scalars()
            found |= {id.partition(":")[0] for id in ids}
        return found


def _options(job: Job, cause: str, attempt: int) -> dict[str, Any]:
    return {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": f"{digest(job)}:{cause}:{attempt}",
        "queue_partition_key": job.key,
        "app_version": VERSION,
    }
