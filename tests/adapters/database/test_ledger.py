"""Caps hold whoever asks at once, on both databases, and nothing is booked twice."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine
from bot.adapters.database.ledger import SqlLedger
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
from bot.ports import UserError
from tests.fakes.clock import FixedClock

HERE = Purpose("team/shop", "one")
CAPS = Caps(call=40, improvement=100, repository_a_day=150, everything_a_day=180)


def booking(id: str, purpose: Purpose = HERE, amount: int = 30) -> Booking:
    return Booking(id, purpose, "m", amount, 10)


async def test_security_28_workers_that_ask_at_once_never_spend_more_than_a_cap(
    database_url: str,
) -> None:
    engines = [make_engine(database_url) for _ in range(4)]
    ledgers = [SqlLedger(engine) for engine in engines]
    places = [Purpose(f"team/{n % 2}", f"{n % 3}") for n in range(6)]
    try:
        found = await asyncio.gather(
            *(
                ledgers[n % 4].reserve(booking(f"{n}", places[n % 6], 20 + n % 21), CAPS)
                for n in range(24)
            )
        )
        assert any(isinstance(one, MaySpend) for one in found)
        assert any(isinstance(one, OverCap) for one in found)
        for place in places:
            spent = await ledgers[0].spent(place)
            assert spent.improvement <= CAPS.improvement
            assert spent.repository_today <= CAPS.repository_a_day
            assert spent.everything_today <= 180
    finally:
        for engine in engines:
            await engine.dispose()


async def test_what_is_settled_takes_the_place_of_what_was_reserved_once(
    engine: AsyncEngine, clock: FixedClock
) -> None:
    ledger = SqlLedger(engine, clock.now)
    assert await ledger.reserve(booking("a"), CAPS) == MaySpend()
    assert await ledger.spent(HERE) == Spent(30, 30, 30, 10)
    await ledger.settle("a", Tokens(3, 1), 7, "proposed")
    await ledger.settle("a", Tokens(0, 0), 0, "again")
    assert await ledger.spent(HERE) == Spent(7, 7, 7, 4)
    clock.advance(seconds=86_400)
    assert await ledger.spent(HERE) == Spent(7, 0, 0, 0)


async def test_without_a_ledger_nothing_may_be_spent(empty_sqlite_url: str) -> None:
    engine = make_engine(empty_sqlite_url)
    with pytest.raises(UserError):
        await SqlLedger(engine).reserve(booking("a"), CAPS)
    await engine.dispose()


@pytest.mark.parametrize(
    ("amount", "tokens", "cap"),
    [
        (41, 1, "model.dollars_per_call"),
        (-1, 1, "amount"),
        (1, 101, "model.tokens_per_day"),
    ],
)
def test_a_cap_is_named(amount: int, tokens: int, cap: str) -> None:
    caps = Caps(40, 100, 150, None, tokens_a_day=100)
    found = may_spend(amount, tokens, Spent(), caps)
    assert isinstance(found, OverCap)
    assert found.cap == cap
