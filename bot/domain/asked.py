"""What somebody asks for over HTTP and a worker does later: the wish, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.commands import Approve, Command, Hold, Resume, Retry, Revert, why_not
from bot.domain.improvement import Improvement, State


class Wish(StrEnum):
    """What is to be done with one improvement."""

    GENERATE = "generate"
    TEST = "test"
    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    HOLD = "hold"
    RESUME = "resume"


class Progress(StrEnum):
    """Where it stands: not seen by a worker yet, in the queue, being done, over."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OVER = frozenset({Progress.DONE, Progress.FAILED})


@dataclass(frozen=True, slots=True)
class Asked:
    """One wish; `result` is plain JSON, `why` says of a failed one what is in the way.

    `person` is who asked, by their name at the code host, where it was a person: they must still
    be allowed to when it is done. `head_sha` is the commit that an approval is of.
    """

    id: str
    repository: str
    improvement: str
    wish: Wish
    by: str
    created_at: datetime
    updated_at: datetime
    reason: str = ""
    state: Progress = Progress.WAITING
    result: Mapping[str, Any] = field(default_factory=dict, hash=False)
    why: str = ""
    person: str = ""
    head_sha: str = ""


def command_of(wish: Wish, improvement: Improvement, head_sha: str) -> Command | None:
    """The command that a person would give for it; None where it changes no state.

    What is merged already is deployed without another approval; `head_sha` is what is approved.
    """
    match wish:
        case Wish.TEST:
            return None
        case Wish.GENERATE:
            return None if improvement.state is State.FOUND else Retry()
        case Wish.DEPLOY:
            return None if improvement.merge_sha else Approve(head_sha)
        case Wish.ROLLBACK:
            return Revert()
        case Wish.HOLD:
            return Hold()
        case Wish.RESUME:
            return Resume()


_GENERATED = frozenset({State.FOUND, State.REJECTED, State.ABANDONED, State.HELD})
_DEPLOYING = frozenset({State.MERGED, State.WATCHING, State.HELD})


def why_not_now(wish: Wish, improvement: Improvement, head_sha: str, wanted: str = "") -> str:
    """Why it cannot be done as the improvement stands, empty if it can.

    `head_sha` is the head of its pull request as far as it is known, `wanted` the commit that is
    asked for; without one it is what was verified.
    """
    state = improvement.state
    if wish is Wish.TEST and improvement.patch is None:
        return "Nothing is generated for it yet: generate it first."
    if wish is Wish.GENERATE and (state not in _GENERATED or improvement.merge_sha):
        return f"It is {state}: what is generated already is not made anew."
    if wish is Wish.DEPLOY and improvement.merge_sha and state not in _DEPLOYING:
        return f"It is {state}: it was deployed before."
    command = command_of(wish, improvement, wanted or improvement.head_sha)
    return "" if command is None else why_not(command, improvement, head_sha)
