"""Which event wakes whom: one table, in words that the store can look up.

An event is only a hint of where to look. Waking somebody for nothing is harmless, for whoever is
woken reads the truth; so our own pushes and comments may wake, but a bot's never command.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.host_events import HostEvent, Topic
from bot.domain.improvement import BRANCH_PREFIX
from bot.domain.onboarding import ONBOARDING_BRANCH


@dataclass(frozen=True, slots=True)
class ByPull:
    """Whoever has this pull request, or this revert."""

    number: int


@dataclass(frozen=True, slots=True)
class ByCommit:
    """Whoever has this commit as its head, its merge or its revert."""

    sha: str


@dataclass(frozen=True, slots=True)
class ByBranch:
    """Whoever lives on this branch."""

    name: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Whoever is merged and waits for a deployment, or is watched."""


@dataclass(frozen=True, slots=True)
class TheRepository:
    """The repository as a whole: its policy, its onboarding, its dashboard, its code."""


@dataclass(frozen=True, slots=True)
class TheInstallation:
    """Everything that an installation gives us."""

    id: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A person has written a comment, which may hold a command."""

    number: int
    comment: int


Wake = ByPull | ByCommit | ByBranch | Merged | TheRepository | TheInstallation | Spoken


def wakes(event: HostEvent) -> tuple[Wake, ...]:
    """Whom this event wakes; an event of no repository wakes installations alone."""
    found = TABLE[event.topic](event)
    if not event.repository:
        found = tuple(wake for wake in found if isinstance(wake, TheInstallation))
    return tuple(dict.fromkeys(found))


def _installation(event: HostEvent) -> tuple[Wake, ...]:
    return () if event.installation is None else (TheInstallation(event.installation),)


def _repository(event: HostEvent) -> tuple[Wake, ...]:
    return (TheRepository(), *_installation(event))


def _pulls(event: HostEvent) -> tuple[Wake, ...]:
    onboards = (TheRepository(),) if event.branch == ONBOARDING_BRANCH else ()
    return (*map(ByPull, event.pulls), *onboards)


def _comment(event: HostEvent) -> tuple[Wake, ...]:
    if event.comment is None or event.sender_is_bot or event.action not in ("created", "edited"):
        return ()
    return tuple(Spoken(number, event.comment) for number in event.pulls)


def _issue(event: HostEvent) -> tuple[Wake, ...]:
    return () if event.sender_is_bot else (TheRepository(),)


def _check(event: HostEvent) -> tuple[Wake, ...]:
    return (*map(ByPull, event.pulls), *map(ByCommit, event.commits))


def _deployment(event: HostEvent) -> tuple[Wake, ...]:
    return (Merged(), *map(ByCommit, event.commits))


def _push(event: HostEvent) -> tuple[Wake, ...]:
    if event.branch.startswith((BRANCH_PREFIX, "revert-")):
        return (ByBranch(event.branch),)
    return (TheRepository(),)


def _queue(event: HostEvent) -> tuple[Wake, ...]:
    return (*map(ByPull, event.pulls), *map(ByCommit, event.commits))


def _nobody(_: HostEvent) -> tuple[Wake, ...]:
    return ()


TABLE: Mapping[Topic, Callable[[HostEvent], tuple[Wake, ...]]] = MappingProxyType(
    {
        Topic.INSTALLATION: _installation,
        Topic.REPOSITORY: _repository,
        Topic.PULL_REQUEST: _pulls,
        Topic.REVIEW: _pulls,
        Topic.COMMENT: _comment,
        Topic.ISSUE: _issue,
        Topic.CHECK: _check,
        Topic.DEPLOYMENT: _deployment,
        Topic.PUSH: _push,
        Topic.MERGE_QUEUE: _queue,
        Topic.OTHER: _nobody,
    }
)
"""Every topic has its line."""
