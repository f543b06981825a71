"""How the records write a repository's name: the host tells names apart by no letter's case."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.columns import ExactText
from bot.adapters.database.models import BenchmarkRow, HostedRepositoryRow, RollupRow, table_of

_HOSTED: Final = table_of(HostedRepositoryRow)
_AT_ONCE: Final = 500
_MEASURED: Final = (table_of(RollupRow), table_of(BenchmarkRow))


def is_named(column: ColumnElement[str], names: Collection[str]) -> ColumnElement[bool]:
    """Whether it is one of these names, in whichever letters."""
    return func.lower(column).in_([func.lower(literal(name, ExactText())) for name in names])


async def names_now(
    connection: AsyncConnection, chosen: ColumnElement[bool]
) -> Mapping[str, tuple[str, int]]:
    """Name and number of the repositories whose name is chosen, by it in small letters.

    A name counts for the repository alone that goes by it now: names are given again.
    """
    table = _HOSTED.c
    found = select(table.full_name, table.host_id).where(chosen)
    rows = await connection.execute(found.order_by(table.updated_at, table.host_id))
    return {name.lower(): (name, host_id) for name, host_id in rows}


async def hosted_now(
    connection: AsyncConnection, names: Collection[str]
) -> Mapping[str, tuple[str, int]]:
    """The same for these names."""
    return await names_now(connection, is_named(_HOSTED.c.full_name, names))


async def recorded_name(engine: AsyncEngine, name: str) -> str | None:
    """The name as it is written in the records; None where they know of no such repository."""
    async with engine.connect() as connection:
        hosted = await hosted_now(connection, [name])
        for known, _ in hosted.values():
            return known
        for table in _MEASURED:
            column = table.c.repository
            alike = select(column).where(is_named(column, [name])).order_by(column != name)
            found: str | None = await connection.scalar(alike.limit(1))
            if found is not None:
                return found
    return None


async def names_of(connection: AsyncConnection, host_ids: Collection[int]) -> Mapping[int, str]:
    """Those of these repositories that still go by a name, by their number."""
    table = _HOSTED.c
    found: dict[int, str] = {}
    numbers = sorted(host_ids)
    # A person may see thousands, and a statement takes only so many values.
    for first in range(0, len(numbers), _AT_ONCE):
        some = numbers[first : first + _AT_ONCE]
        own = select(func.lower(table.full_name)).where(table.host_id.in_(some))
        named = await names_now(connection, func.lower(table.full_name).in_(own))
        found |= {host_id: name for name, host_id in named.values() if host_id in some}
    return found
