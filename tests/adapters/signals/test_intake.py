"""Batches that come at once share a commit, and none keeps another out."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.signals import blocks
from bot.adapters.signals.intake import Kept, MetricsIntake, Prepared, UnknownRepository, prepare
from bot.domain.cardinality import OTHERS
from bot.domain.metrics import MetricType, Request, Sample, Window, windows
from bot.domain.reported import DURATION, ERRORS, Batch, Refused, requests_of
from tests.adapters.signals.keeping import let_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.code_attributes import Code

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REQUESTS = [Request(NOON, "GET /a", float(n), failed=n % 4 == 0) for n in range(20)]
MEMORY = [Sample("rss", MetricType.MEMORY_USAGE, 100.0 + n, NOON, "MB") for n in range(3)]
MOMENTS = st.integers(0, 4 * 10**15).map(
    lambda number: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=number)
)
BATCH = Batch("team/shop", requests_of(REQUESTS), MEMORY)


@pytest.fixture
async def intake(engine: AsyncEngine) -> MetricsIntake:
    await let_in(engine, "team/shop", NOON)
    return MetricsIntake(engine, now=lambda: NOON)


async def test_requests_and_samples_become_windows(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    for _ in range(2):
        assert await intake.add(BATCH) == Kept(23)
    async with store_factory(engine)() as store:
        found = await store.windows("team/shop", NOON, NOON + timedelta(minutes=5))
    counts = {(one.metric_name, one.endpoint): (one.count, one.total) for one in found}
    assert counts == {
        (DURATION, "GET /a"): (40, 2.0 * sum(range(20))),
        (ERRORS, "GET /a"): (40, 10.0),
        ("rss", ""): (6, 606.0),
    }


async def test_an_error_window_is_one_of_zeros_and_ones() -> None:
    prepared = prepare(BATCH, NOON)
    assert not isinstance(prepared, Refused)
    (found,) = [one for one in prepared.windows if one.metric_name == ERRORS]
    values = [
        Sample(ERRORS, MetricType.ERROR_RATE, float(one.failed), NOON, "1", "GET /a")
        for one in REQUESTS
    ]
    assert [found] == windows(values)


async def test_what_comes_at_once_shares_a_commit(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    commits: list[object] = []
    event.listen(engine.sync_engine, "commit", commits.append)
    assert await asyncio.gather(*(intake.add(BATCH) for _ in range(40))) == [Kept(23)] * 40
    assert len(commits) <= 2


async def test_a_batch_that_cannot_be_written_keeps_no_other_out(intake: MetricsIntake) -> None:
    bad = prepare(BATCH, NOON)
    assert not isinstance(bad, Refused)
    bad = replace(bad, windows=[replace(bad.windows[0], total=float("inf"))])
    found = await asyncio.gather(
        intake.add(BATCH), intake.keep(bad), intake.add(BATCH), return_exceptions=True
    )
    assert found[0] == found[2] == Kept(23)
    assert isinstance(found[1], ValueError)
    assert await intake.add(BATCH) == Kept(23)


async def test_a_strange_repository_keeps_no_other_out(intake: MetricsIntake) -> None:
    strange = replace(BATCH, repository="team/strange")
    found = await asyncio.gather(intake.add(strange), intake.add(BATCH))
    assert list(found) == [UnknownRepository(), Kept(23)]


@given(
    st.lists(
        st.builds(
            Request,
            MOMENTS,
            st.text(),
            st.floats(0, 1e9),
            st.booleans(),
            st.text(),
        )
    )
)
def test_a_block_gives_back_what_it_was_made_of(requests: list[Request]) -> None:
    assert blocks.load(blocks.dump(blocks.columns(requests_of(requests)))) == requests


async def test_series_beyond_the_limit_of_a_day_are_counted_together(engine: AsyncEngine) -> None:
    await let_in(engine, "team/shop", NOON)
    noon = [NOON]
    intake = MetricsIntake(engine, now=lambda: noon[0], most_series=4)

    async def report(*endpoints: str) -> None:
        rows = [Request(noon[0], endpoint, 5.0, failed=False) for endpoint in endpoints]
        assert await intake.add(Batch("team/shop", requests_of(rows))) == Kept(len(rows))

    async def seen(since: datetime) -> dict[str, int]:
        async with store_factory(engine)() as store:
            found = await store.windows("team/shop", since, since + timedelta(minutes=5))
        return {one.endpoint: one.count for one in found if one.metric_name == DURATION}

    await report("/1", "/2", "/3", "/4")
    assert await seen(NOON) == {"/1": 1, "/2": 1, OTHERS: 2}
    # Another process knows it from the records.
    intake = MetricsIntake(engine, now=lambda: noon[0], most_series=4)
    await report("/2", "/5")
    assert await seen(NOON) == {"/1": 1, "/2": 2, OTHERS: 3}
    noon[0] += timedelta(days=1)
    await report("/6")
    assert await seen(noon[0]) == {"/6": 1}


async def test_what_others_failure_takes_back_is_written_all_the_same(engine: AsyncEngine) -> None:
    for name in ("team/shop", "team/zoo"):
        await let_in(engine, name, NOON)
    intake = MetricsIntake(engine, now=lambda: NOON)
    code: Mapping[str, Code] = {"GET /a": {"code.function.name": "shop.a"}}
    good = Prepared("team/shop", "", 1, (), code=code)
    bad = Prepared("team/zoo", "", 1, [cast("Window", "no window")])
    kept = await asyncio.gather(intake.keep(good), intake.keep(bad), return_exceptions=True)
    assert kept[0] == Kept(1)
    assert isinstance(kept[1], AttributeError)
    async with store_factory(engine)() as store:
        assert await store.endpoint_code("team/shop") == code
