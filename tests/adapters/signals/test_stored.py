"""Requests in the database: kept whole, counted once, and removed when they are old."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine
from bot.adapters.database.models import RequestBlockRow, table_of
from bot.adapters.signals.intake import Kept, OtherBatch, Taken
from bot.adapters.signals.stored import StoredRequests, forget_requests
from bot.domain.metrics import Request
from bot.domain.reported import MOST, Refused
from tests.adapters.signals.keeping import keep

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALWAYS = NOON - timedelta(days=30), NOON + timedelta(days=30)


def ago(minutes: float, endpoint: str = "GET /a") -> Request:
    return Request(NOON - timedelta(minutes=minutes), endpoint, 12.5, failed=False, commit="abc")


async def add(
    engine: AsyncEngine, requests: list[Request], batch: str = "", repository: str = "team/shop"
) -> Taken | Refused:
    return await keep(engine, requests, batch, now=NOON, repository=repository)


async def times(engine: AsyncEngine, repository: str = "team/shop") -> list[datetime]:
    return [one.at for one in await StoredRequests(engine, repository).requests(*ALWAYS)]


async def test_each_repository_has_its_own(engine: AsyncEngine) -> None:
    await add(engine, [ago(1)])
    await add(engine, [ago(2), ago(3)], "", "team/other")
    assert await times(engine) == [ago(1).at]
    assert len(await times(engine, "team/other")) == 2


async def test_one_bad_request_keeps_all_out(engine: AsyncEngine) -> None:
    found = await add(engine, [ago(1), ago(2, "GET /\0")], "b")
    assert isinstance(found, Refused)
    assert found.number == 1
    assert await times(engine) == []
    assert await add(engine, [ago(1)], "b") == Kept(1)


async def test_a_batch_that_comes_again_counts_once(engine: AsyncEngine) -> None:
    assert await add(engine, [ago(1), ago(2)], "b") == Kept(2)
    assert await add(engine, [ago(1), ago(2)], "b") == Kept(2)
    assert len(await times(engine)) == 2


async def test_the_same_requests_without_an_id_count_again(engine: AsyncEngine) -> None:
    await add(engine, [ago(1)])
    await add(engine, [ago(1)])
    assert len(await times(engine)) == 2


async def test_an_id_is_not_good_for_other_requests(engine: AsyncEngine) -> None:
    await add(engine, [ago(1)], "b")
    for other in (ago(2), ago(1, "GET /b"), replace(ago(1), failed=True)):
        assert await add(engine, [other], "b") == OtherBatch()
    assert await times(engine) == [ago(1).at]


async def test_an_id_belongs_to_its_repository(engine: AsyncEngine) -> None:
    await add(engine, [ago(1)], "b")
    for _ in range(2):
        assert await add(engine, [ago(2)], "b", "team/other") == Kept(1)
    assert await times(engine, "team/other") == [ago(2).at]


async def test_the_same_batch_at_once_from_many_sides_counts_once(database_url: str) -> None:
    engines = [make_engine(database_url) for _ in range(4)]
    found = await asyncio.gather(*(add(one, [ago(1), ago(2)], "b") for one in engines))
    assert found == [Kept(2)] * 4
    assert len(await times(engines[0])) == 2
    for one in engines:
        await one.dispose()


async def test_the_largest_batch_is_kept(engine: AsyncEngine) -> None:
    batch = [ago(n / 1000) for n in range(MOST)]
    assert await add(engine, batch, "large") == Kept(MOST)
    assert await times(engine) == sorted(one.at for one in batch)


async def test_of_more_than_can_be_read_the_newest_are(engine: AsyncEngine) -> None:
    await add(engine, [ago(n) for n in range(5)])
    few = StoredRequests(engine, "team/shop", most=2)
    assert list(await few.requests(*ALWAYS)) == [ago(1), ago(0)]


async def test_the_old_is_removed_and_nothing_else(engine: AsyncEngine) -> None:
    await add(engine, [ago(0), ago(1)], "b")
    await add(engine, [ago(1.5), ago(2)])
    await add(engine, [ago(3)], "", "team/other")
    assert await forget_requests(engine, ago(1).at) == 2
    assert await times(engine) == [ago(1).at, ago(0).at]
    assert await times(engine, "team/other") == []
    # The batch was received at noon, and is known still.
    assert await add(engine, [ago(0)], "b") == OtherBatch()
    await forget_requests(engine, NOON + timedelta(minutes=1))
    assert await add(engine, [ago(0)], "b") == Kept(1)


async def test_much_that_is_old_is_removed_in_parts(engine: AsyncEngine) -> None:
    block = {"repository": "team/shop", "first_at": NOON, "last_at": NOON, "count": 1, "body": b""}
    async with engine.begin() as connection:
        await connection.execute(insert(table_of(RequestBlockRow)), [block] * 2_500)
    assert await forget_requests(engine, NOON) == 0
    assert await forget_requests(engine, NOON + timedelta(seconds=1)) == 2_500
    assert await times(engine) == []
