"""Adds one rating or outcome to the sums, once, and remembers what it changed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.activity import Activity, part_of_day
from bot.domain.events import REWARD, Feedback, LearningEvent, about_repository
from bot.domain.preferences import (
    PER_DAY,
    Learner,
    Sums,
    contribution,
    learned,
    likings,
    one_more,
)
from bot.domain.signals import WORTH, Signal, Worth
from bot.ports import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """It was counted; `moved` is how far the moving average went, 0 to 1."""

    moved: float


@dataclass(frozen=True, slots=True)
class Known:
    """The same was counted before; nothing changed."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """The user has given `limit` on this day; nothing was kept."""

    limit: int = PER_DAY


Keeping = Kept | Known | TooMany


async def keep_feedback(store: Store, feedback: Feedback, learning_rate: float) -> Keeping:
    """Count one rating in the store's transaction; commit before another user's is counted.

    The same user's same rating of the same message, model and task is counted once.
    """
    owner = feedback.user_id
    learner = await store.hold_learner(owner, new_alias())
    natural = (feedback.message_id, feedback.task_type, feedback.model_used)
    if not await store.count_once(owner, _digest("feedback", *natural, feedback.feedback_type)):
        return Known()
    counted = one_more(learner, feedback.at.date().isoformat())
    if counted is None:
        return TooMany()
    await store.save_learner(counted)
    await store.add_feedback(feedback)
    for liking in likings(feedback.feedback_type, feedback.response_length, feedback.context):
        await store.add_liking(owner, liking)
    there = feedback.at.astimezone(zone_of(learner))
    seen = Activity(feedback.task_type, there.weekday(), part_of_day(there), 1)
    await store.add_activity(owner, seen)
    worth = Worth(REWARD[feedback.feedback_type], 1.0)
    evidence = _Evidence(learner, feedback.task_type, feedback.model_used, feedback.at, worth)
    return Kept(await _learn(store, evidence, learning_rate))


async def keep_signal(
    store: Store,
    signal: Signal,
    learning_rate: float,
    *,
    repository: str,
    improvement: str,
    task_type: str,
    model: str,
    at: datetime,
) -> Keeping:
    """Count one outcome of an improvement for its repository; each signal once for each."""
    owner = about_repository(repository)
    learner = await store.hold_learner(owner, owner)
    if not await store.count_once(owner, _digest("signal", improvement, signal)):
        return Known()
    evidence = _Evidence(learner, task_type, model, at, WORTH[signal], str(signal))
    return Kept(await _learn(store, evidence, learning_rate))


@dataclass(frozen=True, slots=True)
class _Evidence:
    learner: Learner
    task: str
    model: str
    at: datetime
    worth: Worth
    why: str = "rated"


async def _learn(store: Store, seen: _Evidence, learning_rate: float) -> float:
    """Add it to the owner's sums and its bounded part to everybody's; how far it moved."""
    owner, known = seen.learner.owner, dict.fromkeys([seen.model], Sums(seen.model))
    known |= {one.model: one for _, one in await store.sums(owner, seen.task)}
    before = known[seen.model]
    after = learned(before, seen.worth.reward, learning_rate, seen.worth.weight)
    await store.put_sums(owner, seen.task, after, seen.at)
    await store.add_to_all(seen.task, _difference(before, after), seen.at)
    moved = min(1.0, abs(after.average - before.average))
    old = {model: one.average for model, one in known.items() if one.count}
    event = LearningEvent(
        "preference_update",
        seen.learner.alias,
        seen.at,
        old,
        old | {seen.model: after.average},
        moved,
        f"{seen.why}: {seen.task}",
    )
    await store.record(event)
    return moved


def _difference(before: Sums, after: Sums) -> Sums:
    (old_good, old_bad), (good, bad) = contribution(before), contribution(after)
    more = after.count - before.count
    return Sums(after.model, good=good - old_good, bad=bad - old_bad, count=more)


async def forget(store: Store, owner: str, at: datetime) -> bool:
    """Remove all that is kept of a user, also what they gave to everybody's opinion.

    Events stay, for they can never be removed; the alias in them leads to nobody any more.
    """
    if await store.learner(owner) is None:
        return False
    await store.hold_learner(owner, "")
    for task, sums in await store.sums(owner):
        await store.add_to_all(task, _difference(sums, Sums(sums.model)), at)
    await store.forget(owner)
    return True


def new_alias() -> str:
    """A name that says nothing of whom it stands for."""
    return f"user/{secrets.token_hex(8)}"


def zone_of(learner: Learner | None) -> ZoneInfo:
    """The user's time zone, UTC if none is known."""
    return ZoneInfo(learner.zone if learner is not None and learner.zone else "UTC")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
