"""Which question comes next, whatever came of those before."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model.search import (
    AskAnew,
    Attempt,
    GoOn,
    Plan,
    Run,
    Standing,
    Stop,
    best,
    depth_of,
    left_to_run,
    next_move,
)
from bot.domain.policy import Search

OUTCOMES = st.sampled_from([one for one in Standing if one is not Standing.NOT_RUN])
PLANS = st.builds(
    Plan,
    st.sampled_from(Search),
    st.integers(1, 8),
    st.integers(1, 3),
    st.integers(1, 4),
)


def played(plan: Plan, outcomes: list[Standing]) -> tuple[list[Attempt], int]:
    """What a search does where each answer comes out as it is said; gives how many were run."""
    attempts: list[Attempt] = []
    runs = 0
    for outcome in [*outcomes, *outcomes]:
        number = len(attempts)
        match next_move(plan, attempts):
            case AskAnew():
                parent: int | None = None
            case GoOn() as move:
                parent = move.parent
            case Run() as move:
                waiting = move.attempt
                runs += 1
                attempts[waiting] = Attempt(
                    waiting, "m", attempts[waiting].parent, outcome, "", was_run=True
                )
                continue
            case Stop():
                return attempts, runs
        is_chain = plan.search is Search.CHAIN
        standing = Standing.NOT_RUN if is_chain else outcome
        attempts.append(Attempt(number, "m", parent, standing, "", was_run=not is_chain))
    return attempts, runs


@given(PLANS, st.lists(OUTCOMES, min_size=20, max_size=20))
def test_a_search_ends_within_its_calls_breadth_and_depth(
    plan: Plan, outcomes: list[Standing]
) -> None:
    attempts, runs = played(plan, outcomes)
    assert isinstance(next_move(plan, attempts), Stop)
    assert len(attempts) <= plan.calls
    if plan.search is Search.CHAIN:
        assert runs == 1
    if plan.search is Search.TREE:
        for one in attempts:
            assert depth_of(one, attempts) <= plan.depth
            assert sum(other.parent == one.number for other in attempts) <= plan.breadth


@given(PLANS, st.lists(OUTCOMES, min_size=20, max_size=20))
def test_a_trick_and_what_repeats_another_are_not_gone_on_from(
    plan: Plan, outcomes: list[Standing]
) -> None:
    attempts, _ = played(plan, outcomes)
    if plan.search is Search.TREE:
        parents = {one.parent for one in attempts}
        assert not [o for o in attempts if o.standing is Standing.TRICK and o.number in parents]


def test_a_tree_goes_on_from_what_is_best_and_the_best_holds() -> None:
    plan = Plan(Search.TREE, 6, 2, 3)
    wrong = Attempt(0, "m", None, Standing.DIFFERENT, "", 9.0)
    right = Attempt(1, "m", None, Standing.HOLDS, "", 1.5)
    assert next_move(plan, [wrong]) == AskAnew(2)
    assert next_move(plan, [wrong, right]) == GoOn(1, measured=True)
    again = Attempt(2, "m", 1, Standing.HOLDS, "", 1.5, repeats=True)
    assert next_move(plan, [wrong, right, again, again]) == GoOn(0, measured=True)
    assert best([wrong, right]) == right
    rule = Attempt(0, "rules", None, Standing.HOLDS, "", 8.0)
    assert next_move(plan, [rule]) == AskAnew(1)
    assert best([rule, right]) == rule


def test_what_a_line_of_thought_has_paid_for_is_run_also_where_a_cap_ends_it() -> None:
    first = Attempt(0, "m", None, Standing.NOT_RUN, "")
    second = Attempt(1, "m", 0, Standing.NOT_RUN, "")
    rule = Attempt(2, "rules", None, Standing.HOLDS, "", was_run=True)
    refused = Attempt(3, "m", 1, Standing.REFUSED, "")
    assert left_to_run([first, second, rule, refused]) == Run(1)
    assert left_to_run([replace(first, standing=Standing.HOLDS, was_run=True)]) is None
    assert left_to_run([rule, refused]) is None
    assert left_to_run([]) is None
