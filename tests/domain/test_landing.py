from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.landing import (
    AlreadyMerged,
    Block,
    ClosedUnmerged,
    LandingFacts,
    Merge,
    MergeDecision,
    Rebuild,
    Wait,
    decide_merge,
    must_stop_merging,
    required_checks,
)
from bot.domain.policy import LandingPolicy
from bot.domain.pulls import Check, Conclusion, PullSnapshot, PullState, RequiredCheck
from tests.domain.samples import NOW, later

HEAD, OTHER = "a" * 40, "c" * 40
POLICY = LandingPolicy(automatic=True, required_checks=("tests", "lint"))
GREEN = (Check("tests", HEAD, Conclusion.SUCCESS), Check("lint", HEAD, Conclusion.SUCCESS))
READY = PullSnapshot(1, "b", "main", HEAD, PullState.OPEN, checks=GREEN, mergeable=True)
ASKED = (RequiredCheck("ci", 1),)
SKIPPED = (Check("tests", HEAD, Conclusion.SKIPPED), Check("lint", HEAD, Conclusion.NEUTRAL))
FACTS = LandingFacts(verified_sha=HEAD, confidence=0.9, now=NOW, opened_at=NOW)


def decide(**changes: Any) -> MergeDecision:
    """The decision on what is ready to be merged but for the changes."""
    return decide_merge(*ready_but_for(changes))


def ready_but_for(changes: dict[str, Any]) -> tuple[PullSnapshot, LandingPolicy, LandingFacts]:
    """What is ready to be merged but for the changes.

    `policy.x` and `pull.x` say whose `x` it is where both have one.
    """
    changes = dict(changes)

    def changed(value: Any, prefix: str) -> Any:
        names = {n: p for n in value.__dataclass_fields__ for p in (n, f"{prefix}.{n}")}
        given = {n: p for n, p in names.items() if p in changes}
        given |= {n: n for n in names if n in changes}
        return replace(value, **{name: changes.pop(path) for name, path in given.items()})

    pull, policy, facts = changed(READY, "pull"), changed(POLICY, "policy"), changed(FACTS, "facts")
    assert changes == {}
    return pull, policy, facts


def test_what_is_ready_is_merged_at_its_verified_commit() -> None:
    assert decide() == Merge(HEAD, "2 required checks passed")


def test_what_is_taken_out_of_the_queue_gets_two_more_turns() -> None:
    assert isinstance(decide(queued_before=2), Merge)
    assert isinstance(decide(queued_before=3), Block)
    assert isinstance(decide(queued_before=3, queued=True), Wait)


def must_stop(**changes: Any) -> bool:
    return must_stop_merging(*ready_but_for({"queued": True} | changes))


BLOCKS: list[dict[str, Any]] = [
    {"head_sha": OTHER},
    {"verified_sha": OTHER},
    {"head_sha": "", "verified_sha": ""},
    {"foreign_commits": (OTHER,)},
    {"pull.base": "release", "facts.base": "main"},
    {"labels": frozenset({"hold"})},
    {"changes_requested": ("ann",)},
    {"required_checks": ()},
    {"mergeable": False, "rebuilt": True},
    {"mergeable": False, "is_revert": True},
    *[
        {"checks": (GREEN[0], Check("lint", HEAD, conclusion))}
        for conclusion in Conclusion
        if conclusion not in (Conclusion.SUCCESS, Conclusion.PENDING)
    ],
    {"checks": (*GREEN, Check("lint", HEAD, Conclusion.FAILURE, "another app"))},
    {"required": ASKED, "checks": (*GREEN, Check("ci", HEAD, Conclusion.FAILURE, app_id=1))},
]
WAITS: list[dict[str, Any]] = [
    {"draft": True},
    {"checks": ()},
    {"checks": GREEN[:1]},
    {"checks": (GREEN[0], Check("lint", OTHER, Conclusion.SUCCESS))},
    {"checks": (GREEN[0], Check("Lint", HEAD, Conclusion.SUCCESS))},
    {"checks": (GREEN[0], Check("lint", HEAD, Conclusion.PENDING))},
    {"checks": (*GREEN, Check("lint", HEAD, Conclusion.PENDING, "another app"))},
    {"mergeable": None},
    {"policy.required_approvals": 1},
    {"pull.required_approvals": 1},
    {"pull.required_approvals": 1, "is_revert": True},
    {"queued": True},
    {"person_merges": "a person merges"},
    {"required_checks": ("tests@ci", "lint@ci")},
    {"required": ASKED},
    {"required": ASKED, "checks": (*GREEN, Check("ci", HEAD, Conclusion.SUCCESS, app_id=2))},
    {"required": ASKED, "checks": (*GREEN, Check("ci", HEAD, Conclusion.SUCCESS))},
    {"required": ASKED, "checks": (*GREEN, Check("ci", OTHER, Conclusion.SUCCESS, app_id=1))},
    {"automatic": False},
    {"automatic": False, "approved_sha": OTHER},
    {"confidence": 0.69},
    {"confidence": float("nan")},
]


