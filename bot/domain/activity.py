"""When a user does what: counts by weekday and part of the day, and what is likely next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

_PARTS = ((5, 12, "morning"), (12, 17, "afternoon"), (17, 22, "evening"))
_SHRINK = 2.0
_WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Activity:
    """How often a user did one task on one weekday (0 is Monday) at one part of the day."""

    task_type: str
    weekday: int
    part: str
    count: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """The next likely activity and how probable it is, from `count` observations.

    `baseline` is the most frequent activity at any time, `baseline_probability` how probable.
    """

    task_type: str
    probability: float
    count: int
    baseline: str = ""
    baseline_probability: float = 0.0


def part_of_day(at: datetime) -> str:
    """Morning (5-12), afternoon (12-17), evening (17-22) or night, in the time's own zone."""
    for start, end, name in _PARTS:
        if start <= at.hour < end:
            return name
    return "night"


def next_activity(seen: Sequence[Activity], now: datetime) -> Prediction | None:
    """What the user does most likely now, `now` in the user's zone; None from nothing.

    Each finer view (part of the day, that on working days or the weekend, that on this weekday)
    is shrunk towards the coarser one, worth two observations: few do not overrule many.
    """
    every = _counts(seen)
    if not every:
        return None
    part, weekend = part_of_day(now), now.weekday() >= _WEEKEND
    same = [one for one in seen if one.part == part]
    alike = [one for one in same if (one.weekday >= _WEEKEND) == weekend]
    views = (same, alike, [one for one in alike if one.weekday == now.weekday()])
    total = sum(every.values())
    # Laplace's rule: what was never seen keeps some probability.
    general = {task: (times + 1) / (total + len(every)) for task, times in every.items()}
    chances: Mapping[str, float] = general
    for view in views:
        chances = _shrunk(_counts(view), chances)
    usual, likely = _likeliest(general), _likeliest(chances)
    count = sum(one.count for one in same) or total
    return Prediction(likely, chances[likely], count, usual, general[usual])


def _counts(seen: Sequence[Activity]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in seen:
        if one.count > 0:
            counts[one.task_type] += one.count
    return counts


def _shrunk(counts: Counter[str], prior: Mapping[str, float]) -> dict[str, float]:
    total = sum(counts.values()) + _SHRINK
    return {task: (counts[task] + _SHRINK * chance) / total for task, chance in prior.items()}


def _likeliest(chances: Mapping[str, float]) -> str:
    return min(chances, key=lambda task: (-chances[task], task))
