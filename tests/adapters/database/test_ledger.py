"""Caps hold whoever asks at once, on both databases, and nothing is booked twice."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


# Whatever is booked and settled at once: as a plain sum would have it


@dataclass(frozen=True)
class Turn:
    """One call: for whom, how much it may cost, and which share of that it did; None if never."""

    place: int
    amount: int
    share: float | None


PLACES = [Purpose(f"team/{n % 2}", f"{n % 3}") for n in range(6)]
TURNS = st.lists(
    st.builds(Turn, st.integers(0, 5), st.integers(0, 45), st.none() | st.floats(0, 1)),
    max_size=14,
)
ROUNDS = st.lists(TURNS, min_size=1, max_size=3)
ALL = st.builds(
    Caps,
    st.integers(10, 50),
    st.integers(20, 120),
    st.integers(20, 160),
    st.none() | st.integers(20, 250),
    st.integers(0, 120),
)
_days = count()


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROUNDS, ALL)
def test_security_28_no_cap_is_passed_and_no_room_refused_whatever_comes_at_once(
    database_url: str, rounds: list[list[Turn]], caps: Caps
) -> None:
    # A day of its own, and improvements of its own, are as good as a database of its own.
    day = next(_days)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    places = [Purpose(one.repository, f"{one.improvement} of {day}") for one in PLACES]
    asyncio.run(played(database_url, at, places, rounds, caps))


async def played(
    url: str, at: datetime, places: Sequence[Purpose], rounds: list[list[Turn]], caps: Caps
) -> None:
    engines = [make_engine(url) for _ in range(3)]
    ledgers = [SqlLedger(engine, lambda: at) for engine in engines]
    oracle = Oracle()
    numbers = count()

    async def one(turn: Turn) -> tuple[Booking, Turn, MaySpend | OverCap]:
        id = f"{at:%j}-{next(numbers)}"
        booked = Booking(id, places[turn.place], "m", turn.amount, turn.amount)
        return booked, turn, await ledgers[next(numbers) % 3].reserve(booked, caps)

    try:
        for turns in rounds:
            done = await asyncio.gather(*map(one, turns))
            for booked, _, decision in done:
                if isinstance(decision, MaySpend):
                    oracle.add(booked.purpose, booked.amount)
            for place in places:
                assert await ledgers[0].spent(place) == oracle.spent(place)
            oracle.check(places, [(b, d) for b, _, d in done], caps)
            for booked, turn, decision in done:
                if isinstance(decision, MaySpend) and turn.share is not None:
                    cost = int(booked.amount * turn.share)
                    await ledgers[1].settle(booked.id, Tokens(cost, 0), cost, "proposed")
                    oracle.add(booked.purpose, cost - booked.amount)
    finally:
        for engine in engines:
            await engine.dispose()


class Oracle:
    """The sums, by the simplest means."""

    def __init__(self) -> None:
        self._by: Counter[tuple[str, ...]] = Counter()

    def add(self, purpose: Purpose, amount: int) -> None:
        """One amount more, or less."""
        for key in ((), (purpose.repository,), (purpose.repository, purpose.improvement)):
            self._by[key] += amount

    def spent(self, purpose: Purpose) -> Spent:
        """As the ledger says it."""
        here = self._by[(purpose.repository,)]
        improvement = self._by[(purpose.repository, purpose.improvement)]
        return Spent(improvement, here, self._by[()], here)

    def check(
        self,
        places: Sequence[Purpose],
        done: Sequence[tuple[Booking, MaySpend | OverCap]],
        caps: Caps,
    ) -> None:
        """Every sum keeps to its cap, and what was refused would not fit now either."""
        for place in places:
            assert may_spend(0, 0, self.spent(place), caps) == MaySpend()
        for booked, decision in done:
            if isinstance(decision, OverCap):
                now = may_spend(booked.amount, booked.tokens, self.spent(booked.purpose), caps)
                assert isinstance(now, OverCap)


# Workers that are processes


@contextmanager
def spenders(url: str, workers: int, *arguments: str) -> Iterator[list[subprocess.Popen[str]]]:
    """So many processes that begin to book at the same moment, when told to."""
    command = [sys.executable, "-m", "tests.adapters.database.spender", url, *arguments]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, str(number)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(workers)
        ]
        for one in started:
            stack.callback(one.kill)
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        yield started


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.parametrize(
    ("workers", "calls"), [(3, 15), pytest.param(4, 250, marks=pytest.mark.soak)]
)
async def test_security_28_processes_that_ask_at_once_never_spend_more_than_a_cap(
    database_url: str, workers: int, calls: int
) -> None:
    with spenders(database_url, workers, str(calls)) as processes:
        for one in processes:
            tell(one)
        reports = [json.loads(told(one)) for one in processes]
    caps = Caps(*reports[0]["caps"])
    assert all(report["most"] <= cap for report in reports for cap in [caps.everything_a_day])
    assert sum(len(report["allowed"]) for report in reports) >= 3
    assert sum(report["refused"] for report in reports) >= 3
    oracle = Oracle()
    for report in reports:
        for repository, improvement, amount in report["allowed"]:
            oracle.add(Purpose(repository, improvement), amount)
    engine = make_engine(database_url)
    for place in PLACES:
        spent = await SqlLedger(engine).spent(place)
        assert spent == oracle.spent(place)
        assert isinstance(may_spend(0, 0, spent, caps), MaySpend)
    await engine.dispose()


async def test_security_28_what_a_killed_worker_has_booked_stays_booked(
    database_url: str,
) -> None:
    with spenders(database_url, 1, "0") as (process,):
        tell(process)
        assert told(process) == "booked\n"
        process.kill()
        process.wait()
    engine = make_engine(database_url)
    ledger = SqlLedger(engine)
    assert await ledger.spent(PLACES[0]) == Spent(30, 30, 30, 30)
    # Whoever comes later finds the ledger free, and no more room than there is.
    caps = Caps(40, 40, 40, 40)
    assert await ledger.reserve(booking("later", PLACES[0], 10), caps) == MaySpend()
    assert isinstance(await ledger.reserve(booking("too much", PLACES[0], 1), caps), OverCap)
    await engine.dispose()
