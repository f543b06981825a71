"""Batches that come at once share a commit, and none keeps another out."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import store_factory
from bot.adapters.signals import blocks
from bot.adapters.signals.intake import Kept, MetricsIntake, UnknownRepository, prepare
from bot.adapters.signals.unfolded import Folding
from bot.domain.counters import tally_windows
from bot.domain.metrics import MetricType, Request, Sample, windows
from bot.domain.reported import (
    DURATION,
    ERRORS,
    Batch,
    Refused,
    batch_values,
    requests_of,
    samples_of,
)
from tests.adapters.signals.keeping import let_in

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REQUESTS = [Request(NOON, "GET /a", float(n), failed=n % 4 == 0) for n in range(20)]
MEMORY = [Sample("rss", MetricType.MEMORY_USAGE, 100.0 + n, NOON, "MB") for n in range(3)]
MOMENTS = st.integers(0, 4 * 10**15).map(
    lambda number: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=number)
)
BATCH = Batch("team/shop", requests_of(REQUESTS), samples_of(MEMORY))


@pytest.fixture
async def intake(engine: AsyncEngine) -> MetricsIntake:
    await let_in(engine, "team/shop", NOON)
    return MetricsIntake(engine, now=lambda: NOON)


async def test_requests_and_samples_become_windows(
    intake: MetricsIntake, engine: AsyncEngine
) -> None:
    for _ in range(2):
        assert await intake.add(BATCH) == Kept(23)
    await Folding(engine, now=lambda: NOON).fold()
    async with store_factory(engine)() as store:
        found = await store.windows("team/shop", NOON, NOON + timedelta(minutes=5))
    counts = {(one.metric_name, one.endpoint): (one.count, one.total) for one in found}
    assert counts == {
        (DURATION, "GET /a"): (40, 2.0 * sum(range(20))),
        (ERRORS, "GET /a"): (40, 10.0),
        ("rss", ""): (6, 606.0),
    }


async def test_an_error_window_is_one_of_zeros_and_ones() -> None:
    _, errors = batch_values(BATCH)
    found = tally_windows(errors)
    values = [
        Sample(ERRORS, MetricType.ERROR_RATE, float(one.failed), NOON, "1", "GET /a")
        for one in REQUESTS
    ]
    assert found == windows(values)


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
    bad = replace(bad, rows=[{"repository": "team/shop", "shard": 0, "body": None}])
    found = await asyncio.gather(
        intake.add(BATCH), intake.keep(bad), intake.add(BATCH), return_exceptions=True
    )
    assert found[0] == found[2] == Kept(23)
    assert isinstance(found[1], DBAPIError)
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
