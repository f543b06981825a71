"""What users prefer, from their ratings."""

from typing import Any

from bot.domain.events import Feedback, FeedbackType, LearningEvent
from bot.domain.preferences import Prediction, next_activity, rank_models
from bot.learning.wiring import ports_for
from bot.ports import Ports


class PreferenceTracker:
    """Keeps ratings and answers what a user prefers."""

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
        """Keep one rating and what it changed; raises ValueError for an unknown rating."""
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
        async with self._ports.stores() as store:
            before = rank_models(await store.feedback(user_id, task_type), self._rate)
            await store.add_feedback(rating)
            after = rank_models(await store.feedback(user_id, task_type), self._rate)
            old = {found.model: found.average for found in before}
            new = {found.model: found.average for found in after}
            moved = abs(new[model_used] - old.get(model_used, 0.5))
            await store.record(
                LearningEvent("preference_update", user_id, rating.at, old, new, moved)
            )
            await store.commit()
        return rating

    async def get_preferred_model(self, *, user_id: str, task_type: str) -> str | None:
        """The model with the best posterior for this user and task, or None without ratings."""
        async with self._ports.stores() as store:
            ranked = rank_models(await store.feedback(user_id, task_type), self._rate)
        return ranked[0].model if ranked else None

    async def get_preferred_settings(self, *, user_id: str) -> dict[str, Any]:
        """The preferred model by task and the mean length of well-rated answers."""
        async with self._ports.stores() as store:
            ratings = await store.feedback(user_id)
        tasks = sorted({rating.task_type for rating in ratings})
        liked = [
            rating.response_length
            for rating in ratings
            if rating.response_length is not None
            and rating.feedback_type
            in (FeedbackType.THUMBS_UP, FeedbackType.RATING_4, FeedbackType.RATING_5)
        ]
        return {
            "models": {
                task: rank_models((r for r in ratings if r.task_type == task), self._rate)[0].model
                for task in tasks
            },
            "response_length": round(sum(liked) / len(liked)) if liked else None,
        }

    async def predict_next_activity(self, *, user_id: str) -> Prediction | None:
        """The user's next likely task at this time of day, or None without history."""
        async with self._ports.stores() as store:
            return next_activity(await store.feedback(user_id), self._ports.clock.now())
