"""Jobs that failed as often as they may: a person looks at them and has them done again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.engine.client import QUEUE, JobQueue
from bot.adapters.engine.tables import tables
from bot.adapters.engine.wire import UnknownJobError, from_wire
from bot.domain.jobs import Job

_LIST: Final = (
    "SELECT {status}.workflow_uuid, {status}.updated_at, inputs_of.inputs, outputs_of.error "
    "FROM {status} "
    "LEFT JOIN {input} AS inputs_of ON inputs_of.workflow_uuid = {status}.workflow_uuid "
    "LEFT JOIN {output} AS outputs_of ON outputs_of.workflow_uuid = {status}.workflow_uuid "
    "WHERE {status}.queue_name = :queue "
    "AND {status}.status IN ('ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED') "
)
_ORDER: Final = "ORDER BY {status}.updated_at DESC LIMIT :most"
_REMOVE: Final = (
    "DELETE FROM {input} WHERE workflow_uuid = :id",
    "DELETE FROM {output} WHERE workflow_uuid = :id",
    "DELETE FROM {status} WHERE workflow_uuid = :id",
)
_DIED: Final = "every worker that began it has died"


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """`job` is None where this version does not know it."""

    id: str
    job: Job | None
    why: str
    at: datetime


class ParkedJobs:
    """Reads what the engine has written down, and asks for it again."""

    def __init__(self, engine: AsyncEngine, queue: JobQueue) -> None:
        self._engine = engine
        self._queue = queue
        self._tables = tables(engine.dialect.name)

    async def latest(self, most: int = 50) -> Sequence[ParkedJob]:
        """Those that were parked last, newest first."""
        return await self._read(_LIST + _ORDER, most=most)

    async def retry(self, id: str) -> bool:
        """Have it done again from its first attempt; False if there is none such."""
        found = await self._read(_LIST + "AND {status}.workflow_uuid = :id", id=id)
        if not found or found[0].job is None:
            return False
        async with self._engine.begin() as connection:
            for statement in _REMOVE:
                await connection.execute(self._tables.sql(statement), {"id": id})
            await self._queue.enqueue_on(connection, [found[0].job])
        return True

    async def _read(self, statement: str, **values: Any) -> list[ParkedJob]:
        async with self._engine.connect() as connection:
            asked = self._tables.sql(statement)
            rows = await connection.execute(asked, {"queue": QUEUE, **values})
            return [_parked(*row) for row in rows]


def _parked(id: str, at: int, inputs: str | None, error: str | None) -> ParkedJob:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    why = str(json.loads(error).get("message", "")) if error else _DIED
    return ParkedJob(id, _job(inputs), why, moment)


def _job(inputs: str | None) -> Job | None:
    try:
        return from_wire(json.loads(inputs or "{}")["positionalArgs"][0])
    except (UnknownJobError, KeyError, IndexError, ValueError):
        return None
