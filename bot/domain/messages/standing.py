"""Where an improvement stands, in one sentence on what it waits for and what you can do."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.improvement import Improvement, State
from bot.domain.messages.text import CHECK_TITLE_LIMIT, fitting, plain, prose, shortened
from bot.domain.talk import Standing, StatusLine

_TITLES: Mapping[State, str] = MappingProxyType(
    {
        State.FOUND: "Being verified",
        State.PROPOSED: "Verified",
        State.OPEN: "Waits",
        State.MERGED: "Merged",
        State.WATCHING: "Being watched",
        State.KEPT: "Kept",
        State.REJECTED: "Not proposed",
        State.ABANDONED: "Closed",
        State.REVERTING: "Being taken back",
        State.REVERTED: "Taken back",
        State.HELD: "Needs you",
    }
)
_DONE = frozenset({State.KEPT, State.REJECTED, State.ABANDONED, State.REVERTED})


def status_line(improvement: Improvement) -> StatusLine:
    """What the check run of ours shows."""
    standing = Standing.WAITING
    if improvement.state in _DONE:
        standing = Standing.DONE
    if improvement.state is State.HELD:
        standing = Standing.NEEDS_PERSON
    title = f"{_TITLES[improvement.state]}: {plain(improvement.reason)}"
    text = fitting((sentence(improvement), what_to_do(improvement)))
    return StatusLine(standing, shortened(title, CHECK_TITLE_LIMIT), text)


def sentence(improvement: Improvement) -> str:
    """The state and its reason, as one sentence of Markdown."""
    return f"**{_TITLES[improvement.state]}.** {prose(improvement.reason)}"


def what_to_do(improvement: Improvement) -> str:
    """What a person can do about it now, most likely first."""
    head = improvement.head_sha[:12]
    match improvement.state:
        case State.FOUND | State.PROPOSED:
            return "Nothing is asked of you. `/ironclaw ignore` drops it."
        case State.OPEN:
            return (
                f"You can merge it, approve its head (`/ironclaw approve {head}`), keep it "
                "waiting (`/ironclaw hold`), or close it: then it is not proposed again."
            )
        case State.MERGED | State.WATCHING:
            return "You can take it back (`/ironclaw revert`)."
        case State.KEPT:
            return "Nothing is left to do. `/ironclaw revert` takes it back all the same."
        case State.REJECTED:
            return "`/ironclaw retry` tries it again."
        case State.ABANDONED:
            return "Reopen the pull request and comment `/ironclaw retry` if you want it after all."
        case State.REVERTING:
            number = improvement.revert_pull_request
            return f"Its revert is #{number}." if number else "Its revert is being opened."
        case State.REVERTED:
            return "Nothing is left to do; the same finding is not proposed again."
        case State.HELD:
            return what_frees(improvement)


def what_frees(improvement: Improvement) -> str:
    """What sets a held improvement free, by how far it has come."""
    if improvement.revert_pull_request is not None and not improvement.revert_sha:
        return (
            f"Merge #{improvement.revert_pull_request} by hand, or mend what keeps it and comment "
            "`/ironclaw resume`. Close it if the improvement shall stay."
        )
    if improvement.revert_sha:
        return "Deploy the default branch; then it goes on by itself."
    if improvement.merge_sha:
        return (
            "`/ironclaw revert` takes the merge back; `/ironclaw resume` watches it again from "
            "the deployment that is there now."
        )
    if improvement.pull_request is not None:
        return (
            "Mend what keeps it and it goes on by itself; `/ironclaw retry` makes it anew on the "
            "current base, `/ironclaw resume` looks again. Or merge it, or close it."
        )
    return "`/ironclaw retry` tries it again from the dashboard; `ignore` drops it."