@pytest.mark.parametrize("changes", BLOCKS, ids=str)
def test_blocks(changes: dict[str, Any]) -> None:
    assert isinstance(decide(**changes), Block)


@pytest.mark.parametrize("changes", WAITS, ids=str)
def test_waits_and_gives_up(changes: dict[str, Any]) -> None:
    found = decide(**changes)
    assert isinstance(found, Wait)
    assert NOW < found.until <= later(60)
    day = timedelta(seconds=POLICY.give_up_after_seconds)
    assert isinstance(decide(**changes, opened_at=NOW - day), Wait)
    gave_up = decide(**changes, opened_at=NOW - day - timedelta(seconds=1))
    assert gave_up == Block(f"gave up waiting: {found.why}")


@pytest.mark.parametrize("changes", BLOCKS, ids=str)
def test_the_host_does_not_merge_by_itself_what_is_blocked(changes: dict[str, Any]) -> None:
    assert must_stop(**changes)


@pytest.mark.parametrize("changes", WAITS, ids=str)
def test_the_host_does_not_merge_for_us_what_waits_again(changes: dict[str, Any]) -> None:
    """A check that only the policy names may run again while the host waits for others."""
    is_the_hosts = changes in ({"queued": True}, {"mergeable": None})
    assert must_stop(**changes, queued_before=1) is not is_the_hosts
    # A person has asked the host, who may.
    assert not must_stop(**changes)


def test_what_is_stopped_is_not_merged_by_the_host_and_what_is_ready_is() -> None:
    assert must_stop(stopped="paused")
    assert not must_stop()
    assert not must_stop(queued_before=1)
    assert not must_stop(state=PullState.MERGED, foreign_commits=(OTHER,))
    assert not must_stop_merging(*ready_but_for({"foreign_commits": (OTHER,)}))


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), timedelta(seconds=30)),
        (timedelta(minutes=10), timedelta(seconds=30)),
        (timedelta(hours=1), timedelta(minutes=3)),
        (timedelta(hours=12), timedelta(minutes=15)),
        (timedelta(seconds=-5), timedelta(seconds=30)),
    ],
    ids=str,
)
def test_the_older_it_is_the_less_often_it_is_looked_at(age: timedelta, pause: timedelta) -> None:
    found = decide(checks=(), opened_at=NOW - age)
    assert isinstance(found, Wait)
    assert found.until == NOW + pause


def subjects(changes: dict[str, Any]) -> set[str]:
    """What the changes are about: which checks are wanted and which reported is one subject."""
    return {"checks" if name in ("required", "required_checks") else name for name in changes}


@pytest.mark.parametrize(("block", "wait"), list(product(BLOCKS, WAITS)))
def test_block_beats_wait(block: dict[str, Any], wait: dict[str, Any]) -> None:
    if not subjects(block) & subjects(wait):
        assert isinstance(decide(**block, **wait), Block)


@pytest.mark.parametrize("changes", [*BLOCKS, *WAITS], ids=str)
def test_what_is_over_is_over_whatever_else_is_so(changes: dict[str, Any]) -> None:
    merged = decide(**changes, state=PullState.MERGED, merge_sha="m" * 40)
    assert merged == AlreadyMerged("m" * 40, "it is merged")
    assert isinstance(decide(**changes, state=PullState.CLOSED), ClosedUnmerged)


def test_a_merge_without_a_commit_is_waited_for() -> None:
    assert isinstance(decide(state=PullState.MERGED), Wait)
    late = decide(state=PullState.MERGED, opened_at=NOW - timedelta(days=2))
    assert isinstance(late, Block)


