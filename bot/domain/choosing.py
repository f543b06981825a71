"""Which model does a task: by posterior and cost, with bounded exploration and a reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.preferences import Preference

CLOSE = 0.05
"""Models whose posterior means differ by less are as good as each other: the cheaper is taken."""
WARM_UP = 60
"""Trials of each model for which exploration is free, before `rate` bounds it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be asked: its preference, the cost of one task in dollars, a draw.

    `draw` is one sample of its posterior: chance is the caller's.
    """

    preference: Preference
    cost: float = 0.0
    draw: float = 0.0

    @property
    def model(self) -> str:
        """Its name."""
        return self.preference.model


@dataclass(frozen=True, slots=True)
class Rules:
    """What a choice must keep to.

    `rate` is the share of choices that may explore, `merges` whether the result may be merged
    without a person (then nothing is explored), `budget` the dollars left, None without a cap.
    """

    rate: float = 0.1
    merges: bool = False
    budget: float | None = None
    failed: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Exploit:
    """The model that did best so far."""

    model: str
    why: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explore:
    """Another model, to know it better; `others` are asked if it fails, in this order."""

    model: str
    why: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoModel:
    """None may be asked."""

    why: str


Choice = Exploit | Explore | NoModel


def choose(candidates: Sequence[Candidate], rules: Rules, chance: float) -> Choice:
    """The model to ask; `chance` is uniform in [0, 1).

    The best is the cheapest within CLOSE of the highest posterior mean. Exploration takes the
    model with the highest draw: freely while one has fewer than WARM_UP trials, afterwards in a
    `rate` of all choices.
    """
    left = [one for one in candidates if one.model not in rules.failed]
    if not left:
        return NoModel("every model has failed" if candidates else "no model is configured")
    paid = [one for one in left if rules.budget is None or one.cost <= rules.budget]
    if not paid:
        return NoModel(f"${rules.budget:.4f} are left, and no model does it for that")
    order = _by_worth(paid)
    best = order[0]
    if not rules.merges and rules.rate > 0 and len(paid) > 1:
        drawn = max(paid, key=lambda one: (one.draw, one.model))
        if drawn is not best and (chance < rules.rate or _is_new(paid)):
            others = tuple(one.model for one in order if one is not drawn)
            why = f"tried {drawn.preference.count} times, to know whether it beats {best.model}"
            return Explore(drawn.model, why, others)
    return Exploit(best.model, _why(best, rules), tuple(one.model for one in order[1:]))


def _is_new(candidates: Sequence[Candidate]) -> bool:
    """Whether one has had too few trials to be judged, so that a draw may say whose turn it is."""
    return any(one.preference.count < WARM_UP for one in candidates)


def _by_worth(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The cheapest of the best first, then the others by posterior mean."""
    top = max(one.preference.posterior for one in candidates)

    def worth(one: Candidate) -> tuple[bool, float, float, str]:
        close = one.preference.posterior > top - CLOSE and not _equal_cost(candidates)
        cost = one.cost if close else 0.0
        return (not close, cost, -one.preference.posterior, one.model)

    return sorted(candidates, key=worth)


def _equal_cost(candidates: Sequence[Candidate]) -> bool:
    return len({one.cost for one in candidates}) == 1


def _why(best: Candidate, rules: Rules) -> str:
    seen = best.preference
    known = f"{seen.posterior:.2f} expected from {seen.count} trials"
    price = f", ${best.cost:.4f} a task" if best.cost else ""
    safe = "; nothing is tried out on what may merge by itself" if rules.merges else ""
    return f"{known}{price}{safe}"


def untried(models: Collection[str], known: Sequence[Preference]) -> list[Preference]:
    """The preferences of these models, those of which nothing is known at Beta(1, 1)."""
    seen: Mapping[str, Preference] = {one.model: one for one in known}
    return [seen.get(model, Preference(model, 0.5, 0.5, 0)) for model in models]
