"""Reports requests to a database, as the web process does."""

import zlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.repositories import SqlRepositories
from bot.adapters.signals.intake import MetricsIntake, Taken
from bot.adapters.signals.unfolded import Folding
from bot.domain.hosting import KnownRepository
from bot.domain.metrics import Request
from bot.domain.reported import Batch, Refused, requests_of


async def let_in(engine: AsyncEngine, repository: str, at: datetime) -> None:
    known = KnownRepository(zlib.crc32(repository.encode()), repository, 1, at)
    await SqlRepositories(engine).save(known)


async def keep(
    engine: AsyncEngine,
    requests: Sequence[Request],
    batch: str = "",
    *,
    now: datetime,
    repository: str = "team/shop",
) -> Taken | Refused:
    """Let the repository in, report these requests of it at this time, and count them."""
    await let_in(engine, repository, now)
    intake = MetricsIntake(engine, now=lambda: now)
    taken = await intake.add(Batch(repository, requests_of(requests), id=batch))
    await Folding(engine, now=lambda: now).fold()
    return taken
