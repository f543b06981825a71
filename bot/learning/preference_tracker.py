"""What users prefer, from their ratings and from what became of the work."""

from dataclasses import asdict, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.activity import Prediction, next_activity
from bot.domain.events import Feedback, FeedbackType, about_repository
from bot.domain.preferences import EVERYBODY, PER_DAY, Preference, preferred_settings, rank
from bot.domain.signals import Signal
from bot.learning.keeping import (
    Kept,
    TooMany,
    forget,
    keep_feedback,
    keep_signal,
    new_alias,
    zone_of,
)
from bot.learning.wiring import ports_for
from bot.ports import Ports, Store, TooManyError

_NAMES = ("user_id", "message_id", "model_used", "task_type")
_LONGEST_NAME = 400


class PreferenceTracker:
    """Keeps ratings and answers what a user prefers, without reading their history."""

    def __init__(
        self, db_session: Any, learning_rate: float = 0.1, *, ports: Ports | None = None
    ) -> None:
        if not 0 < learning_rate <= 1:
            message = f"learning_rate is {learning_rate}; it must be above 0 and at most 1"
            raise ValueError(message)
        self._ports = ports_for(db_session, ports)
        self._rate = learning_rate

    async def track_feedback(
        self,
        *,
        user_id: str,
        message_id: str,
        feedback_type: FeedbackType | str,
        model_used: str,
        task_type: str,
        response_length: int | None = None,
        context: dict[str, Any] | None = None,
    ) -> Feedback:
        """Keep one rating and what it changed; the same one again changes nothing.

        `response_length` is in characters; `context` may hold `tone`, `style`, `search_depth`.
        Raises ValueError for what is no rating and TooManyError beyond a day's limit.
        """
        rating = Feedback(
            user_id=user_id,
            message_id=message_id,
            feedback_type=FeedbackType(feedback_type),
            model_used=model_used,
            task_type=task_type,
            at=self._ports.clock.now(),
            response_length=response_length,
            context=context or {},
        )
        for name in _NAMES:
            _check(name, getattr(rating, name))
        async with self._ports.stores() as store:
            found = await keep_feedback(store, rating, self._rate)
            if isinstance(found, TooMany):
                problem = f"this user has given {PER_DAY} ratings today"
                raise TooManyError(problem, "Wait until tomorrow (UTC).")
            await store.commit()
        return rating

    async def track_outcome(
        self, *, repository: str, improvement_id: str, signal: Signal | str, model: str, task: str
    ) -> bool:
        """Count what became of one improvement for its repository; whether it was new."""
        async with self._ports.stores() as store:
            found = await keep_signal(
                store,
                Signal(signal),
                self._rate,
                repository=repository,
                improvement=improvement_id,
                task_type=task,
                model=model,
                at=self._ports.clock.now(),
            )
            await store.commit()
        return isinstance(found, Kept)

    async def get_preferred_model(self, *, user_id: str, task_type: str) -> str | None:
        """The model with the best posterior for this user and task.

        For a user without ratings of the task it is everybody's; None if nobody has any.
        """
        ranked = await self.get_model_preferences(user_id=user_id, task_type=task_type)
        return ranked[0].model if ranked else None

    async def get_model_preferences(self, *, user_id: str, task_type: str) -> list[Preference]:
        """Every model known at a task, best first, each with its sample size."""
        async with self._ports.stores() as store:
            return await _ranked(store, user_id, task_type)

    async def get_repository_preferences(
        self, *, repository: str, task_type: str
    ) -> list[Preference]:
        """The same from what became of a repository's improvements."""
        owner = about_repository(repository)
        async with self._ports.stores() as store:
            return await _ranked(store, owner, task_type)

    async def get_preferred_settings(self, *, user_id: str) -> dict[str, Any]:
        """The preferred model by task, the mean length of well-rated answers, and how they are.

        `response_length` (characters), `tone`, `style` and `search_depth` are None while unknown.
        """
        async with self._ports.stores() as store:
            tasks = sorted({task for task, _ in await store.sums(user_id)}) if user_id else []
            models = {task: (await _ranked(store, user_id, task))[0].model for task in tasks}
            return {"models": models, **preferred_settings(await store.likings(user_id))}

    async def set_time_zone(self, *, user_id: str, time_zone: str) -> None:
        """Say where a user is (an IANA name such as `Europe/Vienna`), for what comes from now on.

        Raises ValueError for a zone that is not known.
        """
        _check("user_id", user_id)
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"there is no time zone {time_zone[:100]!r}"
            raise ValueError(message) from None
        async with self._ports.stores() as store:
            learner = await store.hold_learner(user_id, new_alias())
            await store.save_learner(replace(learner, zone=time_zone))
            await store.commit()

    async def predict_next_activity(self, *, user_id: str) -> Prediction | None:
        """The user's next likely task at this time of their day and week, or None."""
        async with self._ports.stores() as store:
            zone = zone_of(await store.learner(user_id))
            return next_activity(
                await store.activity(user_id), self._ports.clock.now().astimezone(zone)
            )

    async def usage_patterns(self, *, user_id: str) -> dict[str, dict[str, int]]:
        """How often the user does each task at each part of the day."""
        async with self._ports.stores() as store:
            found: dict[str, dict[str, int]] = {}
            for one in await store.activity(user_id):
                parts = found.setdefault(one.task_type, {})
                parts[one.part] = parts.get(one.part, 0) + one.count
        return found

    async def export_user(self, *, user_id: str) -> dict[str, Any]:
        """All that is kept of a user, as plain JSON."""
        _check("user_id", user_id)
        async with self._ports.stores() as store:
            learner = await store.learner(user_id)
            ratings = await store.feedback(user_id)
            events = await store.events(learner.alias) if learner else ()
            return {
                "user_id": user_id,
                "learner": asdict(learner) if learner else None,
                "ratings": [asdict(one) | {"at": one.at.isoformat()} for one in ratings],
                "preferences": [{"task": t} | asdict(s) for t, s in await store.sums(user_id)],
                "activity": [asdict(one) for one in await store.activity(user_id)],
                "settings": [asdict(one) for one in await store.likings(user_id)],
                "events": [asdict(one) | {"at": one.at.isoformat()} for one in events],
            }

    async def forget_user(self, *, user_id: str) -> bool:
        """Remove all that is kept of a user; whether anything was. Events keep an alias alone."""
        _check("user_id", user_id)
        async with self._ports.stores() as store:
            found = await forget(store, user_id, self._ports.clock.now())
            await store.commit()
        return found


async def _ranked(store: Store, owner: str, task_type: str) -> list[Preference]:
    # No owner would be everybody, and no task all tasks.
    if not owner or not task_type:
        return []
    own, others = await store.sums(owner, task_type), await store.sums(EVERYBODY, task_type)
    return rank([one for _, one in own], [one for _, one in others])


def _check(name: str, value: str) -> None:
    """A name is some text; the empty one and repositories' names are nobody's."""
    if not 0 < len(value) <= _LONGEST_NAME:
        message = f"{name} must be a text of 1 to {_LONGEST_NAME} characters"
        raise ValueError(message)
    if name == "user_id" and value.startswith(about_repository("")):
        message = "user_id names a repository"
        raise ValueError(message)
