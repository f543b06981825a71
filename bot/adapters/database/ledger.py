"""What language models cost, booked before each call and settled after it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import ModelCallRow, table_of
from bot.domain.model.spending import (
    Booking,
    Caps,
    MaySpend,
    OverCap,
    Purpose,
    Spent,
    Tokens,
    may_spend,
)

_CALLS: Final = table_of(ModelCallRow)
RESERVED: Final = "reserved"
# Any number, as long as every version of Ironclaw takes the same.
_ADVISORY_KEY: Final = 0x1C0C1A31


class SqlLedger:
    """The port Ledger; a booking that is never settled stays what was reserved for it."""

    def __init__(
        self, engine: AsyncEngine, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine = engine
        self._now = now

    async def reserve(self, booking: Booking, caps: Caps) -> MaySpend | OverCap:
        """Book the most that a call can cost, if all caps have room for it.

        One worker at a time adds up and books, so that no two take the same room.
        """
        now = self._now()
        async with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Until the transaction's end; a worker that is cut off gives it back.
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_KEY})"))
            else:
                # Takes SQLite's only write lock before anything is read.
                await connection.execute(update(_CALLS).where(_CALLS.c.id == "").values(id=""))
            spent = await _spent(connection, booking.purpose, _day(now))
            decision = may_spend(booking.amount, booking.tokens, spent, caps)
            if isinstance(decision, MaySpend):
                await connection.execute(insert(_CALLS).values(_row(booking, now)))
        return decision

    async def settle(self, id: str, tokens: Tokens, amount: int, outcome: str) -> None:
        """Put what a booked call has really cost in the place of what was reserved, once."""
        fresh = {
            "amount": amount,
            "tokens": tokens.total,
            "sent": tokens.sent,
            "received": tokens.received,
            "outcome": outcome,
            "settled_at": self._now(),
        }
        open_one = (_CALLS.c.id == id) & (_CALLS.c.outcome == RESERVED)
        async with self._engine.begin() as connection:
            await connection.execute(update(_CALLS).where(open_one).values(fresh))

    async def spent(self, purpose: Purpose) -> Spent:
        """What is spent or reserved until now."""
        async with self._engine.connect() as connection:
            return await _spent(connection, purpose, _day(self._now()))


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _row(booking: Booking, now: datetime) -> dict[str, Any]:
    return {
        "id": booking.id,
        "repository": booking.purpose.repository,
        "improvement": booking.purpose.improvement,
        "model": booking.model,
        "day": _day(now),
        "amount": booking.amount,
        "tokens": booking.tokens,
        "sent": 0,
        "received": 0,
        "outcome": RESERVED,
        "at": now,
        "settled_at": None,
    }


async def _spent(connection: AsyncConnection, purpose: Purpose, day: str) -> Spent:
    table = _CALLS.c
    today, here = table.day == day, table.repository == purpose.repository
    improvement = here & (table.improvement == purpose.improvement)
    sums = (
        _sum(improvement, table.amount),
        _sum(today & here, table.amount),
        _sum(today, table.amount),
        _sum(today & here, table.tokens),
    )
    row = (await connection.execute(select(*sums).where(today | improvement))).one()
    return Spent(*(int(value) for value in row))


def _sum(condition: ColumnElement[bool], column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, column), else_=0)), 0)
