import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.improvement import (
    FINAL,
    TRANSITIONS,
    IllegalTransitionError,
    Improvement,
    State,
    branch_name,
    diagram,
    improvement_id,
)
from tests.domain.samples import NOW, a_finding, an_improvement, later

README = Path(__file__).parents[2] / "README.md"


def test_the_table_says_of_every_state_what_may_follow() -> None:
    assert set(TRANSITIONS) == set(State)
    assert all(state not in following for state, following in TRANSITIONS.items())


def test_every_state_can_be_reached_and_left_but_the_final_one() -> None:
    reached, waiting = set[State](), {State.FOUND}
    while waiting:
        reached |= waiting
        waiting = {after for state in waiting for after in TRANSITIONS[state]} - reached
    assert reached == set(State)
    assert set(FINAL) == {State.REVERTED}


def test_nothing_is_merged_unseen_and_nothing_merged_is_forgotten() -> None:
    before_merged = {state for state in State if State.MERGED in TRANSITIONS[state]}
    assert before_merged == {State.OPEN, State.HELD}
    merged = (State.MERGED, State.WATCHING, State.REVERTING)
    for state in merged:
        assert not TRANSITIONS[state] & {State.REJECTED, State.ABANDONED, State.FOUND, State.OPEN}
        assert State.HELD in TRANSITIONS[state]
    assert {s for s in State if State.REVERTED in TRANSITIONS[s]} == {State.REVERTING, State.HELD}


def test_the_readme_shows_the_table() -> None:
    found = re.search(
        r"<!-- states -->\n\n```mermaid\n(.*?)\n```\n",
        README.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert found, "README.md has no diagram after `<!-- states -->`"
    assert found[1] == diagram()


def test_the_diagram_holds_every_transition_once() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+)$", diagram(), re.MULTILINE)
    expected = [(str(a), str(b)) for a, after in TRANSITIONS.items() for b in after]
    assert sorted(drawn) == sorted(expected)


@pytest.mark.parametrize(("state", "to"), list(product(State, State)))
def test_a_move_keeps_to_the_table(state: State, to: State) -> None:
    before = an_improvement(state, look_again_at=NOW)
    if to in TRANSITIONS[state]:
        after = before.move(to, "because", later(1), branch="b")
        assert (after.state, after.reason, after.branch) == (to, "because", "b")
        assert (after.updated_at, after.look_again_at) == (later(1), None)
    else:
        with pytest.raises(IllegalTransitionError, match=f"from {state} to {to}"):
            before.move(to, "because", later(1))
    assert before.state is state


def test_a_step_remembers_every_value_that_it_replaces() -> None:
    first = an_improvement()
    last = first.stay("again", later(1)).move(State.PROPOSED, "good", later(2))
    assert last.came_from == ((State.FOUND, NOW), (State.FOUND, later(1)))
    assert last.stay("x", later(3), look_again_at=later(9)).look_again_at == later(9)


def read(improvement: Improvement) -> tuple[str, bool, bool]:
    return improvement.test_status, improvement.applied, improvement.rolled_back


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        (State.FOUND, ("pending", False, False)),
        (State.PROPOSED, ("passed", False, False)),
        (State.OPEN, ("passed", False, False)),
        (State.MERGED, ("passed", True, False)),
        (State.WATCHING, ("passed", True, False)),
        (State.KEPT, ("passed", True, False)),
        (State.REJECTED, ("failed", False, False)),
        (State.ABANDONED, ("passed", False, False)),
        (State.REVERTING, ("passed", True, False)),
        (State.REVERTED, ("passed", True, True)),
        (State.HELD, ("pending", False, False)),
    ],
)
def test_what_readers_of_the_old_record_see(state: State, seen: tuple[str, bool, bool]) -> None:
    assert read(an_improvement(state)) == seen


def test_what_was_held_after_it_was_opened_or_merged_still_says_so() -> None:
    assert read(an_improvement(State.HELD, head_sha="h")) == ("passed", False, False)
    assert read(an_improvement(State.HELD, head_sha="h", merge_sha="m")) == ("passed", True, False)


@given(st.lists(st.sampled_from(State), max_size=12))
def test_however_it_walks_its_record_is_consistent(path: list[State]) -> None:
    walker = an_improvement()
    for number, state in enumerate(path):
        if state in TRANSITIONS[walker.state]:
            walker = walker.move(state, "on", NOW + timedelta(seconds=number))
    assert walker.applied or not walker.rolled_back
    assert walker.test_status == "passed" or not walker.applied


def test_the_same_finding_of_the_same_repository_is_the_same_improvement() -> None:
    finding, moved = a_finding(), a_finding(line=99, description="other words")
    assert improvement_id("a/b", finding) == improvement_id("a/b", moved)
    others = {
        improvement_id("a/b", finding),
        improvement_id("a/c", finding),
        improvement_id("a/b", a_finding(id="ffffffffffff")),
    }
    assert len(others) == 3
    assert all(re.fullmatch("[0-9a-f]{12}", other) for other in others)
    assert branch_name(finding) == "ironclaw/sorted-for-min/0123456789ab"
