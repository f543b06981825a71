"""Requests in the database: kept whole, counted once, and removed when they are old."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine
from bot.adapters.signals.stored import Kept, OtherBatch, StoredRequests, forget_requests
from bot.domain.metrics import Request
from bot.domain.reported import MOST_REQUESTS, Refused

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALWAYS = NOON - timedelta(days=30), NOON + timedelta(days=30)


def ago(minutes: float, endpoint: str = "GET /a") -> Request:
    return Request(NOON - timedelta(minutes=minutes), endpoint, 12.5, failed=False, commit="abc")


def stored(engine: AsyncEngine, repository: str = "team/shop") -> StoredRequests:
    return StoredRequests(engine, repository, now=lambda: NOON)


async def times(engine: AsyncEngine, repository: str = "team/shop") -> list[datetime]:
    return [one.at for one in await stored(engine, repository).requests(*ALWAYS)]


async def test_each_repository_has_its_own(engine: AsyncEngine) -> None:
    await stored(engine).add([ago(1)])
    await stored(engine, "team/other").add([ago(2), ago(3)])
    assert await times(engine) == [ago(1).at]
    assert len(await times(engine, "team/other")) == 2


async def test_one_bad_request_keeps_all_out(engine: AsyncEngine) -> None:
    found = await stored(engine).add([ago(1), ago(2, "GET /\0")], "b")
    assert isinstance(found, Refused)
    assert found.number == 1
    assert await times(engine) == []
    assert await stored(engine).add([ago(1)], "b") == Kept(1)


async def test_a_batch_that_comes_again_counts_once(engine: AsyncEngine) -> None:
    assert await stored(engine).add([ago(1), ago(2)], "b") == Kept(2)
    assert await stored(engine).add([ago(1), ago(2)], "b") == Kept(2)
    assert len(await times(engine)) == 2


async def test_the_same_requests_without_an_id_count_again(engine: AsyncEngine) -> None:
    await stored(engine).add([ago(1)])
    await stored(engine).add([ago(1)])
    assert len(await times(engine)) == 2


async def test_an_id_is_not_good_for_other_requests(engine: AsyncEngine) -> None:
    await stored(engine).add([ago(1)], "b")
    for other in (ago(2), ago(1, "GET /b"), replace(ago(1), failed=True)):
        assert await stored(engine).add([other], "b") == OtherBatch()
    assert await times(engine) == [ago(1).at]


async def test_an_id_belongs_to_its_repository(engine: AsyncEngine) -> None:
    await stored(engine).add([ago(1)], "b")
    for _ in range(2):
        assert await stored(engine, "team/other").add([ago(2)], "b") == Kept(1)
    assert await times(engine, "team/other") == [ago(2).at]


async def test_the_same_batch_at_once_from_many_sides_counts_once(database_url: str) -> None:
    engines = [make_engine(database_url) for _ in range(4)]
    found = await asyncio.gather(*(stored(one).add([ago(1), ago(2)], "b") for one in engines))
    assert found == [Kept(2)] * 4
    assert len(await times(engines[0])) == 2
    for one in engines:
        await one.dispose()


async def test_the_largest_batch_is_kept(engine: AsyncEngine) -> None:
    batch = [ago(n / 1000) for n in range(MOST_REQUESTS)]
    assert await stored(engine).add(batch, "large") == Kept(MOST_REQUESTS)
    assert await times(engine) == sorted(one.at for one in batch)


async def test_of_more_than_can_be_read_the_newest_are(engine: AsyncEngine) -> None:
    await stored(engine).add([ago(n) for n in range(5)])
    few = StoredRequests(engine, "team/shop", most=2)
    assert list(await few.requests(*ALWAYS)) == [ago(1), ago(0)]


async def test_the_old_is_removed_and_nothing_else(engine: AsyncEngine) -> None:
    await stored(engine).add([ago(0), ago(1), ago(2)], "b")
    await stored(engine, "team/other").add([ago(3)])
    assert await forget_requests(engine, ago(1).at) == 2
    assert await times(engine) == [ago(1).at, ago(0).at]
    assert await times(engine, "team/other") == []
    # The batch was received at noon, and is known still.
    assert await stored(engine).add([ago(0)], "b") == OtherBatch()
    await forget_requests(engine, NOON + timedelta(minutes=1))
    assert await stored(engine).add([ago(0)], "b") == Kept(1)


async def test_much_that_is_old_is_removed_in_parts(engine: AsyncEngine) -> None:
    for _ in range(3):
        await stored(engine).add([ago(n / 1000) for n in range(7_000)])
    assert await forget_requests(engine, NOON) == 3 * 6_999
    assert await times(engine) == [NOON] * 3