def test_who_may_merge() -> None:
    assert isinstance(decide(automatic=False, approved_sha=HEAD), Merge)
    assert isinstance(decide(confidence=0.1, approved_sha=HEAD), Merge)
    assert isinstance(decide(person_merges="a person", approved_sha=HEAD), Merge)
    assert isinstance(decide(confidence=0.7), Merge)
    two: dict[str, Any] = {"policy.required_approvals": 2}
    assert isinstance(decide(**two, approvals=2), Merge)
    assert isinstance(decide(**two, approvals=1, approved_sha=HEAD), Wait)
    more: dict[str, Any] = two | {"pull.required_approvals": 3}
    assert isinstance(decide(**more, approvals=2), Wait)
    assert isinstance(decide(**more, approvals=3), Merge)


def test_a_conflict_is_rebuilt_once() -> None:
    assert isinstance(decide(mergeable=False), Rebuild)
    assert isinstance(decide(mergeable=False, draft=True), Rebuild)
    assert isinstance(decide(mergeable=False, labels=frozenset({"hold"})), Block)
    assert isinstance(decide(mergeable=False, stopped="off"), Wait)


@pytest.mark.parametrize("changes", WAITS, ids=str)
def test_what_is_stopped_waits_and_is_never_given_up(changes: dict[str, Any]) -> None:
    long_ago = NOW - timedelta(days=400)
    found = decide(**changes, stopped="the kill switch is on", opened_at=long_ago)
    assert isinstance(found, Wait)
    assert found.why == "the kill switch is on"
    assert isinstance(decide(stopped="off", approved_sha=HEAD), Wait)


def test_what_was_skipped_passes_only_where_the_policy_says_so_and_something_passed() -> None:
    skipped = (GREEN[0], SKIPPED[1])
    assert isinstance(decide(checks=skipped), Block)
    assert isinstance(decide(checks=skipped, neutral_passes=True), Merge)
    assert isinstance(decide(checks=SKIPPED, neutral_passes=True), Block)
    failed = (GREEN[0], Check("lint", HEAD, Conclusion.CANCELLED))
    assert isinstance(decide(checks=failed, neutral_passes=True), Block)


def test_what_the_host_asks_for_is_enough() -> None:
    passed = Check("ci", HEAD, Conclusion.SUCCESS, "ci-app", app_id=1)
    assert decide(required=ASKED, required_checks=(), checks=(passed,)) == Merge(
        HEAD, "1 required checks passed"
    )
    again = replace(passed, conclusion=Conclusion.FAILURE)
    assert isinstance(decide(required=ASKED, required_checks=(), checks=(passed, again)), Block)


def test_a_check_is_bound_to_its_app_by_name() -> None:
    named = ("tests@ci", "odd@name@ci")
    good = [Check(name, HEAD, Conclusion.SUCCESS, "ci") for name in ("tests", "odd@name")]
    fake = Check("tests", HEAD, Conclusion.FAILURE, "someone-else")
    assert isinstance(decide(required_checks=named, checks=(*good, fake)), Merge)
    assert isinstance(decide(required_checks=named, checks=(good[1], fake)), Wait)
    assert isinstance(decide(required_checks=named, checks=good[:1]), Wait)


def test_a_revert_needs_no_person_but_every_check() -> None:
    nobody: dict[str, Any] = {
        "automatic": False,
        "confidence": 0.0,
        "policy.required_approvals": 2,
        "person_merges": "a person",
        "is_revert": True,
    }
    assert isinstance(decide(**nobody), Merge)
    assert isinstance(decide(**nobody, checks=()), Wait)
    assert isinstance(decide(**nobody, required_checks=()), Block)


