import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import messages
from bot.domain.commands import WHEN, Approve, Hold, Ignore, Resume, Retry, Revert, why_not
from bot.domain.dashboard import SECTIONS, WHOLE_REPOSITORY, Ticked, offered, ticked
from bot.domain.improvement import Improvement, State
from tests.domain.samples import a_finding, an_improvement
from tests.domain.test_messages import FOREIGN

HEAD = "a" * 40


def one(state: State, n: int = 0, **changes: object) -> Improvement:
    return an_improvement(state, id=f"{n:012x}", pull_request=n + 1, head_sha=HEAD, **changes)


def tick(text: str) -> str:
    return text.replace("- [ ]", "- [x]")


def test_every_state_stands_in_one_section() -> None:
    listed = [state for states in SECTIONS.values() for state in states]
    assert sorted(listed) == sorted(State)


def test_nothing_is_ticked_at_first() -> None:
    body = messages.dashboard_body([one(state, n) for n, state in enumerate(State)], "paused")
    assert ticked(body) == ()


@pytest.mark.parametrize(
    ("state", "merge_sha"),
    [
        *((state, "m" * 40 if one(state).applied else "") for state in State),
        (State.HELD, "m" * 40),
    ],
)
def test_every_box_that_is_offered_can_be_obeyed(state: State, merge_sha: str) -> None:
    known = one(state, merge_sha=merge_sha)
    boxes = ticked(tick(messages.dashboard_body([known], "")))
    assert len(boxes) == len(offered(known))
    for box in boxes:
        assert box.id == known.id
        assert state in WHEN[type(box.command)]
        assert why_not(box.command, known, HEAD) == ""


def test_boxes_have_their_meaning() -> None:
    known = [one(State.OPEN, 1), one(State.HELD, 2), one(State.FOUND, 3), one(State.KEPT, 4)]
    body = messages.dashboard_body([*known, one(State.WATCHING, 5, merge_sha="m")], "3 reverts")
    ids = [f"{n:012x}" for n in range(6)]
    assert set(ticked(tick(body))) == {
        Ticked(Resume(), WHOLE_REPOSITORY),
        Ticked(Approve(HEAD), ids[1]),
        Ticked(Hold(), ids[1]),
        Ticked(Resume(), ids[2]),
        Ticked(Retry(), ids[2]),
        Ticked(Ignore(), ids[3]),
        Ticked(Revert(), ids[5]),
    }


@pytest.mark.parametrize(
    "text",
    [
        "- [x] <!-- ironclaw-do:explode:aaaaaaaaaaaa -->",
        "- [x] <!-- ironclaw-do:approve:aaaaaaaaaaaa -->",
        "- [x] <!-- ironclaw-do:approve:aaaaaaaaaaaa:abc -->",
        "> - [x] <!-- ironclaw-do:hold:aaaaaaaaaaaa -->",
        "    - [x] <!-- ironclaw-do:hold:aaaaaaaaaaaa -->",
        "- [x] ironclaw-do:hold:aaaaaaaaaaaa",
        "- [x] <!-- ironclaw-do:hold:../../etc -->",
        "- [x] hold",
    ],
)
def test_what_is_no_box_of_ours_is_nothing(text: str) -> None:
    assert ticked(text) == ()


@given(FOREIGN, FOREIGN)
def test_foreign_text_makes_no_box(description: str, reason: str) -> None:
    finding = a_finding(description=description, file=reason or "a.py")
    known = [one(State.KEPT, finding=finding, reason=reason)]
    body = messages.dashboard_body(known, reason)
    boxes = ticked(tick(body))
    assert {box.id for box in boxes} <= {WHOLE_REPOSITORY}


@given(st.integers(0, 300), st.sampled_from(State))
def test_however_long_the_list_it_fits(count: int, state: State) -> None:
    body = messages.dashboard_body([one(state, n, reason="é" * 5_000) for n in range(count)], "")
    assert 0 < len(body) <= 65_536
