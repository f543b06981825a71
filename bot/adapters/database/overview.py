"""What the dashboard asks the records beside what everybody else asks them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.asked import read_asked
from bot.adapters.database.models import (
    AskedRow,
    BenchmarkRow,
    DeliveryRow,
    HostedRepositoryRow,
    ImprovementRow,
    ModelCallRow,
    RollupRow,
    table_of,
)
from bot.adapters.database.names import is_named
from bot.domain.asked import Asked
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.improvement import State
from bot.domain.viewing import Viewer

_HOSTED: Final = table_of(HostedRepositoryRow)
_IMPROVEMENTS: Final = table_of(ImprovementRow)
_CALLS: Final = table_of(ModelCallRow)
_ASKED: Final = table_of(AskedRow)
_DELIVERIES: Final = table_of(DeliveryRow)
_RECORDED: Final = (_IMPROVEMENTS, table_of(RollupRow), table_of(BenchmarkRow))
_LOOKED_AT, _LARGEST = 200, 200_000


@dataclass(frozen=True, slots=True)
class Paid:
    """What one model cost on one day (UTC), in millionths of a dollar.

    Of `unsettled` calls that is the most that they can cost.
    """

    day: str
    model: str
    amount: int
    calls: int
    unsettled: int


@dataclass(frozen=True, slots=True)
class Hosted:
    """How we stand with a repository."""

    host_id: int
    state: str
    why: str


class Overview:
    """Reads; each call is a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def repositories(self, viewer: Viewer) -> Sequence[str]:
        """The names of all that the viewer may see and something is known of."""
        async with self._engine.connect() as connection:
            names = set(await connection.scalars(select(_HOSTED.c.full_name)))
            if viewer.is_operator:
                for table in _RECORDED:
                    names |= set(await connection.scalars(select(table.c.repository).distinct()))
        by_key = {name.lower(): name for name in sorted(names) if name and viewer.may_see(name)}
        return sorted(by_key.values(), key=str.lower)

    async def hosted(self, repository: str) -> Hosted | None:
        """How we stand with it at the host; None where it is on none."""
        chosen = select(_HOSTED.c.host_id, _HOSTED.c.state, _HOSTED.c.why).where(
            is_named(_HOSTED.c.full_name, [repository])
        )
        latest = chosen.order_by(_HOSTED.c.updated_at.desc()).limit(1)
        async with self._engine.connect() as connection:
            row = (await connection.execute(latest)).first()
            return None if row is None else Hosted(*row)

    async def counts(self, repository: str) -> Mapping[State, int]:
        """How many improvements there are in each state."""
        column = _IMPROVEMENTS.c.state
        chosen = select(column, func.count()).where(
            is_named(_IMPROVEMENTS.c.repository, [repository])
        )
        async with self._engine.connect() as connection:
            rows = await connection.execute(chosen.group_by(column))
            found = {State(state): count for state, count in rows}
        return {state: found.get(state, 0) for state in State}

    async def paid(self, repository: str | None, since: date) -> Sequence[Paid]:
        """What models have cost since a day, by day and model; None means all repositories."""
        table = _CALLS.c
        reserved = func.sum(case((table.settled_at.is_(None), table.amount), else_=0))
        chosen = select(
            table.day, table.model, func.sum(table.amount), func.count(), reserved
        ).where(table.day >= since.isoformat())
        if repository is not None:
            chosen = chosen.where(is_named(table.repository, [repository]))
        grouped = chosen.group_by(table.day, table.model).order_by(table.day, table.model)
        async with self._engine.connect() as connection:
            return [
                Paid(day, model, int(amount), count, int(unsettled))
                for day, model, amount, count, unsettled in await connection.execute(grouped)
            ]

    async def wishes(
        self, repository: str, improvement: str = "", limit: int = 20
    ) -> Sequence[Asked]:
        """What was asked for last, the latest first."""
        chosen = select(_ASKED).where(is_named(_ASKED.c.repository, [repository]))
        if improvement:
            chosen = chosen.where(_ASKED.c.improvement == improvement)
        latest = chosen.order_by(_ASKED.c.created_at.desc(), _ASKED.c.id).limit(limit)
        async with self._engine.connect() as connection:
            return [read_asked(row) for row in (await connection.execute(latest)).mappings()]

    async def deliveries(self, repository: str, limit: int = 20) -> Sequence[Delivery]:
        """Of the latest deliveries those about a repository, without their bodies.

        Whose they are stands in their bodies alone; what is very large is left out.
        """
        chosen = select(_DELIVERIES).where(func.length(_DELIVERIES.c.body) < _LARGEST)
        latest = chosen.order_by(_DELIVERIES.c.received_at.desc(), _DELIVERIES.c.id)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(latest.limit(_LOOKED_AT))).mappings().all()
        found = [
            Delivery(**{**row, "state": DeliveryState(row["state"])})
            for row in rows
            if _about(row["body"]) == repository.lower()
        ]
        return [replace(one, body=b"") for one in found[:limit]]

    async def waiting(self, repository: str, limit: int = 20) -> Sequence[Mapping[str, Any]]:
        """The improvements that are looked at again by the clock, the next first."""
        table = _IMPROVEMENTS.c
        chosen = select(table.id, table.state, table.reason, table.look_again_at).where(
            is_named(table.repository, [repository]), table.look_again_at.is_not(None)
        )
        ordered = chosen.order_by(table.look_again_at, table.id).limit(limit)
        async with self._engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(ordered)).mappings()]


def _about(body: bytes) -> str:
    """The repository that a delivery names, in small letters."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    about = document.get("repository") if isinstance(document, dict) else None
    name = about.get("full_name") if isinstance(about, dict) else None
    return name.lower() if isinstance(name, str) else ""
