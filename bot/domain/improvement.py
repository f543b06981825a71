"""An improvement's one state, the transitions it may make, and what readers derive from it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.domain.finding import Finding
from bot.domain.patch import Patch

BRANCH_PREFIX = "ironclaw/"
"""What every branch of ours begins with."""


class State(StrEnum):
    """Where an improvement stands."""

    FOUND = "found"
    PROPOSED = "proposed"
    OPEN = "open"
    MERGED = "merged"
    WATCHING = "watching"
    KEPT = "kept"
    REJECTED = "rejected"
    ABANDONED = "abandoned"
    REVERTING = "reverting"
    REVERTED = "reverted"
    HELD = "held"


TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.FOUND: frozenset({State.PROPOSED, State.REJECTED, State.HELD}),
        State.PROPOSED: frozenset({State.OPEN, State.REJECTED, State.HELD}),
        State.OPEN: frozenset({State.MERGED, State.REJECTED, State.ABANDONED, State.HELD}),
        State.MERGED: frozenset({State.WATCHING, State.KEPT, State.REVERTING, State.HELD}),
        State.WATCHING: frozenset({State.KEPT, State.REVERTING, State.HELD}),
        State.KEPT: frozenset({State.REVERTING}),
        State.REJECTED: frozenset({State.FOUND}),
        State.ABANDONED: frozenset({State.FOUND}),
        State.REVERTING: frozenset({State.REVERTED, State.HELD}),
        State.REVERTED: frozenset(),
        State.HELD: frozenset(
            {State.OPEN, State.MERGED, State.WATCHING, State.KEPT, State.REVERTING}
            | {State.REJECTED, State.ABANDONED, State.REVERTED, State.FOUND}
        ),
    }
)
"""From each state to those that may follow; a held improvement goes where a person sends it.

Back to found goes what a person asks to be looked at again. Reverted is for good.
"""

FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""States that nothing leaves."""

_APPLIED = frozenset({State.MERGED, State.WATCHING, State.KEPT, State.REVERTING, State.REVERTED})
_TESTED = _APPLIED | {State.PROPOSED, State.OPEN, State.ABANDONED}


class IllegalTransitionError(ValueError):
    """A transition that the table does not allow: a fault of ours, never of a user."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """One improvement of one repository, from finding to outcome.

    `evidence` is the sandbox's report as plain JSON values. `pull_request` and
    `revert_pull_request` are the code host's numbers; `head_sha` is the commit that was verified,
    `merge_sha` the one that it was merged as (`revert_*` the same of its revert); `suspected_at`
    is when a look at its deployment was bad for the first time. All times are UTC.
    """

    id: str
    repository: str
    finding: Finding
    state: State
    reason: str
    base_sha: str
    created_at: datetime
    updated_at: datetime
    engine: str = "rules"
    patch: Patch | None = None
    confidence: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    branch: str = ""
    head_sha: str = ""
    pull_request: int | None = None
    merge_sha: str = ""
    deployed_at: datetime | None = None
    extended: bool = False
    suspected_at: datetime | None = None
    revert_pull_request: int | None = None
    revert_sha: str = ""
    revert_deployed_at: datetime | None = None
    recovered: bool | None = None
    look_again_at: datetime | None = None
    came_from: tuple[tuple[State, datetime], ...] = field(default=(), compare=False, repr=False)
    """Every value that this one was moved from since it was made or read; a store lets it replace
    those alone, so that what another worker did meanwhile is never lost."""

    def move(self, to: State, reason: str, at: datetime, **changes: Any) -> "Improvement":
        """The improvement in its next state; raises IllegalTransitionError if none such."""
        if to not in TRANSITIONS[self.state]:
            message = f"improvement {self.id} cannot go from {self.state} to {to}"
            raise IllegalTransitionError(message)
        return self.stay(reason, at, state=to, **changes)

    def stay(self, reason: str, at: datetime, **changes: Any) -> "Improvement":
        """The improvement in the same state with a new reason; `look_again_at` is cleared."""
        fresh: dict[str, Any] = {"look_again_at": None, "reason": reason, "updated_at": at}
        fresh["came_from"] = (*self.came_from, (self.state, self.updated_at))
        return replace(self, **(fresh | changes))

    @property
    def test_status(self) -> str:
        """What readers of the old record see: pending, passed or failed."""
        if self.state in _TESTED or (self.state is State.HELD and bool(self.head_sha)):
            return "passed"
        return "failed" if self.state is State.REJECTED else "pending"

    @property
    def applied(self) -> bool:
        """Whether it has been merged at some time."""
        return self.state in _APPLIED or (self.state is State.HELD and bool(self.merge_sha))

    @property
    def rolled_back(self) -> bool:
        """Whether its revert has landed."""
        return self.state is State.REVERTED


def improvement_id(repository: str, finding: Finding) -> str:
    """The same finding of the same repository is the same improvement, whoever finds it again."""
    return hashlib.sha256(f"{repository}\0{finding.id}".encode()).hexdigest()[:12]


def branch_name(finding: Finding) -> str:
    """The branch an improvement lives on: `ironclaw/<rule>/<fingerprint>`."""
    return f"{BRANCH_PREFIX}{finding.rule}/{finding.id}"


def diagram() -> str:
    """The transitions as a mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.FOUND}"]
    lines += [
        f"    {state} --> {following}"
        for state in State
        for following in State
        if following in TRANSITIONS[state]
    ]
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in State if state in FINAL)])
