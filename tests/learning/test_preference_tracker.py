"""The published calls of PreferenceTracker as a user writes them, on SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.domain.preferences import PER_DAY
from bot.learning import FeedbackType, PreferenceTracker
from bot.ports import TooManyError
from tests.workflows.world import World


@pytest.fixture
async def db_session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine) as session:
        yield session


async def rate(
    tracker: PreferenceTracker, model: str, *stars: int, task: str = "chat", **changes: Any
) -> None:
    for number, each in enumerate(stars):
        known: dict[str, Any] = {
            "user_id": "ann",
            "message_id": f"{task}-{model}-{number}",
            "feedback_type": f"rating_{each}",
            "model_used": model,
            "task_type": task,
            "response_length": 100 * each,
        }
        await tracker.track_feedback(**known | changes)


async def test_track_feedback(db_session: AsyncSession) -> None:
    tracker = PreferenceTracker(db_session, learning_rate=0.5)
    for _ in range(2):
        await tracker.track_feedback(
            user_id="ann",
            message_id="m1",
            feedback_type=FeedbackType.THUMBS_UP,
            model_used="large",
            task_type="conversation",
            response_length=120,
        )
    (found,) = await tracker.get_model_preferences(user_id="ann", task_type="conversation")
    assert (found.model, found.average, found.count) == ("large", 0.75, 1)


async def test_get_preferred_model(db_session: AsyncSession) -> None:
    tracker = PreferenceTracker(db_session)
    assert await tracker.get_preferred_model(user_id="ann", task_type="chat") is None
    await rate(tracker, "small", 2, 2)
    await rate(tracker, "large", 5, 4)
    await rate(tracker, "small", 5, task="code")
    assert await tracker.get_preferred_model(user_id="ann", task_type="chat") == "large"
    assert await tracker.get_preferred_model(user_id="ann", task_type="code") == "small"
    # Nothing is known of Bob, so he gets what others like.
    assert await tracker.get_preferred_model(user_id="bob", task_type="chat") == "large"
    assert await tracker.get_preferred_model(user_id="bob", task_type="art") is None


async def test_get_preferred_settings(db_session: AsyncSession) -> None:
    tracker = PreferenceTracker(db_session)
    await rate(tracker, "small", 2, 5, context={"tone": "dry", "search_depth": "deep"})
    await rate(tracker, "large", 4, 5, context={"tone": "warm"})
    found = await tracker.get_preferred_settings(user_id="ann")
    assert found == {
        "models": {"chat": "large"},
        "response_length": 467,
        "tone": "warm",
        "style": None,
        "search_depth": "deep",
    }
    nobody = await tracker.get_preferred_settings(user_id="bob")
    assert nobody["models"] == {}


async def test_predict_next_activity(db_session: AsyncSession) -> None:
    world = World()
    real = PreferenceTracker(db_session)
    assert await real.predict_next_activity(user_id="ann") is None
    await rate(real, "m", 3, 3, task="code")
    found = await real.predict_next_activity(user_id="ann")
    assert found is not None
    assert (found.task_type, found.baseline, found.count) == ("code", "code", 2)
    tracker = PreferenceTracker(None, ports=world.ports)
    # Nine in the morning in London is the evening in Tokyo.
    await tracker.set_time_zone(user_id="ann", time_zone="Asia/Tokyo")
    await rate(tracker, "m", 3, 3, task="code")
    assert await tracker.usage_patterns(user_id="ann") == {"code": {"evening": 2}}
    world.later(12 * 3600)
    await rate(tracker, "m", 3, 3, 3, task="chat")
    morning = await tracker.predict_next_activity(user_id="ann")
    world.later(12 * 3600)
    evening = await tracker.predict_next_activity(user_id="ann")
    assert morning is not None
    assert evening is not None
    assert (morning.task_type, evening.task_type, evening.baseline) == ("chat", "code", "chat")


async def test_what_became_of_the_work_outranks_a_thumb(db_session: AsyncSession) -> None:
    tracker = PreferenceTracker(db_session)
    known = {"repository": "team/shop", "model": "m", "task": "t", "improvement_id": "i1"}
    assert await tracker.track_outcome(signal="merged_unchanged", **known)
    assert await tracker.track_outcome(signal="reverted", **known)
    assert not await tracker.track_outcome(signal="reverted", **known)
    (found,) = await tracker.get_repository_preferences(repository="team/shop", task_type="t")
    assert (found.model, found.count) == ("m", 2)
    assert found.posterior < 0.5


async def test_export_and_forget(db_session: AsyncSession) -> None:
    tracker = PreferenceTracker(db_session)
    await rate(tracker, "m", 5, 1)
    found = await tracker.export_user(user_id="ann")
    sizes = {name: len(part) for name, part in found.items() if isinstance(part, list)}
    assert sizes == {"ratings": 2, "preferences": 1, "activity": 1, "settings": 1, "events": 2}
    assert await tracker.forget_user(user_id="ann")
    assert not await tracker.forget_user(user_id="ann")
    nothing = await tracker.export_user(user_id="ann")
    assert not any(part for name, part in nothing.items() if name != "user_id")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"feedback_type": "rating_6"}, "rating_6"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": "repository/team/shop"}, "names a repository"),
        ({"model_used": "x" * 401}, "model_used"),
    ],
)
async def test_what_is_no_rating_is_refused_and_nothing_is_kept(
    changes: dict[str, Any], words: str
) -> None:
    world = World()
    tracker = PreferenceTracker(None, ports=world.ports)
    with pytest.raises(ValueError, match=words):
        await rate(tracker, "m", 5, **changes)
    assert world.records.feedback == []
    assert world.records.events == []


async def test_too_many_in_a_day_are_refused() -> None:
    world = World()
    tracker = PreferenceTracker(None, ports=world.ports)
    await rate(tracker, "m", *[5] * PER_DAY)
    with pytest.raises(TooManyError, match="today"):
        await rate(tracker, "other", 5)
    world.later(24 * 3600)
    await rate(tracker, "other", 5)


async def test_a_zone_that_is_none_is_refused() -> None:
    tracker = PreferenceTracker(None, ports=World().ports)
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(ValueError, match="time zone"):
            await tracker.set_time_zone(user_id="ann", time_zone=zone)


@pytest.mark.parametrize("rate", [0, -0.1, 1.1, float("nan")])
def test_a_learning_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        PreferenceTracker(None, rate, ports=World().ports)
