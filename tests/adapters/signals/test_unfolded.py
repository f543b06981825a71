"""What was reported is counted once, whoever counts and whatever comes beside it."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.database.models import UnfoldedRow, table_of
from bot.adapters.signals import unfolded
from bot.adapters.signals.intake import Kept, MetricsIntake, Prepared
from bot.adapters.signals.unfolded import Folding, Unfolded, rows_of
from bot.domain.cardinality import OTHERS
from bot.domain.code_attributes import Code
from bot.domain.counters import NANO, Reading, Tally
from bot.domain.metrics import MetricType, Request, Values, Window, window_of
from bot.domain.reported import DURATION, Batch, requests_of
from bot.ports import UserError
from tests.adapters.signals.keeping import let_in

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROWS = table_of(UnfoldedRow)
CODE: Mapping[str, Code] = {"GET /a": {"code.function.name": "shop.a"}}


def window(endpoint: str, *values: float) -> Window:
    key = (NOON, DURATION, MetricType.RESPONSE_TIME, endpoint, "ms")
    return window_of(key, sorted(values))


def prepared(one: Unfolded, repository: str = "team/shop") -> Prepared:
    return Prepared(repository, "", 1, rows_of(repository, one))


def folding(engine: AsyncEngine, most_series: int = 5_000) -> Folding:
    return Folding(engine, now=lambda: NOON, most_series=most_series)


async def counted(engine: AsyncEngine, since: datetime = NOON) -> dict[str, int]:
    async with store_factory(engine)() as store:
        found = await store.windows("team/shop", since, since + timedelta(minutes=5))
    return {one.endpoint: one.count for one in found if one.metric_name == DURATION}


async def waiting(engine: AsyncEngine) -> list[int]:
    async with engine.connect() as connection:
        return sorted(await connection.scalars(select(ROWS.c.shard)))


@pytest.fixture
async def intake(engine: AsyncEngine) -> MetricsIntake:
    for name in ("team/shop", "team/zoo"):
        await let_in(engine, name, NOON)
    return MetricsIntake(engine, now=lambda: NOON)


@given(st.lists(st.lists(st.floats(-1e18, 1e18), min_size=1, max_size=5), max_size=4))
def test_what_is_written_is_read_again(groups: list[list[float]]) -> None:
    one = Unfolded([window(f"/{n}", *group) for n, group in enumerate(groups)], code=CODE)
    (row,) = rows_of("team/shop", one)
    (read,) = unfolded.read([row["body"]])
    assert (list(read.windows), read.code) == (list(one.windows), one.code)


def test_many_series_are_split_alike_each_time() -> None:
    many = [window(f"/{n}", 1.0) for n in range(2_000)]
    rows = rows_of("team/shop", Unfolded(many, code=CODE))
    assert len(rows) == 17
    assert [one["shard"] for one in rows] == [
        one["shard"] for one in rows_of("team/shop", Unfolded(many[::-1], code=CODE))
    ]
    read = unfolded.read(row["body"] for row in rows)
    assert sorted(w.endpoint for one in read for w in one.windows) == sorted(
        one.endpoint for one in many
    )
    assert max(len(one.windows) for one in read) < 256


async def test_however_many_count_at_once_each_report_counts_once(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    many = [window(f"/{n}", 1.0, 2.0) for n in range(300)]
    for _ in range(5):
        assert await intake.keep(prepared(Unfolded(many))) == Kept(1)
        assert await intake.keep(prepared(Unfolded(many[:3]))) == Kept(1)
    await asyncio.gather(*(folding(engine).fold() for _ in range(4)))
    found = await counted(engine)
    assert found == {f"/{n}": 20 if n < 3 else 10 for n in range(300)}
    assert await waiting(engine) == []


async def test_one_that_cannot_be_counted_is_put_aside(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    good = Unfolded([window("/a", 1.0)], code=CODE)
    bad = Unfolded([replace(window("/b", 1.0), total=float("inf"))])
    for one in (good, bad, good):
        await intake.keep(prepared(one))
    async with engine.begin() as connection:
        await connection.execute(insert(ROWS), [{**rows_of("team/zoo", good)[0], "body": b"no"}])
    await folding(engine).fold()
    assert await counted(engine) == {"/a": 2}
    assert await waiting(engine) == [-1, -1]
    async with store_factory(engine)() as store:
        assert await store.endpoint_code("team/shop") == CODE


async def test_a_counter_shown_several_times_before_it_is_counted_counts_what_was_between(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    series = (DURATION, MetricType.RESPONSE_TIME, "/a", "ms")
    start = int(NOON.timestamp()) * NANO

    def shown(seconds: int, count: int) -> Unfolded:
        at = start + seconds * NANO
        return Unfolded(
            readings=[Reading("shop/1", Tally(series, 1, at, {5.0: count}, 5.0 * count))]
        )

    for seconds, count in ((10, 3), (30, 9), (20, 5)):
        await intake.keep(prepared(shown(seconds, count)))
    await folding(engine).fold()
    assert await counted(engine) == {"/a": 6}


async def test_too_much_that_waits_takes_no_more_in(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    for _ in range(2):
        await intake.keep(prepared(Unfolded([window("/a", 1.0)])))
    async with engine.begin() as connection:
        last = (await connection.scalars(select(ROWS.c.id).order_by(ROWS.c.id.desc()))).first()
        moved = update(ROWS).where(ROWS.c.id == last)
        await connection.execute(moved.values(id=unfolded.MOST_WAITING + 10))
    with pytest.raises(UserError, match="faster than they can be counted"):
        await intake.keep(prepared(Unfolded([window("/a", 1.0)])))
    await folding(engine).fold()
    await intake.keep(prepared(Unfolded([window("/a", 1.0)])))
    await folding(engine).fold()
    assert await counted(engine) == {"/a": 3}


async def test_it_is_counted_soon_by_itself_and_after_a_failure(
    intake: MetricsIntake, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    fails = [OSError("the disk is away")]

    def now() -> datetime:
        if fails:
            raise fails.pop()
        return NOON

    made = Folding(engine, now=now)
    made.start()
    try:
        await intake.keep(prepared(Unfolded([window("/a", 1.0)])))
        made.wake()
        async with asyncio.timeout(60):
            while await waiting(engine):
                await asyncio.sleep(0.01)
                made.wake()
    finally:
        await made.stop()
    assert "the disk is away" in caplog.text
    assert await counted(engine) == {"/a": 1}


async def test_all_of_a_group_is_kept_or_none(intake: MetricsIntake, engine: AsyncEngine) -> None:
    good = prepared(Unfolded([window("/a", 1.0)]))
    bad = Prepared("team/zoo", "", 1, [{"repository": "team/zoo", "shard": 0, "body": None}])
    together, alone = await asyncio.gather(
        intake.keep_all([good, bad]), intake.keep_all([good]), return_exceptions=True
    )
    assert isinstance(together, Exception)
    assert alone == [Kept(1)]
    await folding(engine).fold()
    assert await counted(engine) == {"/a": 1}


@pytest.mark.parametrize(("many", "turns"), [(10, 1), (40_000, 3)])
async def test_what_is_large_is_counted_a_little_at_a_time(
    intake: MetricsIntake, engine: AsyncEngine, many: int, turns: int
) -> None:
    chance, series = random.Random(1), window("/a", 1.0).series
    for _ in range(3):
        values = [chance.uniform(1.0, 2.0) for _ in range(many)]
        number = int(NOON.timestamp()) // 300
        await intake.keep(prepared(Unfolded(values=[Values(series, number, values)])))
    taken: list[str] = []

    def note(*given: Any) -> None:
        taken.extend(statement for statement in given[2:3] if statement.startswith("DELETE"))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await folding(engine).fold()
    assert len(taken) == turns
    assert await counted(engine) == {"/a": 3 * many}


async def test_series_beyond_the_limit_of_a_day_are_counted_together(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    noon = [NOON]

    def limited() -> Folding:
        return Folding(engine, now=lambda: noon[0], most_series=4)

    async def report(by: Folding, *endpoints: str) -> None:
        rows = [Request(noon[0], endpoint, 5.0, failed=False) for endpoint in endpoints]
        intake = MetricsIntake(engine, now=lambda: noon[0])
        assert await intake.add(Batch("team/shop", requests_of(rows))) == Kept(len(rows))
        await by.fold()

    first = limited()
    await report(first, "/1", "/2", "/3", "/4")
    assert await counted(engine) == {"/1": 1, "/2": 1, OTHERS: 2}
    # Another process knows it from the records.
    await report(limited(), "/2", "/5")
    assert await counted(engine) == {"/1": 1, "/2": 2, OTHERS: 3}
    noon[0] += timedelta(days=1)
    await report(first, "/6")
    assert await counted(engine, noon[0]) == {"/6": 1}
