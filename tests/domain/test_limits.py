from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.events import LearningEvent, about_repository
from bot.domain.improvement import Improvement, State
from bot.domain.limits import (
    OPENED,
    PAUSED,
    PROPOSED,
    RESUMED,
    REVERTING,
    Allowed,
    AskPerson,
    History,
    NotNow,
    cooling,
    may_open,
    may_revert,
    paused,
    paused_by_person,
    window,
)
from bot.domain.policy import LimitsPolicy
from tests.domain.samples import NOW, a_finding, an_improvement

POLICY = LimitsPolicy()
DAY = timedelta(days=1)
REPOSITORY = about_repository("octo/sample")


def one(state: State = State.PROPOSED, id: str = "mine", **changes: Any) -> Improvement:
    place = changes.pop("function", id)
    return an_improvement(state, id=id, finding=a_finding(function=place), **changes)


def event(kind: str, subject: str, ago: timedelta) -> LearningEvent:
    return LearningEvent(kind, subject, NOW - ago)


def history(*improvements: Improvement, events: list[LearningEvent] | None = None) -> History:
    return History(improvements, events or [], NOW)


def opening(*others: Improvement, events: list[LearningEvent] | None = None, most: int = 5) -> Any:
    return may_open(one(), history(one(), *others, events=events), POLICY, most)


def test_nothing_in_the_way_is_allowed() -> None:
    assert opening() == Allowed()


@pytest.mark.parametrize("state", [State.OPEN, State.HELD])
def test_no_more_are_open_at_once_than_the_cap(state: State) -> None:
    others = [one(state, f"o{n}", pull_request=n) for n in range(5)]
    found = opening(*others)
    assert isinstance(found, NotNow)
    assert found.why == "5 are open at once (`scan.max_open`)"
    assert found.until > NOW
    assert opening(*others[:4]) == Allowed()


def test_what_is_held_without_an_open_pull_request_takes_no_place() -> None:
    assert opening(*[one(State.HELD, f"o{n}") for n in range(9)]) == Allowed()
    merged = [one(State.HELD, f"o{n}", pull_request=n, merge_sha="m") for n in range(9)]
    assert opening(*merged) == Allowed()


def test_those_in_front_go_first() -> None:
    earlier = one(id="earlier", created_at=NOW - DAY)
    assert isinstance(opening(earlier, most=1), NotNow)
    assert may_open(earlier, history(earlier, one()), POLICY, 1) == Allowed()


def test_no_more_are_opened_a_day_than_the_cap() -> None:
    events = [event(OPENED, f"o{n}", timedelta(hours=n)) for n in range(10)]
    assert "limits.pull_requests_per_day" in opening(events=events).why
    assert opening(events=events[1:]) == Allowed()
    assert opening(events=[*events[1:], event(OPENED, "old", DAY)]) == Allowed()
    again = [event(OPENED, "o1", timedelta(hours=n)) for n in range(20)]
    assert opening(events=again) == Allowed()


def test_one_that_is_open_already_needs_no_place_of_its_own() -> None:
    others = [one(State.OPEN, f"o{n}", pull_request=n) for n in range(5)]
    mine = one(pull_request=9)
    assert may_open(mine, history(mine, *others), POLICY, 5) == Allowed()


@pytest.mark.parametrize("state", [State.ABANDONED, State.REVERTED, State.REVERTING])
def test_security_19_a_place_is_left_alone_after_a_close_or_a_revert(state: State) -> None:
    def ended(days: int, function: str = "f") -> Improvement:
        return one(state, "ended", function=function, updated_at=NOW - days * DAY)

    place = a_finding(function="f", rule="another-rule")
    assert "limits.cooldown_days" in cooling(place, [ended(29)], POLICY, NOW)
    assert cooling(place, [ended(30)], POLICY, NOW) == ""
    assert cooling(place, [ended(1, "g")], POLICY, NOW) == ""
    assert cooling(place, [ended(1)], POLICY, NOW, besides="ended") == ""
    mine = one(function="f")
    assert isinstance(may_open(mine, history(mine, ended(1)), POLICY, 5), NotNow)


def test_security_19_after_some_reverts_the_repository_pauses_until_a_person_resumes() -> None:
    reverts = [event(REVERTING, f"r{n}", n * DAY) for n in (1, 2, 6)]
    assert "a person resumes it" in paused(history(events=reverts), POLICY)
    assert isinstance(opening(events=reverts), NotNow)
    assert paused(history(events=reverts[:2]), POLICY) == ""
    old = [*reverts[:2], event(REVERTING, "r9", 7 * DAY)]
    assert paused(history(events=old), POLICY) == ""
    resumed = [*reverts, event(RESUMED, REPOSITORY, timedelta(hours=1))]
    assert paused(history(events=resumed), POLICY) == ""
    again = [*resumed, *(event(REVERTING, f"n{n}", timedelta(minutes=n)) for n in range(3))]
    assert paused(history(events=again), POLICY)


def test_the_history_reaches_as_far_back_as_anything_counts() -> None:
    assert window(POLICY) == 7 * DAY
    assert window(LimitsPolicy(pause_window_days=1)) == DAY


