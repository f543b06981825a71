"""How much may happen by itself: caps per day, cooldowns, and the circuit breaker.

Pure on what happened. Two workers that look at once never open more than is allowed together:
whoever waits is ranked by when it began to wait, and only those in front may go. Who comes later
is never in front of one that may be opening at this moment.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.events import LearningEvent
from bot.domain.finding import Finding
from bot.domain.improvement import Improvement, State
from bot.domain.policy import LimitsPolicy

PROPOSED, OPENED = "improvement_proposed", "improvement_open"
REVERTING = "improvement_reverting"
RESUMED = "repository_resumed"
PAUSED = "repository_paused"
HAPPENED = (PROPOSED, OPENED, REVERTING, RESUMED)
"""The types of events that limits count."""
_DAY = timedelta(days=1)
_LATER = timedelta(minutes=10)
_FOR_EVER = timedelta(days=36_500)
_ON_OFFER = frozenset({State.FOUND, State.PROPOSED, State.OPEN, State.HELD})
_TAKEN_BACK = frozenset({State.REVERTING, State.REVERTED})


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may go on."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Look again at `until`."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class AskPerson:
    """It is not done without a person."""

    why: str


@dataclass(frozen=True, slots=True)
class History:
    """What happened in one repository, and the time.

    Read the improvements before the events: what moves between the two is then counted twice, and
    never not at all.
    """

    improvements: Sequence[Improvement]
    events: Sequence[LearningEvent]
    now: datetime

    def count(self, kind: str, since: datetime) -> int:
        """How many improvements had an event of this type since then."""
        return len({e.subject for e in self.events if e.event_type == kind and e.at > since})


def window(policy: LimitsPolicy) -> timedelta:
    """How far back the history must reach."""
    return max(_DAY, timedelta(days=policy.pause_window_days))


def paused(history: History, policy: LimitsPolicy) -> str:
    """Why nothing new is proposed or merged in this repository, empty if it may be.

    A person who resumes it begins a new count.
    """
    since = history.now - timedelta(days=policy.pause_window_days)
    resumed = [event.at for event in history.events if event.event_type == RESUMED]
    reverts = history.count(REVERTING, max([since, *resumed]))
    if reverts < policy.pause_after_reverts:
        return ""
    return (
        f"{reverts} reverts in {policy.pause_window_days} days have paused this repository "
        "(`limits.pause_after_reverts`); a person resumes it"
    )


def paused_by_person(events: Iterable[LearningEvent]) -> str:
    """Why nothing at all is done in a repository, empty if it may be; its events, oldest first."""
    said = [event for event in events if event.event_type in (PAUSED, RESUMED)]
    if not said or said[-1].event_type == RESUMED:
        return ""
    who = str(said[-1].after_state.get("by", "")) or "somebody"
    return f"{who} has paused this repository at the dashboard"


def may_open(
    improvement: Improvement, history: History, policy: LimitsPolicy, max_open: int
) -> Allowed | NotNow:
    """Whether the pull request of a proposed improvement may be opened now."""
    now = history.now
    stopped = paused(history, policy) or cooling(
        improvement.finding, history.improvements, policy, now, besides=improvement.id
    )
    if stopped:
        return NotNow(now + _LATER, stopped)
    if improvement.pull_request is not None:
        return Allowed()
    before = _in_front_of(improvement, history)
    if _on_offer(history.improvements) + before >= max_open:
        return NotNow(now + _LATER, f"{max_open} are open at once (`scan.max_open`)")
    if history.count(OPENED, now - _DAY) + before >= policy.pull_requests_per_day:
        why = f"{policy.pull_requests_per_day} a day are opened (`limits.pull_requests_per_day`)"
        return NotNow(now + _LATER, why)
    return Allowed()


def may_revert(
    improvement: Improvement, history: History, policy: LimitsPolicy, *, asked: bool
) -> Allowed | AskPerson:
    """Whether a revert may be opened: one per merge, never of a revert, so many a day.

    What a person has asked for is not counted against the day.
    """
    if improvement.revert_pull_request is not None:
        return AskPerson(f"its revert is #{improvement.revert_pull_request} already")
    if improvement.pull_request in {one.revert_pull_request for one in history.improvements}:
        return AskPerson("it is a revert itself, and a revert is never reverted")
    others = [e for e in history.events if e.subject != improvement.id]
    opened = History(history.improvements, others, history.now).count(REVERTING, history.now - _DAY)
    if not asked and opened >= policy.reverts_per_day:
        return AskPerson(
            f"{opened} reverts in 24 hours are as many as are made by themselves "
            "(`limits.reverts_per_day`)"
        )
    return Allowed()


def cooling(
    finding: Finding,
    improvements: Iterable[Improvement],
    policy: LimitsPolicy,
    now: datetime,
    *,
    besides: str = "",
) -> str:
    """Why a place is left alone for now: something there was closed or taken back. Else empty.

    So what a revert has restored is not improved again by another rule at once.
    """
    for one in improvements:
        ended = one.state is State.ABANDONED or one.state in _TAKEN_BACK
        until = one.updated_at + timedelta(days=policy.cooldown_days)
        if ended and one.id != besides and _same_place(one.finding, finding) and now < until:
            how = "closed" if one.state is State.ABANDONED else "taken back"
            return f"an improvement of the same place was {how} (`limits.cooldown_days`)"
    return ""


def _same_place(one: Finding, other: Finding) -> bool:
    return (one.file, one.function) == (other.file, other.function)


def _on_offer(improvements: Collection[Improvement]) -> int:
    """Those whose pull request is open, or is while they are made anew."""
    return sum(
        one.state in _ON_OFFER and one.pull_request is not None and not one.merge_sha
        for one in improvements
    )


def _in_front_of(improvement: Improvement, history: History) -> int:
    """How many without a pull request began to wait for one before this."""
    began = {e.subject: e.at for e in history.events if e.event_type == PROPOSED}
    long_ago = history.now - _FOR_EVER

    def rank(one: Improvement) -> tuple[datetime, datetime, str]:
        return began.get(one.id, long_ago), one.created_at, one.id

    waiting = [
        one
        for one in history.improvements
        if one.state is State.PROPOSED and one.pull_request is None
    ]
    return sum(rank(one) < rank(improvement) for one in waiting)