CHECKS = st.builds(
    Check,
    st.sampled_from(["tests", "lint", "other"]),
    st.sampled_from([HEAD, OTHER, ""]),
    st.sampled_from([Conclusion.SUCCESS] * 5 + list(Conclusion)),
    st.sampled_from(["", "app", "evil"]),
    app_id=st.sampled_from([None, 1, 2]),
)
SHAS = st.sampled_from([HEAD, HEAD, HEAD, OTHER, ""])
PULLS = st.builds(
    PullSnapshot,
    number=st.just(1),
    branch=st.just("b"),
    base=st.just("main"),
    head_sha=SHAS,
    state=st.sampled_from([PullState.OPEN] * 4 + list(PullState)),
    merge_sha=st.sampled_from(["", "m"]),
    draft=st.booleans(),
    labels=st.frozensets(st.sampled_from(["hold", "x"])),
    checks=st.lists(CHECKS, max_size=5).map(lambda more: (*GREEN, *more))
    | st.lists(CHECKS, max_size=5).map(tuple),
    mergeable=st.sampled_from([True, True, False, None]),
    foreign_commits=st.sampled_from([(), (), (), (OTHER,)]),
    approvals=st.integers(0, 2),
    changes_requested=st.sampled_from([(), (), (), ("ann",)]),
    required=st.sampled_from(
        [(), (), (RequiredCheck("other", 1),), (RequiredCheck("lint", None),)]
    ),
    required_approvals=st.integers(0, 1),
    queued=st.sampled_from([False, False, True]),
)
POLICIES = st.builds(
    LandingPolicy,
    automatic=st.booleans(),
    required_checks=st.sampled_from([(), ("tests",), ("tests", "lint"), ("tests@app",)]),
    neutral_passes=st.booleans(),
    required_approvals=st.integers(0, 1),
)
GIVEN = st.builds(
    LandingFacts,
    verified_sha=SHAS,
    confidence=st.floats(0, 1),
    now=st.just(NOW),
    opened_at=st.integers(-200_000, 10).map(later),
    approved_sha=SHAS,
    is_revert=st.booleans(),
    rebuilt=st.booleans(),
    stopped=st.sampled_from(["", "", "off"]),
    person_merges=st.sampled_from(["", "a person"]),
)


def reported(
    pull: PullSnapshot, name: str, app: str = "", number: int | None = None
) -> list[Conclusion]:
    """The conclusions that count, picked one by one: a slow and obvious second reading."""
    found = []
    for check in pull.checks:
        if check.name != name or check.sha != pull.head_sha:
            continue
        if app and check.source != app:
            continue
        if number is not None and check.app_id != number:
            continue
        found.append(check.conclusion)
    return found


def all_wanted(pull: PullSnapshot, policy: LandingPolicy) -> list[list[Conclusion]]:
    named = [
        reported(pull, "tests", "app") if entry == "tests@app" else reported(pull, entry)
        for entry in policy.required_checks
    ]
    return named + [reported(pull, asked.name, number=asked.app_id) for asked in pull.required]


@settings(max_examples=400)
@given(PULLS, POLICIES, GIVEN)
def test_security_15_green_is_every_required_check_of_its_app_on_the_exact_head(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts
) -> None:
    found = decide_merge(pull, policy, facts)
    assert isinstance(found, ClosedUnmerged) or found.why
    if not isinstance(found, Merge):
        return
    every = all_wanted(pull, policy)
    assert every
    assert all(every)
    seen = {conclusion for each in every for conclusion in each}
    assert Conclusion.SUCCESS in seen
    soft = {Conclusion.NEUTRAL, Conclusion.SKIPPED} if policy.neutral_passes else set()
    assert seen <= {Conclusion.SUCCESS} | soft


@settings(max_examples=400)
@given(PULLS, POLICIES, GIVEN)
def test_security_14_only_the_verified_head_of_an_open_pull_request_is_merged(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts
) -> None:
    found = decide_merge(pull, policy, facts)
    if isinstance(found, Merge):
        assert found.sha
        assert found.sha == facts.verified_sha == pull.head_sha
        assert pull.state is PullState.OPEN
        assert not pull.queued
        assert pull.mergeable


@settings(max_examples=400)
@given(PULLS, POLICIES, GIVEN)
def test_security_17_a_person_can_always_keep_it_from_being_merged(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts
) -> None:
    found = decide_merge(pull, policy, facts)
    if isinstance(found, Merge):
        assert not pull.draft
        assert pull.foreign_commits == pull.changes_requested == ()
        assert "hold" not in pull.labels
        assert not facts.stopped
        needed = pull.required_approvals if facts.is_revert else policy.required_approvals
        assert pull.approvals >= max(needed, pull.required_approvals)
        approved = facts.approved_sha == found.sha
        assert facts.is_revert or approved or (policy.automatic and not facts.person_merges)


@given(PULLS, POLICIES, GIVEN, st.lists(CHECKS, max_size=4))
def test_checks_of_other_commits_other_names_and_other_apps_change_nothing(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts, more: list[Check]
) -> None:
    wanted = required_checks(pull, policy)
    strange = [
        check
        for check in more
        if check.sha != pull.head_sha
        or not any(
            check.name == each.name
            and each.source in ("", check.source)
            and each.app_id in (None, check.app_id)
            for each in wanted
        )
    ]
    with_more = replace(pull, checks=(*strange, *pull.checks))
    assert decide_merge(with_more, policy, facts) == decide_merge(pull, policy, facts)
