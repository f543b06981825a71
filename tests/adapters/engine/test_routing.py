"""Deliveries become jobs: each exactly once, whoever routes and whatever dies meanwhile."""

import asyncio
import logging
import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.lookups import ImprovementLookup
from bot.adapters.database.store import store_factory
from bot.domain.improvement import State
from bot.domain.jobs import LookAtRepository
from tests.adapters.database.values import improvement
from tests.adapters.engine.inside import Seen, ask, deliver, jobs, states, worker
from tests.adapters.engine.processes import eventually, soon, workers


async def test_a_delivery_becomes_its_jobs(database_url: str) -> None:
    seen = Seen()
    async with worker(database_url, seen.handle):
        await asyncio.to_thread(deliver, database_url, ("d-1", "push", b"team/a"))
        await soon(lambda: seen.jobs == [LookAtRepository("team/a")])
    assert states(database_url) == {"d-1": "routed"}


async def test_a_delivery_that_leads_to_something_is_logged(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ironclaw.routing")
    async with worker(sqlite_url, Seen().handle):
        waiting = [("d-1", "push", b"team/a"), ("d-2", "ignored", b"")]
        await asyncio.to_thread(deliver, sqlite_url, *waiting)
        await soon(lambda: "received" not in states(sqlite_url).values())
    assert caplog.messages == ["delivery d-1 (push) leads to repository/team/a"]


async def test_what_concerns_nobody_is_ignored(database_url: str) -> None:
    async with worker(database_url, Seen().handle):
        await asyncio.to_thread(deliver, database_url, ("d-1", "ignored", b""))
        await soon(lambda: states(database_url) == {"d-1": "ignored"})
    assert jobs(database_url) == {}


async def test_security_34_a_poison_delivery_is_parked_with_why_and_stops_no_other(
    database_url: str,
) -> None:
    seen = Seen()
    poison = [("d-1", "broken", b""), ("d-2", "malformed", b""), ("d-3", "push", b"team/a")]
    async with worker(database_url, seen.handle):
        await asyncio.to_thread(deliver, database_url, *poison)
        await soon(lambda: "received" not in states(database_url).values())
        await soon(lambda: seen.jobs == [LookAtRepository("team/a")])
    assert states(database_url) == {"d-1": "parked", "d-2": "parked", "d-3": "routed"}
    rows = ask(database_url, "SELECT id, why, attempts FROM delivery ORDER BY id")
    assert rows[0] == ("d-1", "ValueError: the toy cannot read it", 5)
    assert rows[1] == ("d-2", "it says nothing", 1)


async def test_two_deliveries_of_one_id_are_one(database_url: str) -> None:
    seen = Seen()
    async with worker(database_url, seen.handle):
        for _ in range(3):
            await asyncio.to_thread(deliver, database_url, ("d-1", "push", b"team/a"))
            await soon(lambda: states(database_url) == {"d-1": "routed"})
    assert len(jobs(database_url)) == 1


async def test_what_waits_while_no_worker_runs_is_routed_later(database_url: str) -> None:
    waiting = [(f"d-{n}", "push", f"team/{n}".encode()) for n in range(120)]
    await asyncio.to_thread(deliver, database_url, *waiting)
    seen = Seen()
    async with worker(database_url, seen.handle):
        await soon(lambda: len(seen.jobs) == 120)
    assert set(states(database_url).values()) == {"routed"}


def test_security_32_workers_that_race_route_each_delivery_once(
    postgresql_url: str, tmp_path: Path
) -> None:
    wanted = [f"team/{number}" for number in range(120)]
    with workers(postgresql_url, tmp_path) as running:
        for _ in range(2):
            running.start()
        for number in range(0, 120, 40):
            part = [(f"d-{n}", "push", f"team/{n}".encode()) for n in range(number, number + 40)]
            deliver(postgresql_url, *part)
        eventually(lambda: len(running.done()) >= 120)
    assert Counter(running.done()) == Counter(wanted)
    assert len(set(running.pids("done"))) == 2
    assert set(states(postgresql_url).values()) == {"routed"}


def test_security_32_a_worker_that_dies_while_it_routes_loses_and_doubles_nothing(
    database_url: str, tmp_path: Path
) -> None:
    """It has enqueued the first jobs of its batch, and dies before the batch is committed."""
    before = [(f"d-{n}", "push", f"team/{n}".encode()) for n in range(10)]
    deliver(database_url, *before, ("d-k", "killer", b""), ("d-z", "push", b"team/z"))
    with workers(database_url, tmp_path) as running:
        dead = running.start()
        assert dead.wait() == -signal.SIGKILL
        assert set(states(database_url).values()) == {"received"}
        assert jobs(database_url) == {}
        ask(database_url, "UPDATE delivery SET event = 'push', body = :b WHERE id = 'd-k'", b=b"k")
        running.start()
        eventually(lambda: len(running.done()) >= 12)
    assert Counter(running.done()) == Counter([f"team/{n}" for n in range(10)] + ["k", "team/z"])


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({}, []),
        ({"pulls": [11]}, ["merged"]),
        ({"pulls": [12]}, ["merged"]),
        ({"commits": ["m" * 40]}, ["merged"]),
        ({"commits": ["h" * 40], "pulls": [11]}, ["merged", "open"]),
        ({"branch": "ironclaw/x/1"}, ["open"]),
        ({"pulls": [99], "branch": "other"}, []),
    ],
)
async def test_what_something_at_the_host_concerns_is_found(
    engine: AsyncEngine, named: dict[str, list[str]], expected: list[str]
) -> None:
    async with store_factory(engine)() as store:
        await store.save(
            improvement(
                "merged",
                state=State.MERGED,
                pull_request=11,
                revert_pull_request=12,
                merge_sha="m" * 40,
            )
        )
        await store.save(
            improvement("open", state=State.OPEN, head_sha="h" * 40, branch="ironclaw/x/1")
        )
        await store.commit()
    async with engine.connect() as connection:
        lookup = ImprovementLookup(connection)
        assert sorted(await lookup.improvements("team/shop", **named)) == expected  # type: ignore[arg-type] # each test names some
        assert await lookup.improvements("team/other", **named) == []  # type: ignore[arg-type] # each test names some
