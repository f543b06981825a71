"""Whether a pull request may be merged now: block beats wait, wait beats merge.

No check, no data, an unknown conclusion or an error is never a pass, and only the commit that the
improvement was verified at is ever merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.policy import LandingPolicy
from bot.domain.pulls import Check, Conclusion, PullSnapshot, PullState

# Deliveries wake what waits; looking again is for those that are lost, and the older it is, the
# longer its checks or its people have taken so far.
_LOOK_AGAIN = timedelta(seconds=30)
_LOOK_AGAIN_LATEST = timedelta(minutes=15)
_PATIENCE = 1 / 20
_LOOK_AGAIN_STOPPED = timedelta(minutes=5)
_QUEUED_AT_MOST = 3
"""A flaky check in a merge queue deserves another turn; one that fails there does not."""
_NOTHING_SAID = (Conclusion.NEUTRAL, Conclusion.SKIPPED)


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
class Rebuild:
    """It conflicts with what was committed meanwhile: make it anew on the new base, once."""

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


MergeDecision = Merge | Wait | Block | Rebuild | AlreadyMerged | ClosedUnmerged


@dataclass(frozen=True, slots=True)
class LandingFacts:
    """What besides the snapshot decides.

    `verified_sha` is our verified commit, `approved_sha` the one that a person has approved;
    `stopped` says why nothing may be merged now (a kill switch, a pause), `person_merges` why a
    person must approve, `rebuilt` that it was made anew already, and `queued_before` how often the
    host was asked to merge this head when its turn comes. `base` is the branch that it may go into,
    empty where that is not known.
    """

    verified_sha: str
    confidence: float
    now: datetime
    opened_at: datetime
    approved_sha: str = ""
    base: str = ""
    is_revert: bool = False
    rebuilt: bool = False
    queued_before: int = 0
    stopped: str = ""
    person_merges: str = ""


def decide_merge(pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts) -> MergeDecision:
    """Decide what to do with an open pull request of ours."""
    if pull.state is PullState.MERGED and pull.merge_sha:
        return AlreadyMerged(pull.merge_sha, "it is merged")
    if pull.state is PullState.CLOSED:
        return ClosedUnmerged("it was closed without merging")
    wanted = required_checks(pull, policy)
    blocked = "" if pull.state is PullState.MERGED else _blocks(pull, policy, facts, wanted)
    if blocked:
        return Block(blocked)
    if facts.stopped:
        return Wait(facts.now + _LOOK_AGAIN_STOPPED, facts.stopped)
    if pull.mergeable is False and pull.state is PullState.OPEN:
        return Rebuild("it conflicts with the branch it should go into")
    waiting = _waits(pull, policy, facts, wanted)
    if not waiting and facts.queued_before >= _QUEUED_AT_MOST:
        return Block(f"its merge was queued {facts.queued_before} times and taken out each time")
    if not waiting:
        return Merge(pull.head_sha, f"{len(wanted)} required checks passed")
    if facts.now - facts.opened_at > timedelta(seconds=policy.give_up_after_seconds):
        return Block(f"gave up waiting: {waiting}")
    patience = (facts.now - facts.opened_at) * _PATIENCE
    return Wait(facts.now + min(max(patience, _LOOK_AGAIN), _LOOK_AGAIN_LATEST), waiting)


def must_stop_merging(pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts) -> bool:
    """Whether the host must be kept from merging by itself what it would merge when its turn comes.

    The host knows its own rules alone: a check that only the policy names may run again meanwhile.
    Where a person has let it be merged so, what is merely waited for is theirs to judge.
    """
    if not pull.queued or pull.state is not PullState.OPEN:
        return False
    wanted = required_checks(pull, policy)
    if facts.stopped or _blocks(pull, policy, facts, wanted):
        return True
    alone = replace(pull, queued=False, mergeable=True)
    return bool(facts.queued_before and _waits(alone, policy, facts, wanted))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One required check: its name, and the app that it must come from, if one is bound."""

    name: str
    source: str = ""
    app_id: int | None = None

    def __str__(self) -> str:
        return f"{self.name}@{self.source}" if self.source else self.name

    def reported(self, pull: PullSnapshot) -> list[Check]:
        """What counts for it: from its app, and on the exact head; all else says nothing."""
        return [
            check
            for check in pull.checks
            if (check.name, check.sha) == (self.name, pull.head_sha)
            and (not self.source or check.source == self.source)
            and (self.app_id is None or check.app_id == self.app_id)
        ]