def test_a_merge_is_reverted_once() -> None:
    mine = one(State.REVERTING, pull_request=1)
    assert may_revert(mine, history(mine), POLICY, asked=False) == Allowed()
    done = one(State.REVERTING, pull_request=1, revert_pull_request=2)
    assert isinstance(may_revert(done, history(done), POLICY, asked=True), AskPerson)


def test_security_19_a_revert_is_never_reverted() -> None:
    first = one(State.REVERTED, "first", pull_request=1, revert_pull_request=2)
    loop = one(State.REVERTING, pull_request=2)
    found = may_revert(loop, history(first, loop), POLICY, asked=True)
    assert isinstance(found, AskPerson)
    assert "never reverted" in found.why


def test_more_reverts_a_day_than_the_cap_need_a_person() -> None:
    mine = one(State.REVERTING, pull_request=1)
    events = [event(REVERTING, f"r{n}", timedelta(hours=n)) for n in range(5)]
    events.append(event(REVERTING, "mine", timedelta()))
    found = may_revert(mine, history(mine, events=events), POLICY, asked=False)
    assert isinstance(found, AskPerson)
    assert "limits.reverts_per_day" in found.why
    assert may_revert(mine, history(mine, events=events), POLICY, asked=True) == Allowed()
    assert may_revert(mine, history(mine, events=events[1:]), POLICY, asked=False) == Allowed()


STATES = st.sampled_from([State.PROPOSED] * 3 + [State.OPEN, State.HELD, State.KEPT])


@given(st.lists(STATES, max_size=12), st.integers(0, 6), st.integers(0, 6), st.data())
def test_security_28_workers_that_look_at_once_never_open_more_than_the_caps(
    states: list[State], max_open: int, per_day: int, data: st.DataObject
) -> None:
    known = [
        one(state, f"i{n}", pull_request=None if state is State.PROPOSED else n, created_at=NOW)
        for n, state in enumerate(states)
    ]
    policy = LimitsPolicy(pull_requests_per_day=per_day)
    opened_today = data.draw(st.integers(0, 6))
    events = [event(OPENED, f"e{n}", timedelta(hours=1)) for n in range(opened_today)]
    seen = history(*known, events=events)
    let = [
        each
        for each in known
        if each.state is State.PROPOSED and may_open(each, seen, policy, max_open) == Allowed()
    ]
    already = sum(state in (State.OPEN, State.HELD) for state in states)
    assert not let or already + len(let) <= max_open
    assert not let or opened_today + len(let) <= per_day
    proposed = states.count(State.PROPOSED)
    room = max(0, min(max_open - already, per_day - opened_today))
    assert len(let) == min(proposed, room)


@example([("p", 0), ("l", 0), ("p", 1), ("l", 1)])
@given(st.lists(st.tuples(st.sampled_from("plo"), st.integers(0, 2)), max_size=30))
def test_security_28_nor_do_workers_that_open_for_a_while(steps: list[tuple[str, int]]) -> None:
    """Each may be proposed, looked at and opened at any time; the older are not always first."""
    known = {f"i{n}": one(State.FOUND, f"i{n}", created_at=NOW - n * DAY) for n in range(3)}
    events: list[LearningEvent] = []
    opening: set[str] = set()
    for moment, (step, n) in enumerate(steps):
        id, at = f"i{n}", NOW + timedelta(seconds=moment)
        if step == "p" and known[id].state is State.FOUND:
            known[id] = one(State.PROPOSED, id, created_at=known[id].created_at)
            events.append(LearningEvent(PROPOSED, id, at))
        elif step == "l" and known[id].state is State.PROPOSED:
            seen = History(tuple(known.values()), events, at)
            if may_open(known[id], seen, POLICY, 1) == Allowed():
                opening.add(id)
        elif step == "o" and id in opening:
            opening.remove(id)
            known[id] = one(State.OPEN, id, pull_request=n + 1, created_at=known[id].created_at)
        open_now = [each for each in known.values() if each.state is State.OPEN]
        assert len(open_now) + len(opening) <= 1


def test_what_is_made_anew_keeps_its_place() -> None:
    for state in (State.FOUND, State.PROPOSED):
        again = one(state, "again", pull_request=3)
        assert isinstance(opening(again, most=1), NotNow)
        assert opening(again, most=2) == Allowed()


def test_moments_are_compared_not_days() -> None:
    assert isinstance(NOW, datetime)
    events = [event(OPENED, f"o{n}", DAY - timedelta(seconds=1)) for n in range(10)]
    assert isinstance(opening(events=events), NotNow)


def test_security_21_whoever_paused_last_is_named_until_somebody_resumes() -> None:
    about = about_repository("team/shop")
    paused_then = LearningEvent(PAUSED, about, NOW, after_state={"by": "ada"})
    resumed_then = LearningEvent(RESUMED, about, NOW)
    assert paused_by_person([]) == ""
    assert paused_by_person([resumed_then, paused_then]).startswith("ada has paused")
    assert paused_by_person([paused_then, resumed_then]) == ""
