from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.callgraph import CodePlace
from bot.domain.suspects import Change, Touch, suspects

START = datetime(2026, 11, 1, tzinfo=UTC)
BEHIND = (
    CodePlace("routes.py", "report", 0),
    CodePlace("reports.py", "build", 1),
    CodePlace("format.py", "line", 3),
)


def change(sha: str, *touches: str, hours: float = 1) -> Change:
    pairs = [touch.split(":") for touch in touches]
    named = tuple(Touch(file, function) for file, function in pairs)
    return Change(sha, START + timedelta(hours=hours), named)


def order(*changes: Change, hours: float = 10) -> list[str]:
    found = suspects(changes, BEHIND, START, START + timedelta(hours=hours))
    return [one.change.sha for one in found]


def test_what_touches_the_code_behind_comes_first_and_nearer_code_before_farther() -> None:
    assert order(
        change("elsewhere", "other.py:x"),
        change("far", "format.py:line"),
        change("handler", "routes.py:report"),
        change("near", "reports.py:build"),
        change("same-file", "reports.py:unused"),
    ) == ["handler", "near", "far", "same-file", "elsewhere"]


def test_only_what_lies_between_good_and_bad_is_suspected() -> None:
    early, late = (change(sha, "routes.py:report", hours=h) for sha, h in (("e", -1), ("l", 11)))
    assert order(early, change("in", "other.py:x"), late) == ["in"]
    assert order(early, late) == []


def test_equal_ones_are_told_the_latest_first() -> None:
    assert order(change("a", "x.py:f", hours=1), change("b", "x.py:f", hours=2)) == ["b", "a"]


def test_the_evidence_names_the_function_and_how_far_it_is() -> None:
    one = change("a", "reports.py:build", "routes.py:report", "format.py:")
    (found,) = suspects([one], BEHIND, START, START + timedelta(hours=2))
    assert found.share == pytest.approx(1)
    assert found.evidence == (
        "it changes `report`, the handler",
        "it changes `build`, one call below the handler",
        "it changes format.py, which has code behind it",
    )


TOUCHES = st.builds(
    Touch,
    st.sampled_from(["routes.py", "reports.py", "format.py", "other.py"]),
    st.sampled_from(["report", "build", "line", ""]),
)
CHANGES = st.lists(
    st.builds(
        Change,
        st.text(alphabet="abcdef0123456789", min_size=4, max_size=8),
        st.integers(0, 9).map(lambda hour: START + timedelta(hours=hour)),
        st.lists(TOUCHES, max_size=5).map(tuple),
    ),
    max_size=6,
)


@given(CHANGES, TOUCHES)
def test_shares_add_up_and_one_touch_more_never_clears(changes: list[Change], more: Touch) -> None:
    end = START + timedelta(hours=9)
    found = suspects(changes, BEHIND, START, end)
    assert len(found) == len(changes)
    assert sum(one.share for one in found) == pytest.approx(1 if changes else 0)
    assert [one.share for one in found] == sorted((o.share for o in found), reverse=True)
    if changes:
        first = Change(changes[0].sha, changes[0].at, (*changes[0].touches, more))
        again = suspects([first, *changes[1:]], BEHIND, START, end)
        before = next(one.share for one in found if one.change is changes[0])
        after = next(one.share for one in again if one.change is first)
        assert after >= before - 1e-9
