"""A pull request as the code host shows it at one moment, and what we ask of the host."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.patch import Patch


class PullState(StrEnum):
    """Whether a pull request still waits for a decision."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Conclusion(StrEnum):
    """How a check ended; PENDING has not, UNKNOWN is one that we do not know."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    ACTION_REQUIRED = "action_required"
    STALE = "stale"
    ERROR = "error"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One check on one commit.

    `source` is the slug of the app that reports it (empty for a commit status or a local check),
    `app_id` the number of that app, which nobody else can take.
    """

    name: str
    sha: str
    conclusion: Conclusion
    source: str = ""
    summary: str = ""
    app_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check that the host itself asks for before a merge, from this app if one is named."""

    name: str
    app_id: int | None = None


@dataclass(frozen=True, slots=True)
class PullDraft:
    """A pull request to open: one commit with `patch` on `base_sha`, on `branch`.

    The branch is the natural key: opening the same draft twice gives the same pull request.
    `replaces` is the head of ours that this commit takes the place of, on the same branch and pull
    request; a branch with any other head is left alone.
    """

    branch: str
    base: str
    base_sha: str
    title: str
    body: str
    commit_message: str
    patch: Patch
    labels: tuple[str, ...] = ()
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class PullSnapshot:
    """Everything about a pull request that a decision looks at.

    `mergeable` is None while the host does not know; `foreign_commits` are commits on the branch
    that we did not make; `approvals` and `changes_requested` count the latest review by person.
    `required` are the checks that the host itself asks for, `required_approvals` its approvals;
    `queued` means that it is in a merge queue or that the host will merge it by itself.
    """

    number: int
    branch: str
    base: str
    head_sha: str
    state: PullState
    title: str = ""
    body: str = ""
    merge_sha: str = ""
    draft: bool = False
    labels: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    mergeable: bool | None = None
    foreign_commits: tuple[str, ...] = ()
    approvals: int = 0
    changes_requested: tuple[str, ...] = ()
    created_at: datetime | None = None
    required: tuple[RequiredCheck, ...] = ()
    required_approvals: int = 0
    queued: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The pull request is merged as `sha`."""

    sha: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The host has taken it into its merge queue, or will merge it by itself; look again later."""

    why: str


@dataclass(frozen=True, slots=True)
class NotMerged:
    """The host did not merge, and what a person can do; nothing has changed.

    `passing` means that the same may succeed on another look: the head or the base has moved, or
    the host does not know yet.
    """

    why: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class RevertOpened:
    """A pull request that undoes the merge."""

    pull: PullSnapshot


@dataclass(frozen=True, slots=True)
class RevertBlocked:
    """The merge cannot be undone by itself: `why`, and what a person should do."""

    why: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of one commit."""

    id: str
    sha: str
    at: datetime
    successful: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class HostedRepository:
    """A repository on a code host: its name, default branch and that branch's head commit."""

    name: str
    default_branch: str
    head_sha: str
    notes: Mapping[str, str]
