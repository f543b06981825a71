from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.landing import (
    AlreadyMerged,
    Block,
    ClosedUnmerged,
    LandingFacts,
    Merge,
    MergeDecision,
    Wait,
    decide_merge,
)
from bot.domain.policy import LandingPolicy
from bot.domain.pulls import Check, Conclusion, PullSnapshot, PullState
from tests.domain.samples import NOW, later

HEAD, OTHER = "a" * 40, "c" * 40
POLICY = LandingPolicy(automatic=True, required_checks=("tests", "lint"))
GREEN = (Check("tests", HEAD, Conclusion.SUCCESS), Check("lint", HEAD, Conclusion.SUCCESS))
READY = PullSnapshot(1, "b", "main", HEAD, PullState.OPEN, checks=GREEN, mergeable=True)
FACTS = LandingFacts(verified_sha=HEAD, confidence=0.9, now=NOW, opened_at=NOW)


def decide(**changes: Any) -> MergeDecision:
    """The decision on what is ready to be merged but for the changes."""

    def changed(value: Any) -> Any:
        names = value.__dataclass_fields__.keys() & changes.keys()
        return replace(value, **{name: changes.pop(name) for name in names})

    pull, policy, facts = changed(READY), changed(POLICY), changed(FACTS)
    assert changes == {}
    return decide_merge(pull, policy, facts)


def test_what_is_ready_is_merged_at_its_verified_commit() -> None:
    assert decide() == Merge(HEAD, "2 required checks passed")


BLOCKS: list[dict[str, Any]] = [
    {"head_sha": OTHER},
    {"verified_sha": OTHER},
    {"head_sha": "", "verified_sha": ""},
    {"foreign_commits": (OTHER,)},
    {"labels": frozenset({"hold"})},
    {"changes_requested": ("ann",)},
    {"required_checks": ()},
    {"mergeable": False},
    *[
        {"checks": (GREEN[0], Check("lint", HEAD, conclusion))}
        for conclusion in Conclusion
        if conclusion not in (Conclusion.SUCCESS, Conclusion.PENDING)
    ],
    {"checks": (*GREEN, Check("lint", HEAD, Conclusion.FAILURE, "another app"))},
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
    {"required_approvals": 1},
    {"automatic": False},
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


@pytest.mark.parametrize(("block", "wait"), list(product(BLOCKS, WAITS)))
def test_block_beats_wait(block: dict[str, Any], wait: dict[str, Any]) -> None:
    if not block.keys() & wait.keys():
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
    assert isinstance(decide(automatic=False, approved_by_person=True), Merge)
    assert isinstance(decide(confidence=0.1, approved_by_person=True), Merge)
    assert isinstance(decide(confidence=0.7), Merge)
    assert isinstance(decide(required_approvals=2, approvals=2), Merge)
    assert isinstance(decide(required_approvals=2, approvals=1, approved_by_person=True), Wait)


def test_a_revert_needs_no_person_but_every_check() -> None:
    nobody: dict[str, Any] = {
        "automatic": False,
        "confidence": 0.0,
        "required_approvals": 2,
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
    st.sampled_from(["", "app"]),
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
)
POLICIES = st.builds(
    LandingPolicy,
    automatic=st.booleans(),
    required_checks=st.sampled_from([(), ("tests",), ("tests", "lint")]),
    required_approvals=st.integers(0, 1),
)
GIVEN = st.builds(
    LandingFacts,
    verified_sha=SHAS,
    confidence=st.floats(0, 1),
    now=st.just(NOW),
    opened_at=st.integers(-200_000, 10).map(later),
    approved_by_person=st.booleans(),
    is_revert=st.booleans(),
)


@given(PULLS, POLICIES, GIVEN)
def test_a_merge_is_of_the_verified_commit_with_every_required_check_passed(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts
) -> None:
    found = decide_merge(pull, policy, facts)
    assert isinstance(found, ClosedUnmerged) or found.why
    if not isinstance(found, Merge):
        return
    assert found.sha
    assert found.sha == facts.verified_sha == pull.head_sha
    assert pull.state is PullState.OPEN
    assert policy.required_checks
    for name in policy.required_checks:
        named = [c.conclusion for c in pull.checks if (c.name, c.sha) == (name, found.sha)]
        assert named
        assert set(named) == {Conclusion.SUCCESS}
    assert not pull.draft
    assert pull.foreign_commits == pull.changes_requested == ()
    assert pull.mergeable
    assert "hold" not in pull.labels
    assert facts.is_revert or pull.approvals >= policy.required_approvals
    assert policy.automatic or facts.is_revert or facts.approved_by_person


@given(PULLS, POLICIES, GIVEN, st.lists(CHECKS, max_size=4))
def test_checks_of_other_commits_and_other_names_change_nothing(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts, more: list[Check]
) -> None:
    strange = [
        check
        for check in more
        if check.sha != pull.head_sha or check.name not in policy.required_checks
    ]
    with_more = replace(pull, checks=(*strange, *pull.checks))
    assert decide_merge(with_more, policy, facts) == decide_merge(pull, policy, facts)
