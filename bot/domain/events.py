"""What happened, as it is remembered: ratings by people and the append-only learning events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class FeedbackType(StrEnum):
    """A thumb or a number of stars."""

    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    RATING_1 = "rating_1"
    RATING_2 = "rating_2"
    RATING_3 = "rating_3"
    RATING_4 = "rating_4"
    RATING_5 = "rating_5"


REWARD: Mapping[FeedbackType, float] = {
    FeedbackType.THUMBS_UP: 1.0,
    FeedbackType.THUMBS_DOWN: 0.0,
    FeedbackType.RATING_1: 0.0,
    FeedbackType.RATING_2: 0.25,
    FeedbackType.RATING_3: 0.5,
    FeedbackType.RATING_4: 0.75,
    FeedbackType.RATING_5: 1.0,
}
"""Each rating as a reward between 0 and 1; stars are (stars - 1) / 4."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One rating of one answer by one user."""

    user_id: str
    message_id: str
    feedback_type: FeedbackType
    model_used: str
    task_type: str
    at: datetime
    response_length: int | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LearningEvent:
    """One thing learned about one subject (an improvement's id, a user, a rule).

    `impact_score` is 0 to 1; `before_state` and `after_state` are plain JSON values.
    """

    event_type: str
    subject: str
    at: datetime
    before_state: Mapping[str, Any] = field(default_factory=dict)
    after_state: Mapping[str, Any] = field(default_factory=dict)
    impact_score: float = 0.0
    reason: str = ""


def about_repository(name: str) -> str:
    """The subject of events about a repository as a whole."""
    return f"repository/{name}"


def about_comment(repository: str, comment: int) -> str:
    """The subject of the event that a comment was obeyed."""
    return f"comment/{repository}/{comment}"
