"""Merges an open pull request of ours when, and only when, everything allows it."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.events import LearningEvent
from bot.domain.improvement import Improvement, State
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
)
from bot.domain.limits import paused
from bot.domain.pulls import Merged, NotMerged, PullSnapshot, Queued
from bot.domain.steering import Steered
from bot.ports import Ports, UserError
from bot.workflows.history import recent_events, steering_now
from bot.workflows.show_ci import show_ci_report
from bot.workflows.unanswered import unanswered_on

AGAIN = timedelta(seconds=30)
"""When to look again at what the host has not merged yet."""
PERSON_MERGES = (
    "a person approves merges here (ENABLE_AUTO_IMPROVEMENTS is off): merge it, or comment "
    "`/ironclaw approve` with its head commit"
)


async def land(ports: Ports, improvement: Improvement) -> Improvement:
    """OPEN -> merged, abandoned or held, or wait."""
    await show_ci_report(ports, improvement, improvement.head_sha)
    decision = await decide(ports, improvement)
    if isinstance(decision, Merge):
        if await is_spoken_to(ports, improvement):
            # It may say `hold`.
            now = ports.clock.now()
            again = now + AGAIN
            return improvement.stay("a comment waits for its answer", now, look_again_at=again)
        # Comments take their time: a check may have been run again since, and have failed.
        decision = await decide(ports, improvement)
    now = ports.clock.now()
    match decision:
        case Wait(until, why):
            return improvement.stay(why, now, look_again_at=until)
        case Block(why):
            return improvement.move(State.HELD, why, now)
        case Rebuild(why):
            return improvement.move(State.HELD, f"{why}; made anew", now, look_again_at=now)
        case ClosedUnmerged(why):
            return improvement.move(State.ABANDONED, why, now)
        case AlreadyMerged(sha, why):
            return improvement.move(State.MERGED, why, now, merge_sha=sha, look_again_at=now)
        case Merge(sha, why):
            return await merge(ports, improvement, sha, why)


async def is_spoken_to(ports: Ports, improvement: Improvement) -> bool:
    """Whether a comment on its pull request is not answered yet."""
    number = improvement.pull_request
    if ports.forum is None or number is None:
        return False
    try:
        return bool(await unanswered_on(ports, ports.forum, improvement.repository, number))
    except UserError:
        # Where we may read no comments nobody can command us by them.
        return False


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
    least = max(ports.policy.landing.minimum_confidence, ports.operator.minimum_confidence)
    policy = replace(ports.policy.landing, minimum_confidence=least)
    facts = await _facts(ports, improvement, pull, revert=revert)
    decision = decide_merge(pull, policy, facts)
    if must_stop_merging(pull, policy, facts) or (pull.queued and isinstance(decision, Block)):
        # Else the host would merge what we would not.
        await ports.host.stop_merging(number)
    return decision


async def _facts(
    ports: Ports, improvement: Improvement, pull: PullSnapshot, *, revert: bool
) -> LandingFacts:
    steering = await steering_now(ports, improvement)
    facts = LandingFacts(
        verified_sha=pull.head_sha if revert else improvement.head_sha,
        confidence=improvement.confidence,
        now=ports.clock.now(),
        opened_at=pull.created_at or improvement.created_at,
        is_revert=revert,
        queued_before=steering.queued.count(pull.head_sha),
    )
    if revert:
        return facts
    history = await recent_events(ports, improvement.repository)
    return replace(
        facts,
        approved_sha=steering.approved_sha,
        base=(await ports.host.repository()).default_branch,
        rebuilt=steering.rebuilt,
        stopped=paused(history, ports.policy.limits),
        person_merges="" if ports.operator.merges else PERSON_MERGES,
    )


async def merge(ports: Ports, improvement: Improvement, sha: str, why: str) -> Improvement:
    """Merge exactly this commit; what the host refuses for good is held."""
    assert improvement.pull_request is not None  # noqa: S101 - decided on a pull request
    outcome = await ask_to_merge(ports, improvement, improvement.pull_request, sha)
    now = ports.clock.now()
    match outcome:
        case Merged(merge_sha):
            return improvement.move(State.MERGED, why, now, merge_sha=merge_sha, look_again_at=now)
        case Queued(reason):
            return _opened(improvement, reason, ports)
        case NotMerged(reason, True):
            return _opened(improvement, f"not merged yet: {reason}", ports)
        case NotMerged(reason) if improvement.state is State.HELD:
            # A person was told already; saying it again with every event would never end.
            return improvement
        case NotMerged(reason):
            return improvement.move(State.HELD, f"not merged: {reason}", now)


async def ask_to_merge(
    ports: Ports, improvement: Improvement, number: int, sha: str
) -> Merged | Queued | NotMerged:
    """Merge exactly this commit, and remember it if the host does so only when its turn comes."""
    outcome = await ports.host.merge(number, sha)
    if isinstance(outcome, Queued):
        async with ports.stores() as store:
            at, asked = ports.clock.now(), {"sha": sha}
            await store.record(LearningEvent(Steered.QUEUED, improvement.id, at, {}, asked))
            await store.commit()
    return outcome


def _opened(improvement: Improvement, why: str, ports: Ports) -> Improvement:
    now = ports.clock.now()
    if improvement.state is State.OPEN:
        return improvement.stay(why, now, look_again_at=now + AGAIN)
    return improvement.move(State.OPEN, why, now, look_again_at=now + AGAIN)
