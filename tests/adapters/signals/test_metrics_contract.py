"""What every MetricsSource keeps to: the access log, the database and the fake alike."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.adapters.database import make_engine
from bot.adapters.signals.access_log import AccessLog
from bot.adapters.signals.intake import Kept
from bot.adapters.signals.stored import StoredRequests
from bot.domain.metrics import Request
from bot.ports import MetricsSource
from tests.adapters.signals.keeping import keep
from tests.fakes.metrics import FakeMetricsSource

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Answer = Callable[[Sequence[Request]], Awaitable[MetricsSource]]


def after(seconds: float, endpoint: str = "GET /a", *, failed: bool = False) -> Request:
    return Request(NOON + timedelta(seconds=seconds), endpoint, 12.5, failed, "abc123")


def logged(path: Path, requests: Sequence[Request]) -> MetricsSource:
    lines = [
        {
            "at": one.at.isoformat(),
            "endpoint": one.endpoint,
            "ms": one.milliseconds,
            "status": 503 if one.failed else 200,
            "commit": one.commit,
        }
        for one in requests
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return AccessLog(path)


@pytest.fixture(params=["access log", "fake", "sqlite", "postgresql"])
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Answer]:
    """A source that has answered these requests, in this order."""
    engine = None
    if request.param in ("sqlite", "postgresql"):
        engine = make_engine(request.getfixturevalue(f"{request.param}_url"))

    async def answered(requests: Sequence[Request]) -> MetricsSource:
        if engine is not None:
            assert await keep(engine, requests, now=NOON) == Kept(len(requests))
            return StoredRequests(engine, "team/shop")
        if request.param == "fake":
            return FakeMetricsSource(requests)
        return logged(tmp_path / "access.jsonl", requests)

    yield answered
    if engine is not None:
        await engine.dispose()


async def test_requests_come_as_they_were(source: Answer) -> None:
    requests = [after(1), after(2, "POST /orders", failed=True)]
    assert (
        list(await (await source(requests)).requests(NOON, NOON + timedelta(minutes=1))) == requests
    )


async def test_the_span_holds_its_start_and_not_its_end(source: Answer) -> None:
    requests = [after(n) for n in range(10)]
    span = NOON + timedelta(seconds=3), NOON + timedelta(seconds=6)
    assert list(await (await source(requests)).requests(*span)) == requests[3:6]


async def test_the_oldest_comes_first_and_equal_times_keep_their_order(source: Answer) -> None:
    requests = [after(5, "/e"), after(1, "/b"), after(3, "/c"), after(1, "/a"), after(3, "/d")]
    found = await (await source(requests)).requests(NOON, NOON + timedelta(minutes=1))
    assert [one.endpoint for one in found] == ["/b", "/a", "/c", "/d", "/e"]


async def test_a_span_may_be_told_in_another_time_zone(source: Answer) -> None:
    there = timezone(timedelta(hours=-7))
    span = NOON.astimezone(there), (NOON + timedelta(seconds=2)).astimezone(there)
    assert list(await (await source([after(1), after(2)])).requests(*span)) == [after(1)]


@pytest.mark.parametrize("minutes", [-10, 10, 0])
async def test_a_span_without_requests_is_empty(source: Answer, minutes: int) -> None:
    begin = NOON + timedelta(minutes=minutes)
    end = begin + timedelta(minutes=abs(minutes) / 2)
    assert list(await (await source([after(1), after(2)])).requests(begin, end)) == []


async def test_no_request_at_all(source: Answer) -> None:
    assert list(await (await source([])).requests(NOON, NOON + timedelta(minutes=1))) == []
