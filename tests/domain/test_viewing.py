"""Who may see and change what, how long a session counts, and where a sign-in may lead."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.viewing import (
    LOOK_EVERY,
    OPERATOR,
    SESSION,
    UNSEEN_AT_MOST,
    Known,
    LookAgain,
    Over,
    Session,
    Viewer,
    decide_session,
    way_back,
)
from tests.domain.samples import NOW

ONE = Session("id", "ada", "sealed", {1: True}, NOW, NOW, NOW + SESSION)


def test_the_operator_sees_and_changes_all() -> None:
    assert OPERATOR.may_see("any/thing")
    assert OPERATOR.may_change("any/thing")


def test_a_person_sees_what_is_theirs_in_any_letters() -> None:
    ada = Viewer("ada", "ada", frozenset({"team/shop", "team/open"}), frozenset({"team/shop"}))
    assert ada.may_see("Team/Shop")
    assert ada.may_change("TEAM/shop")
    assert ada.may_see("team/open")
    assert not ada.may_change("team/open")
    assert not ada.may_see("team/other")
    # What one may not see one may not change either.
    assert not replace(ada, changes=frozenset({"team/other"})).may_change("team/other")


def test_nobody_sees_anything() -> None:
    assert not Viewer("somebody").may_see("team/shop")


@pytest.mark.parametrize(
    ("after", "decision"),
    [
        (timedelta(0), Known),
        (LOOK_EVERY - timedelta(seconds=1), Known),
        (LOOK_EVERY, LookAgain),
        (UNSEEN_AT_MOST, LookAgain),
        (SESSION, Over),
        (-timedelta(hours=1), Over),
    ],
)
def test_what_is_known_counts_for_a_while(after: timedelta, decision: type) -> None:
    assert isinstance(decide_session(ONE, NOW + after), decision)


def test_an_old_answer_counts_only_so_long() -> None:
    assert decide_session(ONE, NOW + LOOK_EVERY) == LookAgain(may_wait=True)
    assert decide_session(ONE, NOW + UNSEEN_AT_MOST) == LookAgain(may_wait=False)


def test_no_token_of_a_session_is_shown() -> None:
    assert "sealed" not in repr(ONE)


@pytest.mark.parametrize("path", ["/", "/improvements/1", "/endpoints?hours=1&repository=a%2Fb"])
def test_a_path_of_ours_is_a_way_back(path: str) -> None:
    assert way_back(path) == path


@given(st.text(alphabet="/\\:.?#@\t\n\r evil%20"))
def test_security_39_no_way_back_leaves_the_site(text: str) -> None:
    found = way_back(text)
    # A browser reads a backslash as a slash, and drops tabs and line ends.
    read = "".join(sign for sign in found if sign not in "\t\r\n").replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")
