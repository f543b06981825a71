"""What counters showed last: what they counted since is told from it, by whatever process."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.database.models import CounterRow, table_of
from bot.domain.counters import NANO, Reading, Tally, since, tally_windows
from bot.domain.metrics import Series, Window

_COUNTERS: Final = table_of(CounterRow)
_AT_ONCE: Final = 500


async def counted_since(
    connection: AsyncConnection, repository: str, readings: Sequence[Reading]
) -> list[Window]:
    """The windows of what was counted since the readings before these, which take their place."""
    found: list[Tally] = []
    keyed = sorted(
        ((_key(one), one.tally) for one in readings), key=lambda pair: (pair[0], pair[1].at)
    )
    for start in range(0, len(keyed), _AT_ONCE):
        some = keyed[start : start + _AT_ONCE]
        known = await _known(connection, repository, some)
        for key, tally in some:
            counted = since(known.get(key), tally)
            if counted is not None:
                found.append(counted)
            if key not in known or tally.at > known[key].at:
                known[key] = tally
        await _keep(connection, repository, known)
    return tally_windows(found)


async def forget_counters(connection: AsyncConnection, before: datetime) -> None:
    """Remove what nobody has shown again since."""
    await connection.execute(delete(_COUNTERS).where(_COUNTERS.c.updated_at < before))


def _key(reading: Reading) -> str:
    said = json.dumps([reading.source, *map(str, reading.tally.series)])
    return hashlib.sha256(said.encode()).hexdigest()


async def _known(
    connection: AsyncConnection, repository: str, some: Sequence[tuple[str, Tally]]
) -> dict[str, Tally]:
    """The readings before, locked: two processes may be shown the same counter at once."""
    series = {key: tally.series for key, tally in some}
    rows = [_row(repository, key, None) for key in series]
    await connection.execute(_insert(connection).on_conflict_do_nothing(), rows)
    mine = (_COUNTERS.c.repository == repository) & _COUNTERS.c.key.in_(series)
    chosen = select(_COUNTERS.c.key, _COUNTERS.c.body).where(mine)
    found = await connection.execute(chosen.order_by(_COUNTERS.c.key).with_for_update())
    return {key: _tally(series[key], body) for key, body in found if body}


async def _keep(connection: AsyncConnection, repository: str, known: dict[str, Tally]) -> None:
    insert = _insert(connection)
    fresh = {name: insert.excluded[name] for name in ("body", "updated_at")}
    upsert = insert.on_conflict_do_update(index_elements=["repository", "key"], set_=fresh)
    rows = [_row(repository, key, tally) for key, tally in sorted(known.items())]
    if rows:
        await connection.execute(upsert, rows)


def _row(repository: str, key: str, tally: Tally | None) -> dict[str, Any]:
    body: Any = {}
    at = 0
    if tally is not None:
        at = tally.at
        values = [[value, count] for value, count in tally.values.items()]
        body = {"started": tally.started, "at": at, "values": values, "total": tally.total}
    moment = datetime.fromtimestamp(at / NANO, UTC)
    return {"repository": repository, "key": key, "body": body, "updated_at": moment}


def _tally(series: Series, body: Any) -> Tally:
    values = {float(value): int(count) for value, count in body["values"]}
    return Tally(series, body["started"], body["at"], values, body["total"])


def _insert(connection: AsyncConnection) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(_COUNTERS)
    return sqlite.insert(_COUNTERS)
