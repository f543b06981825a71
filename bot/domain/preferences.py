"""What ratings and outcomes say of a model: a moving average beside a posterior that forgets."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.events import REWARD, FeedbackType

DISCOUNT = 0.997
"""What is left of older evidence with each new piece: about the last three hundred count."""
PRIOR_WEIGHT = 4.0
"""How many observations everybody else's opinion is worth to somebody who has none."""
USER_CAP = 5.0
"""How many observations one user is worth in the opinion of all, however much they rate."""
FALL = 0.25
"""So much worse than its mean a model may have become all at once; that is looked out for."""
ALARM = 6.0
"""The evidence for that, as a log likelihood ratio, from which on it is believed: of models that
have not changed, one in about four hundred ratings looks so by chance."""
RESTART = 5.0
"""What the moving average is worth then, in the place of what was known before."""
_ENOUGH = 25.0
_FLAT = 1.0


@dataclass(frozen=True, slots=True)
class Sums:
    """What is kept of one model at one task, for one user, one repository or all of them.

    `good` and `bad` are discounted sums of rewards and of what they lack of 1; `average` is the
    moving average, 0.5 before anything is known; `count` is the number of observations; `fall` is
    the evidence that it has become worse lately (a CUSUM, 0 for none).
    """

    model: str
    good: float = 0.0
    bad: float = 0.0
    average: float = 0.5
    count: int = 0
    fall: float = 0.0

    @property
    def weight(self) -> float:
        """How many observations it is worth today."""
        return self.good + self.bad


@dataclass(frozen=True, slots=True)
class Preference:
    """How one model did at one task: moving average, posterior mean and its Beta parameters."""

    model: str
    average: float
    posterior: float
    count: int
    alpha: float = _FLAT
    beta: float = _FLAT

    @property
    def deviation(self) -> float:
        """The standard deviation of the posterior."""
        total = self.alpha + self.beta
        return math.sqrt(self.alpha * self.beta / (total * total * (total + 1)))


def learned(sums: Sums, reward: float, learning_rate: float, weight: float = 1.0) -> Sums:
    """What is known after one more observation, worth `weight` ratings; `reward` is 0 to 1."""
    if not (0 <= reward <= 1 and weight > 0):
        message = f"a reward of {reward} with weight {weight}: it must be 0 to 1, above nothing"
        raise ValueError(message)
    kept = DISCOUNT**weight
    share = 1 - (1 - learning_rate) ** weight
    found = Sums(
        sums.model,
        good=sums.good * kept + weight * reward,
        bad=sums.bad * kept + weight * (1 - reward),
        average=sums.average + share * (reward - sums.average),
        count=sums.count + 1,
        fall=_fall(sums, reward, weight),
    )
    if found.fall <= ALARM:
        return found
    recent = found.average
    return replace(found, good=RESTART * recent, bad=RESTART * (1 - recent), fall=0.0)


def _fall(sums: Sums, reward: float, weight: float) -> float:
    """The evidence for a fall after one more reward: Page's cumulative sum (Page 1954).

    A model that has become better needs none: it is found by trying it, as every model is.
    """
    if sums.weight < _ENOUGH:
        return 0.0
    mean = min(0.95, max(0.1, sums.good / sums.weight))
    fallen = max(0.05, mean - FALL)
    ratio = reward * math.log(fallen / mean) + (1 - reward) * math.log((1 - fallen) / (1 - mean))
    return max(0.0, sums.fall + weight * ratio)


def contribution(sums: Sums) -> tuple[float, float]:
    """What one user adds to the opinion of all: their mean, worth at most USER_CAP."""
    if sums.weight <= 0:
        return 0.0, 0.0
    share = min(1.0, USER_CAP / sums.weight)
    return sums.good * share, sums.bad * share


def rank(own: Iterable[Sums], others: Iterable[Sums] = ()) -> list[Preference]:
    """The models by posterior mean, best first.

    The prior is what `others` say, shrunk towards Beta(1, 1) and worth at most PRIOR_WEIGHT more:
    few observations of our own outweigh it.
    """
    mine = {one.model: one for one in own}
    theirs = {one.model: one for one in others if one.weight > 0}
    ranked = [
        _preference(mine.get(model, Sums(model)), theirs.get(model, Sums(model)))
        for model in mine.keys() | theirs.keys()
    ]
    return sorted(ranked, key=lambda p: (-p.posterior, -p.average, p.model))


def _preference(own: Sums, others: Sums) -> Preference:
    share = PRIOR_WEIGHT / max(others.weight, PRIOR_WEIGHT)
    alpha = _FLAT + max(0.0, others.good) * share + own.good
    beta = _FLAT + max(0.0, others.bad) * share + own.bad
    return Preference(own.model, own.average, alpha / (alpha + beta), own.count, alpha, beta)


SETTINGS = ("tone", "style", "search_depth")
"""What a rating's context may say of the answer beside its length."""
LENGTH = "response_length"
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Liking:
    """How one value of one setting was received: the sum over `count` ratings.

    Each adds its reward less 0.5; for `response_length` well-rated answers alone add their length.
    """

    name: str
    value: str
    total: float
    count: int


def likings(
    kind: FeedbackType, response_length: int | None, context: Mapping[str, object]
) -> list[Liking]:
    """What one rating says of the settings that its answer was made with."""
    reward = REWARD[kind]
    found = [
        Liking(name, value, reward - 0.5, 1)
        for name in SETTINGS
        if isinstance(value := context.get(name), str) and 0 < len(value) <= _LONGEST
    ]
    if response_length is not None and reward > 0.5:
        found.append(Liking(LENGTH, "", float(response_length), 1))
    return found


def preferred_settings(seen: Sequence[Liking]) -> dict[str, str | int | None]:
    """The mean length of well-rated answers, and of each setting the value received best.

    None where no value was received better than indifferently; few ratings count for less.
    """
    chosen: dict[str, str | int | None] = dict.fromkeys((LENGTH, *SETTINGS))
    best: dict[str, tuple[float, str]] = {}
    for one in seen:
        if one.count < 1:
            continue
        if one.name == LENGTH:
            chosen[LENGTH] = round(one.total / one.count)
        else:
            score = (one.total / (one.count + 2), one.value)
            best[one.name] = max(best.get(one.name, (0.0, "")), score)
    return chosen | {name: value for name, (score, value) in best.items() if score > 0}


@dataclass(frozen=True, slots=True)
class Learner:
    """Whose preferences are learned: a user, or a repository (`repository/owner/name`).

    `alias` stands for them in events, which can never be removed; `zone` is an IANA name, empty
    for UTC; `given` counts what they gave on `day` (ISO date, UTC).
    """

    owner: str
    alias: str
    zone: str = ""
    day: str = ""
    given: int = 0


EVERYBODY = ""
"""The owner of the sums over all users."""
PER_DAY = 200
"""How many ratings of one user are counted on one day; far above what a person reads."""


def one_more(learner: Learner, day: str) -> Learner | None:
    """The user after one more rating on that day; None where that is one too many."""
    given = learner.given if learner.day == day else 0
    return None if given >= PER_DAY else replace(learner, day=day, given=given + 1)
