"""Merges an open pull request of ours when, and only when, everything allows it."""

from datetime import timedelta

from bot.domain.improvement import Improvement, State
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
from bot.domain.pulls import Merged, NotMerged, Queued
from bot.ports import Ports

AGAIN = timedelta(seconds=30)
"""When to look again at what the host has not merged yet."""


async def land(ports: Ports, improvement: Improvement) -> Improvement:
    """OPEN -> merged, abandoned or held, or wait."""
    decision = await decide(ports, improvement)
    now = ports.clock.now()
    match decision:
        case Wait(until, why):
            return improvement.stay(why, now, look_again_at=until)
        case Block(why):
            return improvement.move(State.HELD, why, now)
        case ClosedUnmerged(why):
            return improvement.move(State.ABANDONED, why, now)
        case AlreadyMerged(sha, why):
            return improvement.move(State.MERGED, why, now, merge_sha=sha, look_again_at=now)
        case Merge(sha, why):
            return await _merge(ports, improvement, sha, why)


async def decide(ports: Ports, improvement: Improvement, *, revert: bool = False) -> MergeDecision:
    """Have the checks run, read the pull request, and decide."""
    number = improvement.revert_pull_request if revert else improvement.pull_request
    if number is None:
        return Block("it has no pull request")
    if await ports.host.pull_request(number) is None:
        return Block(f"pull request {number} is gone")
    await ports.host.request_checks(number)
    pull = await ports.host.pull_request(number)
    if pull is None:
        return Block(f"pull request {number} is gone")
    facts = LandingFacts(
        verified_sha=pull.head_sha if revert else improvement.head_sha,
        confidence=improvement.confidence,
        now=ports.clock.now(),
        opened_at=pull.created_at or improvement.created_at,
        is_revert=revert,
    )
    return decide_merge(pull, ports.policy.landing, facts)


async def _merge(ports: Ports, improvement: Improvement, sha: str, why: str) -> Improvement:
    assert improvement.pull_request is not None  # noqa: S101 - decided on a pull request
    outcome = await ports.host.merge(improvement.pull_request, sha)
    now = ports.clock.now()
    match outcome:
        case Merged(merge_sha):
            return improvement.move(State.MERGED, why, now, merge_sha=merge_sha, look_again_at=now)
        case Queued(reason):
            return improvement.stay(reason, now, look_again_at=now + AGAIN)
        case NotMerged(reason, True):
            return improvement.stay(f"not merged yet: {reason}", now, look_again_at=now + AGAIN)
        case NotMerged(reason):
            return improvement.move(State.HELD, f"not merged: {reason}", now)
