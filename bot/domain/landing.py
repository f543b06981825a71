"""Whether a pull request may be merged now: block beats wait, wait beats merge.

No check, no data, an unknown conclusion or an error is never a pass, and only the commit that the
improvement was verified at is ever merged.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.policy import LandingPolicy
from bot.domain.pulls import Check, Conclusion, PullSnapshot, PullState

_LOOK_AGAIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge exactly this commit."""

    sha: str
    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Block:
    """It will not be merged by itself; a person must look."""

    why: str


@dataclass(frozen=True, slots=True)
class AlreadyMerged:
    """Somebody, or a former attempt of ours, has merged it."""

    sha: str
    why: str


@dataclass(frozen=True, slots=True)
class ClosedUnmerged:
    """A person closed it: that is an answer."""

    why: str


MergeDecision = Merge | Wait | Block | AlreadyMerged | ClosedUnmerged


@dataclass(frozen=True, slots=True)
class LandingFacts:
    """What besides the snapshot decides: our verified commit, the confidence, the time."""

    verified_sha: str
    confidence: float
    now: datetime
    opened_at: datetime
    approved_by_person: bool = False
    is_revert: bool = False


def decide_merge(pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts) -> MergeDecision:
    """Decide what to do with an open pull request of ours."""
    if pull.state is PullState.MERGED and pull.merge_sha:
        return AlreadyMerged(pull.merge_sha, "it is merged")
    if pull.state is PullState.CLOSED:
        return ClosedUnmerged("it was closed without merging")
    blocked = "" if pull.state is PullState.MERGED else _blocks(pull, policy, facts)
    if blocked:
        return Block(blocked)
    waiting = _waits(pull, policy, facts)
    if not waiting:
        return Merge(pull.head_sha, f"{len(policy.required_checks)} required checks passed")
    if facts.now - facts.opened_at > timedelta(seconds=policy.give_up_after_seconds):
        return Block(f"gave up waiting: {waiting}")
    return Wait(facts.now + _LOOK_AGAIN, waiting)


def _blocks(pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts) -> str:
    if not facts.verified_sha:
        return "no commit of it was verified"
    if pull.head_sha != facts.verified_sha:
        return f"its head is {pull.head_sha[:12]}, verified was {facts.verified_sha[:12]}"
    if pull.foreign_commits:
        return "somebody else has committed to the branch"
    if policy.hold_label in pull.labels:
        return f"it has the label {policy.hold_label!r}"
    if pull.changes_requested:
        return "changes are requested by a reviewer"
    if not policy.required_checks:
        return "no required check is named; name one in `landing.required_checks`"
    if pull.mergeable is False:
        return "it conflicts with the branch it should go into"
    failed = [
        f"{check.name} ({check.conclusion})"
        for name in policy.required_checks
        for check in _named(pull, name)
        if check.conclusion not in (Conclusion.SUCCESS, Conclusion.PENDING)
    ]
    return f"required checks did not pass: {', '.join(failed)}" if failed else ""


def _waits(pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts) -> str:
    if pull.state is PullState.MERGED:
        return "it is merged, and the host does not say yet as which commit"
    if pull.draft:
        return "it is a draft"
    missing = [name for name in policy.required_checks if not _named(pull, name)]
    if missing:
        return f"required checks have not reported: {', '.join(missing)}"
    pending = [
        name
        for name in policy.required_checks
        if any(check.conclusion is not Conclusion.SUCCESS for check in _named(pull, name))
    ]
    if pending:
        return f"required checks are running: {', '.join(pending)}"
    if pull.mergeable is None:
        return "the host does not know yet whether it can be merged"
    if pull.approvals < policy.required_approvals and not facts.is_revert:
        return f"{pull.approvals} of {policy.required_approvals} approvals"
    automatic = facts.is_revert or (
        policy.automatic and facts.confidence >= policy.minimum_confidence
    )
    if automatic or facts.approved_by_person:
        return ""
    if policy.automatic:
        return f"confidence {facts.confidence:.2f} is below {policy.minimum_confidence:.2f}"
    return "a person approves merges here (`landing.automatic` is off)"


def _named(pull: PullSnapshot, name: str) -> list[Check]:
    """The checks of that name on the exact head: one on another commit says nothing."""
    return [check for check in pull.checks if check.name == name and check.sha == pull.head_sha]