def required_checks(pull: PullSnapshot, policy: LandingPolicy) -> tuple[Wanted, ...]:
    """What the policy and the host ask for together, each once.

    In `name@app` the last `@` counts, so that a name that holds one can be bound as well.
    """
    named = [Wanted(*_bound(entry)) for entry in policy.required_checks]
    asked = [Wanted(check.name, app_id=check.app_id) for check in pull.required]
    return tuple(dict.fromkeys((*named, *asked)))


def _bound(entry: str) -> tuple[str, str]:
    name, at, source = entry.rpartition("@")
    return (name, source) if at and name and source else (entry, "")


def _blocks(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts, wanted: Sequence[Wanted]
) -> str:
    if not facts.verified_sha:
        return "no commit of it was verified"
    if pull.head_sha != facts.verified_sha:
        return f"its head is {pull.head_sha[:12]}, verified was {facts.verified_sha[:12]}"
    if facts.base and pull.base != facts.base:
        return f"it would go into {pull.base}, not into {facts.base}"
    if pull.foreign_commits:
        return "somebody else has committed to the branch"
    if policy.hold_label in pull.labels:
        return f"it has the label {policy.hold_label!r}"
    if pull.changes_requested:
        return "changes are requested by a reviewer"
    if not wanted:
        return "no required check is named; name one in `landing.required_checks`"
    if pull.mergeable is False and (facts.rebuilt or facts.is_revert):
        again = "again " if facts.rebuilt else ""
        return f"it conflicts {again}with the branch it should go into"
    return _failures(pull, policy, wanted)


def _failures(pull: PullSnapshot, policy: LandingPolicy, wanted: Sequence[Wanted]) -> str:
    ended = [
        check
        for each in wanted
        for check in each.reported(pull)
        if check.conclusion is not Conclusion.PENDING
    ]
    failed = [f"{check.name} ({check.conclusion})" for check in ended if not _passes(check, policy)]
    if failed:
        return f"required checks did not pass: {', '.join(dict.fromkeys(failed))}"
    everything = all(each.reported(pull) for each in wanted)
    if everything and ended and all(check.conclusion in _NOTHING_SAID for check in ended):
        return "every required check was skipped or neutral, so nothing has passed"
    return ""


def _passes(check: Check, policy: LandingPolicy) -> bool:
    if check.conclusion in _NOTHING_SAID:
        return policy.neutral_passes
    return check.conclusion is Conclusion.SUCCESS


def _waits(
    pull: PullSnapshot, policy: LandingPolicy, facts: LandingFacts, wanted: Sequence[Wanted]
) -> str:
    if pull.state is PullState.MERGED:
        return "it is merged, and the host does not say yet as which commit"
    if pull.draft:
        return "it is a draft"
    missing = [str(each) for each in wanted if not each.reported(pull)]
    if missing:
        return f"required checks have not reported: {', '.join(missing)}"
    running = [
        str(each)
        for each in wanted
        if any(check.conclusion is Conclusion.PENDING for check in each.reported(pull))
    ]
    if running:
        return f"required checks are running: {', '.join(running)}"
    if pull.queued:
        return "the host merges it by itself when its turn comes"
    if pull.mergeable is None:
        return "the host does not know yet whether it can be merged"
    needed = max(pull.required_approvals, 0 if facts.is_revert else policy.required_approvals)
    if pull.approvals < needed:
        return f"{pull.approvals} of {needed} approvals"
    return "" if facts.approved_sha == pull.head_sha else _waits_for_person(policy, facts)


def _waits_for_person(policy: LandingPolicy, facts: LandingFacts) -> str:
    if facts.is_revert:
        return ""
    if facts.person_merges:
        return facts.person_merges
    if not policy.automatic:
        return "a person approves merges here (`landing.automatic` is off)"
    if facts.confidence >= policy.minimum_confidence:
        return ""
    return f"confidence {facts.confidence:.2f} is below {policy.minimum_confidence:.2f}"
