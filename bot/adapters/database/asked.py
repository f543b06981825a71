"""What was asked for over HTTP, and what was answered to a request that has a key."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import AskedRow, IdempotencyRow, table_of
from bot.domain.asked import OVER, Asked, Progress, Wish

_ASKED: Final = table_of(AskedRow)
_KEYS: Final = table_of(IdempotencyRow)
KEYS_KEPT: Final = timedelta(days=1)
"""How long a request that is sent again is known by its key."""
ASKED_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered before to the same request."""

    status: int
    answer: Any


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """Another request came with this key before."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is, and a digest of the request that came with it."""

    caller: str
    key: str
    digest: str


def request_key(caller: str, key: str, *parts: bytes) -> Key:
    """The key of a request that consists of these parts."""
    whole = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    return Key(caller, key, whole.hexdigest())


async def claim(
    connection: AsyncConnection, key: Key, answered: Answered, now: datetime
) -> Answered | OtherRequest | None:
    """Keep the answer in the caller's transaction; None if it is the first with this key.

    Of two at once the second waits in the database until the first is durable or gone.
    """
    await connection.execute(delete(_KEYS).where(_KEYS.c.created_at < now - KEYS_KEPT))
    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = asdict(key) | asdict(answered) | {"created_at": now}
    new = kind.insert(_KEYS).values(row).on_conflict_do_nothing().returning(_KEYS.c.key)
    if (await connection.execute(new)).first() is not None:
        return None
    mine = (_KEYS.c.caller == key.caller) & (_KEYS.c.key == key.key)
    found = (await connection.execute(select(_KEYS).where(mine))).mappings().one()
    if found["digest"] != key.digest:
        return OtherRequest()
    return Answered(found["status"], found["answer"])


async def ask(connection: AsyncConnection, asked: Asked) -> None:
    """Keep a wish in the caller's transaction; a worker finds it."""
    await connection.execute(insert(_ASKED).values(asdict(asked)))


class SqlAsked:
    """The port AskedJobs."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def waiting(self, limit: int = 100) -> Sequence[Asked]:
        """Those that no queue holds yet, the oldest first."""
        chosen = select(_ASKED).where(_ASKED.c.state == Progress.WAITING.value)
        async with self._engine.connect() as connection:
            ordered = chosen.order_by(_ASKED.c.created_at, _ASKED.c.id).limit(limit)
            return [read_asked(row) for row in (await connection.execute(ordered)).mappings()]

    async def by_id(self, id: str) -> Asked | None:
        """The one of this id."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(_ASKED).where(_ASKED.c.id == id))
            row = found.mappings().first()
            return None if row is None else read_asked(row)

    async def put(self, id: str, state: Progress, now: datetime, result: Any, why: str) -> None:
        """Write where it stands; what is over stays as it is."""
        over = sorted(one.value for one in OVER)
        mine = (_ASKED.c.id == id) & _ASKED.c.state.not_in(over)
        fresh = {"state": state.value, "updated_at": now, "result": result, "why": why}
        async with self._engine.begin() as connection:
            await connection.execute(update(_ASKED).where(mine).values(fresh))

    async def forget(self, before: datetime) -> None:
        """Remove what was over before."""
        over = sorted(one.value for one in OVER)
        old = (_ASKED.c.updated_at < before) & _ASKED.c.state.in_(over)
        async with self._engine.begin() as connection:
            await connection.execute(delete(_ASKED).where(old))


def read_asked(row: Mapping[Any, Any]) -> Asked:
    """The wish in a row."""
    values = {str(name): value for name, value in row.items()}
    return Asked(**{**values, "wish": Wish(values["wish"]), "state": Progress(values["state"])})
