"""What ratings say: an exponential moving average, and a posterior that knows its sample size."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.events import REWARD, Feedback

_PRIOR = 1.0
_PARTS = ((5, 12, "morning"), (12, 17, "afternoon"), (17, 22, "evening"))


@dataclass(frozen=True, slots=True)
class Preference:
    """How one model did at one task: the moving average and the posterior mean of its reward."""

    model: str
    average: float
    posterior: float
    count: int


def rank_models(feedback: Iterable[Feedback], learning_rate: float) -> list[Preference]:
    """The models by posterior mean, best first; ratings are taken oldest first.

    The posterior is Beta(1, 1) with each reward as a fractional success; the average starts at
    0.5 and moves by `learning_rate` towards each reward.
    """
    averages: dict[str, float] = {}
    rewards: dict[str, list[float]] = {}
    for rating in feedback:
        reward = REWARD[rating.feedback_type]
        old = averages.get(rating.model_used, 0.5)
        averages[rating.model_used] = old + learning_rate * (reward - old)
        rewards.setdefault(rating.model_used, []).append(reward)
    ranked = [
        Preference(
            model,
            averages[model],
            (_PRIOR + sum(seen)) / (2 * _PRIOR + len(seen)),
            len(seen),
        )
        for model, seen in rewards.items()
    ]
    return sorted(ranked, key=lambda p: (-p.posterior, -p.average, p.model))


def part_of_day(at: datetime) -> str:
    """Morning (5-12), afternoon (12-17), evening (17-22) or night, in the time's own zone."""
    for start, end, name in _PARTS:
        if start <= at.hour < end:
            return name
    return "night"


@dataclass(frozen=True, slots=True)
class Prediction:
    """The next likely activity and how probable it is, from `count` observations."""

    task_type: str
    probability: float
    count: int


def next_activity(feedback: Sequence[Feedback], now: datetime) -> Prediction | None:
    """The most frequent task type at this part of the day, or of all if there is none; or None."""
    same = [rating for rating in feedback if part_of_day(rating.at) == part_of_day(now)]
    seen = Counter(rating.task_type for rating in same or feedback)
    if not seen:
        return None
    task, times = min(seen.items(), key=lambda pair: (-pair[1], pair[0]))
    return Prediction(task, (times + 1) / (sum(seen.values()) + len(seen)), sum(seen.values()))
