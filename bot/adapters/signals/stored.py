"""Requests that services have reported to us, kept in the database for two weeks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.models import RequestBatchRow, RequestBlockRow, table_of
from bot.adapters.signals import blocks
from bot.adapters.signals.access_log import MOST_REQUESTS
from bot.domain.metrics import Request

_BLOCKS: Final = table_of(RequestBlockRow)
_BATCHES: Final = table_of(RequestBatchRow)
_FORGOTTEN_AT_ONCE: Final = 1_000
# A worker keeps its lease on the same loop, which therefore is never held up for long.
_AT_ONCE: Final = 8

_log = structlog.get_logger(__name__)


class StoredRequests:
    """The requests of one repository's service."""

    def __init__(self, engine: AsyncEngine, repository: str, *, most: int = MOST_REQUESTS) -> None:
        self._engine = engine
        self._repository = repository
        self._most = most

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        """The requests answered in [since, until), oldest first; of very many the newest."""
        within = (_BLOCKS.c.last_at >= since) & (_BLOCKS.c.first_at < until)
        mine = within & (_BLOCKS.c.repository == self._repository)
        newest = select(_BLOCKS.c.body).where(mine)
        newest = newest.order_by(_BLOCKS.c.last_at.desc(), _BLOCKS.c.id.desc())
        found: list[Request] = []
        async with self._engine.connect() as connection:
            rows = await connection.stream(newest)
            async for some in rows.partitions(_AT_ONCE):
                for (body,) in some:
                    found += [one for one in blocks.load(body) if since <= one.at < until]
                if len(found) > self._most:
                    break
        found.sort(key=lambda request: request.at)
        if len(found) > self._most:
            _log.warning("stored_requests_cut", repository=self._repository, most=self._most)
        return found[-self._most :]


async def forget_requests(engine: AsyncEngine, before: datetime) -> int:
    """Remove blocks of requests all answered, and batches received, before; how many blocks.

    In small transactions, so that nobody who writes waits for long.
    """
    async with engine.begin() as connection:
        await connection.execute(delete(_BATCHES).where(_BATCHES.c.received_at < before))
    async with engine.connect() as connection:
        repositories = (await connection.scalars(select(_BLOCKS.c.repository).distinct())).all()
    count = 0
    for repository in repositories:
        while some := await _forget_some(engine, repository, before):
            count += some
    return count


async def _forget_some(engine: AsyncEngine, repository: str, before: datetime) -> int:
    old = (_BLOCKS.c.repository == repository) & (_BLOCKS.c.last_at < before)
    some = select(_BLOCKS.c.id).where(old).limit(_FORGOTTEN_AT_ONCE)
    async with engine.begin() as connection:
        return (await connection.execute(delete(_BLOCKS).where(_BLOCKS.c.id.in_(some)))).rowcount
