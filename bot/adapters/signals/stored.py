"""Requests that services have reported to us, kept in the database for two weeks."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import RequestBatchRow, RequestRow, table_of
from bot.adapters.signals.access_log import MOST_REQUESTS
from bot.domain.metrics import Request
from bot.domain.reported import Refused, refusal

_REQUESTS: Final = table_of(RequestRow)
_BATCHES: Final = table_of(RequestBatchRow)
_FIELDS: Final = [_REQUESTS.c[name] for name in Request.__dataclass_fields__]
_FORGOTTEN_AT_ONCE: Final = 10_000
# A worker keeps its lease on the same loop, which therefore is never held up for long.
_AT_ONCE: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """The requests are durable, by this call or an earlier one of the same batch."""

    count: int


@dataclass(frozen=True, slots=True)
class OtherBatch:
    """Other requests were kept under this batch's id."""


def _system_now() -> datetime:
    return datetime.now(UTC)


class StoredRequests:
    """The requests of one repository's service."""

    def __init__(
        self,
        engine: AsyncEngine,
        repository: str,
        *,
        now: Callable[[], datetime] = _system_now,
        most: int = MOST_REQUESTS,
    ) -> None:
        self._engine = engine
        self._repository = repository
        self._now = now
        self._most = most

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        """The requests answered in [since, until), oldest first; of very many the newest."""
        at = _REQUESTS.c.at
        within = (_REQUESTS.c.repository == self._repository) & (at >= since) & (at < until)
        newest = select(*_FIELDS).where(within).order_by(at.desc(), _REQUESTS.c.id.desc())
        found: list[Request] = []
        async with self._engine.connect() as connection:
            rows = await connection.stream(newest.limit(self._most + 1))
            async for some in rows.partitions(_AT_ONCE):
                found += [Request(*row) for row in some]
        if len(found) > self._most:
            _log.warning("stored_requests_cut", repository=self._repository, most=self._most)
        return found[: self._most][::-1]

    async def add(
        self, requests: Sequence[Request], batch: str = ""
    ) -> Kept | Refused | OtherBatch:
        """Keep all of them or none; of the same non-empty batch id they are kept once.

        Returns once they are durable.
        """
        now = self._now()
        refused = refusal(requests, now)
        if refused is not None:
            return refused
        digest = _digest(requests)
        async with self._engine.begin() as connection:
            known = await self._known(connection, batch, digest, now) if batch else None
            for start in range(0, len(requests) if known is None else 0, _AT_ONCE):
                rows = [self._row(one) for one in requests[start : start + _AT_ONCE]]
                await connection.execute(insert(_REQUESTS), rows)
        return Kept(len(requests)) if known in (None, digest) else OtherBatch()

    async def _known(
        self, connection: AsyncConnection, batch: str, digest: str, now: datetime
    ) -> str | None:
        """The digest of what was kept under this id before; None if this is the first time.

        Another transaction with the same id is waited for.
        """
        values = {"repository": self._repository, "id": batch, "digest": digest, "received_at": now}
        kind = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = kind.insert(_BATCHES).values(values).on_conflict_do_nothing()
        first = await connection.execute(statement.returning(_BATCHES.c.id))
        if first.first() is not None:
            return None
        mine = (_BATCHES.c.repository == self._repository) & (_BATCHES.c.id == batch)
        found: str = (await connection.scalars(select(_BATCHES.c.digest).where(mine))).one()
        return found

    def _row(self, request: Request) -> dict[str, Any]:
        fields = {column.name: getattr(request, column.name) for column in _FIELDS}
        return {"repository": self._repository, **fields}


async def forget_requests(engine: AsyncEngine, before: datetime) -> int:
    """Remove the requests answered, and the batches received, before; how many requests.

    In small transactions, so that nobody who writes waits for long.
    """
    async with engine.begin() as connection:
        await connection.execute(delete(_BATCHES).where(_BATCHES.c.received_at < before))
    async with engine.connect() as connection:
        repositories = (await connection.scalars(select(_REQUESTS.c.repository).distinct())).all()
    count = 0
    for repository in repositories:
        while some := await _forget_some(engine, repository, before):
            count += some
    return count


async def _forget_some(engine: AsyncEngine, repository: str, before: datetime) -> int:
    old = (_REQUESTS.c.repository == repository) & (_REQUESTS.c.at < before)
    some = select(_REQUESTS.c.id).where(old).limit(_FORGOTTEN_AT_ONCE)
    async with engine.begin() as connection:
        return (
            await connection.execute(delete(_REQUESTS).where(_REQUESTS.c.id.in_(some)))
        ).rowcount


def _digest(requests: Sequence[Request]) -> str:
    rows = [
        [one.at.timestamp(), one.endpoint, one.milliseconds, one.failed, one.commit]
        for one in requests
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
