"""What a pull request could make the Action take for its own."""

from bot.domain.action.event import Event, base_of
from bot.domain.action.outcome import Outcome, Verdict, outputs

MERGE, BASE, THEIRS, FIRST = "a" * 40, "b" * 40, "c" * 40, "d" * 40


def test_the_first_parent_is_the_base_of_the_merge_that_github_made() -> None:
    event = Event(name="pull_request", sha=MERGE, pull_request=7, base_sha=BASE)
    assert base_of(event, MERGE, (FIRST, THEIRS)) == FIRST


def test_a_merge_of_the_pull_request_itself_does_not_choose_its_base() -> None:
    event = Event(name="pull_request", sha=MERGE, pull_request=7, base_sha=BASE)
    assert base_of(event, THEIRS, (FIRST, MERGE)) == BASE


def test_a_push_is_compared_with_what_was_there_before() -> None:
    assert base_of(Event(name="push", sha=MERGE, base_sha=BASE), MERGE, (FIRST, THEIRS)) == BASE


def test_an_output_is_one_line_whatever_the_headline_holds() -> None:
    found = Outcome("sandbox", Verdict.FAIL, "worse\nverdict=pass\r::error::x")
    assert all(len(value.splitlines()) <= 1 for value in outputs(found, "r.json").values())
