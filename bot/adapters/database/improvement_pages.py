"""Lists of improvements a page at a time, the latest first, as far as whoever asks may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.models import ImprovementRow, table_of
from bot.adapters.database.names import is_named
from bot.adapters.database.rows import improvement_of
from bot.domain.improvement import Improvement, State

_TABLE: Final = table_of(ImprovementRow)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the moment that the list is ordered by, and the id."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; `repositories` None means all, `after` None the first page.

    `deployed` lists what was ever deployed by when that was, instead of all by when it was found.
    """

    repositories: Collection[str] | None
    limit: int
    states: frozenset[State] = frozenset()
    after: Place | None = None
    deployed: bool = False


async def read_page(engine: AsyncEngine, wanted: Wanted) -> Sequence[tuple[Place, Improvement]]:
    """At most one more than `limit`, by which it is known that there is another page."""
    moment = _TABLE.c.deployed_at if wanted.deployed else _TABLE.c.created_at
    chosen: Select[Any] = select(_TABLE)
    if wanted.deployed:
        chosen = chosen.where(moment.is_not(None))
    if wanted.repositories is not None:
        chosen = chosen.where(is_named(_TABLE.c.repository, sorted(wanted.repositories)))
    if wanted.states:
        chosen = chosen.where(_TABLE.c.state.in_(sorted(wanted.states)))
    if wanted.after is not None:
        at, id = wanted.after.at, wanted.after.id
        chosen = chosen.where((moment < at) | ((moment == at) & (_TABLE.c.id < id)))
    ordered = chosen.order_by(moment.desc(), _TABLE.c.id.desc()).limit(wanted.limit + 1)
    async with engine.connect() as connection:
        rows = (await connection.execute(ordered)).mappings().all()
    found = [improvement_of(dict(row)) for row in rows]
    return [(Place(_moment(one, wanted), one.id), one) for one in found]


def _moment(one: Improvement, wanted: Wanted) -> datetime:
    if not wanted.deployed:
        return one.created_at
    assert one.deployed_at is not None  # noqa: S101 - asked for in the query
    return one.deployed_at
