"""What is learned, as every Store keeps it: SQLite, PostgreSQL and the fake alike."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.adapters.database import make_engine, store_factory
from bot.domain.activity import Activity
from bot.domain.preferences import EVERYBODY, PER_DAY, USER_CAP, Liking, Sums
from bot.domain.signals import Signal
from bot.learning.keeping import Kept, Known, TooMany, forget, keep_feedback, keep_signal
from bot.ports import StoreFactory
from tests.adapters.database.values import later, rating
from tests.fakes.store import fake_stores

AT = later(0)


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[StoreFactory]:
    if request.param == "fake":
        yield fake_stores()
        return
    engine = make_engine(request.getfixturevalue(f"{request.param}_url"))
    yield store_factory(engine)
    await engine.dispose()


async def test_sums_are_replaced_and_those_of_all_are_added(stores: StoreFactory) -> None:
    async with stores() as store:
        await store.put_sums("u", "chat", Sums("m", 1, 2, 0.25, 3), AT)
        await store.put_sums("u", "chat", Sums("m", 2, 2, 0.75, 4), AT)
        await store.put_sums("u", "code", Sums("k", 1, 0, 0.6, 1), AT)
        for _ in range(2):
            await store.add_to_all("chat", Sums("m", good=1.5, bad=0.5, count=1), AT)
        assert await store.sums("u") == [
            ("chat", Sums("m", 2, 2, 0.75, 4)),
            ("code", Sums("k", 1, 0, 0.6, 1)),
        ]
        assert await store.sums("u", "code") == [("code", Sums("k", 1, 0, 0.6, 1))]
        assert await store.sums(EVERYBODY) == [("chat", Sums("m", 3.0, 1.0, 0.5, 2))]


async def test_activity_and_settings_are_added_up(stores: StoreFactory) -> None:
    async with stores() as store:
        for _ in range(3):
            await store.add_activity("u", Activity("chat", 0, "morning", 2))
            await store.add_liking("u", Liking("tone", "dry", -0.5, 1))
        assert await store.activity("u") == [Activity("chat", 0, "morning", 6)]
        assert await store.likings("u") == [Liking("tone", "dry", -1.5, 3)]
        assert not await store.activity("v")
        assert not await store.likings("v")


async def test_a_learner_keeps_the_alias_and_is_held(stores: StoreFactory) -> None:
    async with stores() as store:
        assert await store.learner("u") is None
        first = await store.hold_learner("u", "user/1")
        assert await store.hold_learner("u", "user/2") == first
        assert await store.learner("u") == first
        assert await store.count_once("u", "k")
        assert not await store.count_once("u", "k")
        assert await store.count_once("v", "k")


async def test_a_rating_counts_once_and_leaves_its_event(stores: StoreFactory) -> None:
    async with stores() as store:
        assert isinstance(await keep_feedback(store, rating(), 0.1), Kept)
        await store.commit()
        assert await keep_feedback(store, rating(minutes=5), 0.1) == Known()
        assert isinstance(await keep_feedback(store, rating(message_id="m2"), 0.1), Kept)
        await store.commit()
        ((_, sums),) = await store.sums("u1")
        assert (sums.count, len(await store.feedback("u1"))) == (2, 2)
        learner = await store.learner("u1")
        assert learner is not None
        events = await store.events(learner.alias)
    assert [one.event_type for one in events] == ["preference_update"] * 2
    assert events[1].before_state == events[0].after_state
    assert all("u1" not in f"{one}" for one in events)


async def test_a_day_has_its_limit(stores: StoreFactory) -> None:
    async with stores() as store:
        for number in range(PER_DAY):
            found = await keep_feedback(store, rating(message_id=f"{number}"), 0.1)
            assert isinstance(found, Kept)
        await store.commit()
        assert await keep_feedback(store, rating(message_id="more"), 0.1) == TooMany()
    async with stores() as store:
        tomorrow = rating(message_id="more", minutes=24 * 60)
        assert isinstance(await keep_feedback(store, tomorrow, 0.1), Kept)
        # However loud, one user is one voice.
        ((_, all_),) = await store.sums(EVERYBODY)
        assert all_.weight <= USER_CAP + 1e-6


async def test_who_is_forgotten_takes_their_opinion_along(stores: StoreFactory) -> None:
    async with stores() as store:
        await keep_feedback(store, rating("u1", context={"tone": "dry"}), 0.1)
        await store.commit()
        before = await store.sums(EVERYBODY)
        await keep_feedback(store, rating("u2", message_id="m9", response_length=5), 0.1)
        await store.commit()
        assert await forget(store, "u2", AT)
        assert not await forget(store, "u2", AT)
        await store.commit()
        assert await store.feedback("u2") == []
        assert not await store.sums("u2")
        assert not await store.activity("u2")
        assert await store.likings("u2") == []
        ((_, now),), ((_, then),) = await store.sums(EVERYBODY), before
        assert now.good == pytest.approx(then.good)
        assert now.bad == pytest.approx(then.bad)
        assert now.count == then.count
        assert len(await store.sums("u1")) == 1


async def test_an_outcome_counts_once_and_outranks_a_thumb(stores: StoreFactory) -> None:
    known = {"repository": "team/shop", "improvement": "i1", "task_type": "t", "model": "rules"}
    async with stores() as store:
        for expected in (Kept, Known):
            found = await keep_signal(store, Signal.REVERTED, 0.1, at=AT, **known)
            assert isinstance(found, expected)
        ((_, sums),) = await store.sums("repository/team/shop")
        assert (round(sums.bad, 6), sums.count) == (6.0, 1)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_workers_at_once_lose_nothing(request: pytest.FixtureRequest, kind: str) -> None:
    engine = make_engine(request.getfixturevalue(f"{kind}_url"))
    stores = store_factory(engine)

    async def work(worker: int) -> None:
        for number in range(8):
            async with stores() as store:
                # Every rating is seen by two workers, and counted by one.
                message = f"{worker // 2}-{number}"
                one = rating(f"u{number % 2}", message_id=message, task_type=f"t{number % 2}")
                await keep_feedback(store, one, 0.1)
                await store.commit()

    await asyncio.gather(*(work(worker) for worker in range(6)))
    async with stores() as store:
        theirs = [*await store.sums("u0"), *await store.sums("u1")]
        assert sum(one.count for _, one in theirs) == 24
        assert sum(one.count for _, one in await store.sums(EVERYBODY)) == 24
        assert len(await store.feedback()) == 24
        assert sum(one.count for one in await store.activity("u0")) == 12
        assert (await store.activity("u0"))[0].weekday == AT.weekday()
    await engine.dispose()
