import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands import (
    USAGE,
    WHEN,
    WORDS,
    Approve,
    Command,
    Explain,
    Help,
    Hold,
    Ignore,
    NotForUs,
    NotUnderstood,
    Obey,
    Rate,
    Refuse,
    Resume,
    Retry,
    Revert,
    Status,
    decide_command,
    parse_command,
    resumed_state,
)
from bot.domain.events import FeedbackType
from bot.domain.improvement import TRANSITIONS, State
from bot.domain.talk import Comment, Permission
from tests.domain.samples import NOW, an_improvement

HEAD = "abcdef1" + "2" * 33


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/ironclaw", Help()),
        ("/ironclaw help", Help()),
        ("/ironclaw  STATUS ", Status()),
        ("/ironclaw explain", Explain()),
        ("/ironclaw retry", Retry()),
        ("/ironclaw approve abcdef1", Approve("abcdef1")),
        (f"/ironclaw approve {HEAD.upper()}", Approve(HEAD)),
        ("/ironclaw hold", Hold()),
        ("/ironclaw resume", Resume()),
        ("/ironclaw ignore", Ignore()),
        ("/ironclaw revert", Revert()),
        ("/ironclaw rate 5", Rate(5)),
        ("thanks", None),
        ("x /ironclaw hold", None),
        ("/ironclawhold", None),
        ("ironclaw hold", None),
        ("@ironclaw hold", None),
    ],
)
def test_a_line_is_a_command(line: str, command: Command | None) -> None:
    assert parse_command([line, "/ironclaw revert"]) == command
    assert parse_command([]) is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("/ironclaw aprove abcdef1", "did you mean `approve`?"),
        ("/ironclaw revret", "did you mean `revert`?"),
        ("/ironclaw frobnicate", "there is no such command"),
        ("/ironclaw hold it", "`hold` stands alone"),
        ("/ironclaw approve", "needs the commit"),
        ("/ironclaw approve abcdef", "needs the commit"),
        (f"/ironclaw approve {HEAD}0", "needs the commit"),
        ("/ironclaw approve abcdefg", "needs the commit"),
        ("/ironclaw approve abcdef1 abcdef2", "needs the commit"),
        ("/ironclaw rate", "from 1 to 5"),
        ("/ironclaw rate 0", "from 1 to 5"),
        ("/ironclaw rate 6", "from 1 to 5"),
        ("/ironclaw rate ٣", "from 1 to 5"),
    ],
)
def test_what_is_not_understood_says_what_was_meant(line: str, why: str) -> None:
    found = parse_command([line])
    assert isinstance(found, NotUnderstood)
    assert why in found.why


def test_every_command_is_explained_and_has_its_states() -> None:
    assert [usage.split()[0] for usage in USAGE] != []
    assert {usage.split()[0] for usage in USAGE} == set(WORDS)
    assert {kind.__name__.lower() for kind in WHEN} == set(WORDS)


@pytest.mark.parametrize("stars", range(1, 6))
def test_stars_are_feedback(stars: int) -> None:
    assert Rate(stars).feedback is FeedbackType[f"RATING_{stars}"]


LINES = st.sampled_from(
    [f"/ironclaw {word}" for word in (*WORDS, "approve abcdef1", "rate 3", "x")]
)
COMMENTS = st.builds(
    Comment,
    id=st.just(1),
    number=st.just(1),
    author=st.just("ann"),
    text=st.just(""),
    at=st.just(NOW),
    author_is_bot=st.booleans(),
    edited_by=st.sampled_from(["", "ann", "bob"]),
    ours=st.booleans(),
)


@given(
    COMMENTS,
    LINES,
    st.sampled_from(Permission),
    st.sampled_from(State),
    st.sampled_from([HEAD, "f" * 40, ""]),
)
def test_security_22_who_is_obeyed_may_write_and_wrote_it_alone(
    comment: Comment, line: str, permission: Permission, state: State, head: str
) -> None:
    merged = "m" if state in TRANSITIONS[State.OPEN] | {State.KEPT} else ""
    known = an_improvement(state, head_sha=HEAD, pull_request=1, merge_sha=merged)
    found = decide_command(comment, [line], permission, known, head)
    if not isinstance(found, Obey):
        assert found.why
        return
    assert permission in (Permission.WRITE, Permission.ADMIN)
    assert comment.edited_by in ("", comment.author)
    assert not comment.author_is_bot
    assert not comment.ours
    assert state in WHEN[type(found.command)]
    if isinstance(found.command, Approve):
        assert head == HEAD
        assert HEAD.startswith(found.command.sha)
    if isinstance(found.command, Ignore):
        assert not known.merge_sha
    if isinstance(found.command, Revert):
        assert known.merge_sha


def test_who_may_not_write_gets_no_answer() -> None:
    comment = Comment(1, 1, "eve", "", NOW)
    found = decide_command(comment, ["/ironclaw help"], Permission.READ, None)
    assert found == Refuse("its author may not write to this repository")
    assert isinstance(decide_command(comment, ["hi"], Permission.ADMIN, None), NotForUs)


def test_on_the_dashboard_a_person_resumes_the_repository() -> None:
    comment = Comment(1, 1, "ann", "", NOW)
    line = ["/ironclaw resume"]
    decided = decide_command(comment, line, Permission.WRITE, None, is_dashboard=True)
    assert decided == Obey(Resume(), "ann")
    assert isinstance(decide_command(comment, line, Permission.WRITE, None), Refuse)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.FOUND),
        ({"pull_request": 1}, State.OPEN),
        ({"pull_request": 1, "merge_sha": "m"}, State.MERGED),
        ({"pull_request": 1, "merge_sha": "m", "revert_pull_request": 2}, State.REVERTING),
    ],
)
def test_what_is_resumed_goes_on_where_it_was(changes: dict[str, object], state: State) -> None:
    assert resumed_state(an_improvement(State.HELD, **changes)) is state
    assert state in TRANSITIONS[State.HELD]
