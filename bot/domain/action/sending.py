"""Whether, and as whom, a workflow sends what it measured to a server."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.action.event import Event

_ADDRESS: Final = re.compile(
    r"(https?)://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~%/-]*)?"
)
_LOOPBACK: Final = re.compile(r"localhost|127(\.[0-9]{1,3}){3}|\[::1\]")
_FORK: Final = (
    "This pull request comes from a fork, where a workflow may not prove who it is: the "
    "measurements stand here and in the report file, and the server gets none."
)
_PULL: Final = (
    "What a pull request measures is not how the service does: the measurements stand here and in "
    "the report file, and the server gets them from push, schedule, workflow_dispatch, "
    "merge_group, deployment or release."
)
_PERMISSION: Final = (
    "Give the job `permissions: id-token: write`, or a token of the server in the environment "
    "variable IRONCLAW_TOKEN."
)


class Proof(StrEnum):
    """What is shown to the server."""

    TOKEN = "token"  # noqa: S105 - a word
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True)
class Send:
    """Send with this proof."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class Stay:
    """Nothing is sent, and that is right; a note says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Unable:
    """Nothing can be sent before somebody does something."""

    problem: str
    remedy: str


def decide_sending(event: Event, *, has_token: bool, may_ask: bool) -> Send | Stay | Unable:
    """`may_ask` says that GitHub gives this job tokens that prove which workflow it is."""
    if event.is_fork:
        return Stay(_FORK)
    if event.pull_request is not None or event.name.startswith("pull_request"):
        return Stay(_PULL)
    if not event.repository:
        problem = "which repository this is, is not known"
        return Unable(problem, "Run it as a step of a workflow.")
    if has_token:
        return Send(Proof.TOKEN)
    if may_ask:
        return Send(Proof.WORKFLOW)
    return Unable("GitHub gives this job no token for the server", _PERMISSION)


def is_safe_address(text: str) -> bool:
    """Whether a token may go there: https, or this machine itself."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and (found[1] == "https" or _LOOPBACK.fullmatch(found[2]) is not None)
