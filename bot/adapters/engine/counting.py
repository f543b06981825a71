"""How much the engine has to do, for a person to look at."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.engine.client import QUEUE
from bot.adapters.engine.tables import tables
from bot.ports import UserError

_COUNT: Final = (
    "SELECT {status}.status, count(*) FROM {status} WHERE queue_name = :queue "
    "GROUP BY {status}.status"
)
_WORDS: Final = {
    "ENQUEUED": "waiting",
    "DELAYED": "tried again later",
    "PENDING": "being done",
    "SUCCESS": "done",
    "ERROR": "parked",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "parked",
}


async def count_jobs(engine: AsyncEngine) -> Mapping[str, int]:
    """How many jobs stand how; empty where no worker has ever run on this database."""
    statement = tables(engine.dialect.name).sql(_COUNT)
    found: dict[str, int] = {}
    try:
        async with engine.connect() as connection:
            for status, count in await connection.execute(statement, {"queue": QUEUE}):
                word = _WORDS.get(status, str(status).lower())
                found[word] = found.get(word, 0) + count
    except (SQLAlchemyError, UserError):
        return {}
    return found
