"""Deliveries as a worker and a person read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import DeliveryRow, table_of
from bot.adapters.database.packing import unpack
from bot.domain.deliveries import Delivery, DeliveryState

_DELIVERIES: Final = table_of(DeliveryRow)
_FINISHED: Final = (DeliveryState.ROUTED.value, DeliveryState.IGNORED.value)


async def take_waiting(connection: AsyncConnection, most: int) -> Sequence[Delivery]:
    """The oldest that no other worker looks at; they stay ours until the transaction ends."""
    chosen = (
        select(_DELIVERIES)
        .where(_DELIVERIES.c.state == DeliveryState.RECEIVED.value)
        .order_by(_DELIVERIES.c.received_at, _DELIVERIES.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [_delivery(row) for row in (await connection.execute(chosen)).mappings()]


async def mark(
    connection: AsyncConnection, id: str, state: DeliveryState, at: datetime, why: str = ""
) -> None:
    """Write down what became of a delivery."""
    attempts = _DELIVERIES.c.attempts + 1
    values = {"state": state.value, "routed_at": at, "why": why, "attempts": attempts}
    await connection.execute(update(_DELIVERIES).where(_DELIVERIES.c.id == id).values(values))


class Deliveries:
    """What was delivered, for a person to look at."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def latest(
        self, states: frozenset[DeliveryState] = frozenset(), most: int = 50
    ) -> Sequence[Delivery]:
        """The newest deliveries in any of these states, newest first, without their bodies."""
        columns = [column for column in _DELIVERIES.c if column.name != "body"]
        chosen = select(*columns).order_by(_DELIVERIES.c.received_at.desc(), _DELIVERIES.c.id)
        if states:
            chosen = chosen.where(_DELIVERIES.c.state.in_(sorted(states)))
        async with self._engine.connect() as connection:
            found = await connection.execute(chosen.limit(most))
            return [_delivery({"body": b"", **row}) for row in found.mappings()]

    async def delivery(self, id: str) -> Delivery | None:
        """One delivery with its body."""
        async with self._engine.connect() as connection:
            chosen = select(_DELIVERIES).where(_DELIVERIES.c.id == id)
            row = (await connection.execute(chosen)).mappings().first()
            return None if row is None else _delivery(row)

    async def retry(self, id: str) -> bool:
        """Have a worker look at it again; False if there is none such."""
        again = {"state": DeliveryState.RECEIVED.value, "attempts": 0, "why": "", "routed_at": None}
        changed = update(_DELIVERIES).where(_DELIVERIES.c.id == id).values(again)
        async with self._engine.begin() as connection:
            found = await connection.execute(changed.returning(_DELIVERIES.c.id))
            return found.first() is not None

    async def forget(self, before: datetime) -> int:
        """Remove those that came before and need nobody any more; how many there were."""
        old = (_DELIVERIES.c.received_at < before) & _DELIVERIES.c.state.in_(_FINISHED)
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(_DELIVERIES).where(old))).rowcount


def _delivery(row: Any) -> Delivery:
    state, body = DeliveryState(row["state"]), unpack(row["body"])
    return Delivery(**{**row, "state": state, "body": body})
