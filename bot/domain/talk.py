"""What people and the bot say to each other on a code host, as it stands at one moment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Permission(StrEnum):
    """What a person may do in a repository at this moment."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def may_command(self) -> bool:
        """Whether the bot obeys this person."""
        return self in (Permission.WRITE, Permission.ADMIN)


class Reaction(StrEnum):
    """A sign under a comment: seen, done, not understood; and people's thumbs."""

    SEEN = "eyes"
    DONE = "+1"
    REFUSED = "confused"
    AGAINST = "-1"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it is now; `edited_by` is somebody else who has changed it, if anybody has."""

    id: int
    number: int
    author: str
    text: str
    at: datetime
    author_is_bot: bool = False
    edited_by: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """One person's reaction to a pull request of ours."""

    author: str
    reaction: Reaction
    at: datetime
    author_is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of ours, found by the key that its hidden marker holds; text as it is now."""

    number: int
    key: str
    title: str
    text: str
    is_open: bool = True
    edited_by: str = ""


class Standing(StrEnum):
    """What the check run of ours shows of an improvement."""

    WAITING = "waiting"
    DONE = "done"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What a pull request waits for, in one sentence; `title` has at most 60 characters."""

    standing: Standing
    title: str
    text: str
