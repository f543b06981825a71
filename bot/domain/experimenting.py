"""Which arm of the policy's experiment an improvement is in, and how the arms have done.

Nothing is stored for it: each improvement's record says which arm wrote it, and how it ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.domain.experiment import Better, Experiment, Result, assigned, result_of, tally_of
from bot.domain.improvement import Improvement, State
from bot.domain.policy import ExperimentPolicy, ModelPolicy, Policy, Search

_NUMBERS: Final = {
    "calls": range(1, 101),
    "breadth": range(1, 21),
    "depth": range(1, 21),
    "prompt_tokens": range(1_000, 1_000_001),
}
_SEARCHES: Final = {str(one): one for one in Search}
ARMS: Final = (
    "`names=MODEL`, `search=chain`, or `calls`, `breadth`, `depth`, `prompt_tokens=NUMBER`"
)
"""What an arm may be: a model, a search, a prompt's room."""
_REWARDS: Final = {
    State.KEPT: 1.0,
    State.REJECTED: 0.0,
    State.ABANDONED: 0.0,
    State.REVERTED: 0.0,
}


@dataclass(frozen=True, slots=True)
class InArm:
    """The policy for one improvement, and which arm it is in: empty where in none."""

    policy: Policy
    arm: str = ""
    why: str = ""

    def as_json(self) -> dict[str, Any] | None:
        """What the record keeps of it; None where there is no experiment."""
        if not self.arm:
            return None
        planned = self.policy.experiment
        return {
            "name": planned.name,
            "first": planned.first,
            "second": planned.second,
            "pairs": planned.pairs,
            "arm": self.arm,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """How one experiment of one repository stands."""

    repository: str
    experiment: Experiment
    first: int
    second: int
    result: Result


def experiment_of(planned: ExperimentPolicy) -> Experiment | None:
    """The experiment that the policy file plans; None where it plans none that makes sense."""
    if not planned.name or problem_of(planned):
        return None
    return Experiment(planned.name, planned.first, planned.second, limit=planned.pairs)


def problem_of(planned: ExperimentPolicy) -> str:
    """What is wrong with the plan; empty if nothing is, or nothing is planned."""
    if not planned.name:
        return ""
    for arm in (planned.first, planned.second):
        if _set(ModelPolicy(), arm) is None:
            return f"{arm!r} is no arm: write {ARMS}"
    try:
        Experiment(planned.name, planned.first, planned.second, limit=planned.pairs)
    except ValueError as error:
        return str(error)
    return ""


def in_arm(policy: Policy, unit: str, known: Iterable[Improvement], *, merges: bool) -> InArm:
    """The policy with this unit's arm in it.

    What may merge by itself is no place to try things out, so it is in none; once an arm is shown
    to be better, every unit gets that one.
    """
    planned = experiment_of(policy.experiment)
    if planned is None:
        return InArm(policy, why=problem_of(policy.experiment))
    result = result_of(planned, tally_of(_outcomes(planned, known)))
    if isinstance(result, Better):
        arm, why = result.arm, f"it was better: {result.why}"
    elif merges:
        return InArm(policy, why="nothing is tried out on what may merge by itself")
    else:
        arm, why = assigned(planned, unit), "by its name"
    return InArm(replace(policy, model=_set(policy.model, arm) or policy.model), arm, why)


def standings(known: Iterable[Improvement]) -> list[Standing]:
    """Every experiment that improvements were part of, by repository and name."""
    every: dict[tuple[str, Experiment], list[Improvement]] = {}
    for one in known:
        planned = _planned(one)
        if planned is not None:
            every.setdefault((one.repository, planned), []).append(one)
    return [
        _standing(repository, planned, some)
        for (repository, planned), some in sorted(
            every.items(), key=lambda pair: (pair[0][0], pair[0][1].name)
        )
    ]


def _standing(repository: str, planned: Experiment, some: list[Improvement]) -> Standing:
    outcomes = list(_outcomes(planned, some))
    second = sum(is_second for is_second, _ in outcomes)
    result = result_of(planned, tally_of(outcomes))
    return Standing(repository, planned, len(outcomes) - second, second, result)


def _outcomes(planned: Experiment, known: Iterable[Improvement]) -> Iterable[tuple[bool, float]]:
    """Of those that came to an end in an arm, in the order of their ends."""
    ended = [one for one in known if one.state in _REWARDS and _planned(one) == planned]
    for one in sorted(ended, key=lambda one: (one.updated_at, one.id)):
        yield _record(one).get("arm") == planned.second, _REWARDS[one.state]


def _planned(one: Improvement) -> Experiment | None:
    record = _record(one)
    name, first, second = (record.get(key) for key in ("name", "first", "second"))
    pairs = record.get("pairs")
    if not (isinstance(name, str) and isinstance(first, str) and isinstance(second, str)):
        return None
    if not isinstance(pairs, int) or record.get("arm") not in (first, second):
        return None
    return experiment_of(ExperimentPolicy(name=name, first=first, second=second, pairs=pairs))


def _record(one: Improvement) -> Mapping[str, Any]:
    model = one.evidence.get("model")
    found = model.get("experiment") if isinstance(model, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _set(policy: ModelPolicy, arm: str) -> ModelPolicy | None:
    """The policy with one of its keys as the arm has it; None if that is no arm."""
    key, _, value = arm.partition("=")
    if key == "names" and value:
        return replace(policy, names=(value,))
    if key == "search" and value in _SEARCHES:
        return replace(policy, search=_SEARCHES[value])
    if key in _NUMBERS and value.isascii() and value.isdigit() and len(value) < 8:
        number = int(value)
        changed: Any = {key: number}
        return replace(policy, **changed) if number in _NUMBERS[key] else None
    return None
