"""Which arm of the policy's experiment an improvement is in, and what the arms' outcomes say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.experiment import Better, Running
from bot.domain.experimenting import experiment_of, in_arm, problem_of, standings
from bot.domain.improvement import Improvement, State
from bot.domain.policy import ExperimentPolicy, Policy, Search
from tests.adapters.database.values import improvement, later

PLAN = ExperimentPolicy(name="short", first="search=tree", second="prompt_tokens=2000", pairs=200)
POLICY = Policy(experiment=PLAN)


def ended(number: int, arm: str, state: State) -> Improvement:
    record = {"name": "short", "first": PLAN.first, "second": PLAN.second, "pairs": 200, "arm": arm}
    return replace(
        improvement(f"{number}", state=state),
        evidence={"model": {"experiment": record}},
        updated_at=later(0) + timedelta(minutes=number),
    )


def ends(pairs: int) -> list[Improvement]:
    """The second arm's are kept, the first one's closed."""
    arms = ((PLAN.first, State.ABANDONED), (PLAN.second, State.KEPT))
    return [
        ended(2 * pair + place, *one) for pair in range(pairs) for place, one in enumerate(arms)
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"name": ""}, ""),
        ({"first": "search=guess"}, "'search=guess' is no arm"),
        ({"first": "engine=both"}, "'engine=both' is no arm"),
        ({"second": "calls=0"}, "'calls=0' is no arm"),
        ({"second": "calls=9999999999999"}, "is no arm"),
        ({"second": "calls=\u0663"}, "is no arm"),
        ({"first": ""}, "'' is no arm"),
        ({"name": "Short!"}, "small letters"),
        ({"second": "search=tree"}, "two arms"),
    ],
)
def test_a_plan_that_makes_no_sense_is_told(change: dict[str, str], why: str) -> None:
    planned = replace(PLAN, **change)  # type: ignore[arg-type] # texts alone are changed
    assert why in problem_of(planned)
    assert bool(problem_of(planned)) is bool(why)
    assert (experiment_of(planned) is None) is (bool(why) or not planned.name)


def test_each_improvement_has_the_policy_of_its_arm() -> None:
    found = {unit: in_arm(POLICY, unit, (), merges=False) for unit in map(str, range(40))}
    assert {one.arm for one in found.values()} == {PLAN.first, PLAN.second}
    for one in found.values():
        tokens = 2000 if one.arm == PLAN.second else POLICY.model.prompt_tokens
        assert (one.policy.model.search, one.policy.model.prompt_tokens) == (Search.TREE, tokens)
        assert one.as_json() is not None


def test_nothing_is_tried_out_on_what_may_merge_by_itself() -> None:
    one = in_arm(POLICY, "1", (), merges=True)
    assert (one.policy, one.as_json()) == (POLICY, None)


@pytest.mark.parametrize("merges", [True, False])
def test_the_better_arm_is_everybodys_once_it_is_known(merges: bool) -> None:
    known = ends(60)
    for unit in map(str, range(20)):
        one = in_arm(POLICY, unit, known, merges=merges)
        assert one.policy.model.prompt_tokens == 2000
        assert one.why.startswith("it was better: ")


def test_how_they_stand_is_read_from_the_records_in_the_order_of_their_ends() -> None:
    (few,) = standings(reversed(ends(3)))
    assert (few.first, few.second) == (3, 3)
    assert isinstance(few.result, Running)
    (many,) = standings(reversed(ends(60)))
    assert isinstance(many.result, Better)
    assert many.result.arm == PLAN.second


def test_a_record_that_is_not_ours_to_read_counts_nothing() -> None:
    (good,) = ends(1)[:1]
    odd: list[object] = [None, 1, {"experiment": []}, {"experiment": {"name": 1}}]
    odd += [{"experiment": dict(good.evidence["model"]["experiment"], arm="other")}]
    assert standings([replace(good, evidence={"model": one}) for one in odd]) == []
    # One that is not over is part of it, and no outcome.
    (open_one,) = standings([replace(good, state=State.OPEN)])
    assert (open_one.first, open_one.second) == (0, 0)
