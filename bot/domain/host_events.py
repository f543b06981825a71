"""What a code host tells us, in our words: a hint of where to look, never the truth itself."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What an event is about; OTHER wakes nobody."""

    INSTALLATION = "installation"
    REPOSITORY = "repository"
    PULL_REQUEST = "pull_request"
    REVIEW = "review"
    COMMENT = "comment"
    ISSUE = "issue"
    CHECK = "check"
    DEPLOYMENT = "deployment"
    PUSH = "push"
    MERGE_QUEUE = "merge_queue"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HostEvent:
    """One event, with only what tells where to look.

    `repository` is the full name, `repository_id` what stays when that changes; `pulls` are
    numbers of pull requests (or of the issue that was spoken of), `commits` whole SHAs, `branch`
    is without `refs/heads/`, `comment` the id of a comment, `repositories` those that an
    installation gained or lost.
    """

    topic: Topic
    action: str = ""
    installation: int | None = None
    repository: str = ""
    repository_id: int | None = None
    pulls: tuple[int, ...] = ()
    commits: tuple[str, ...] = ()
    branch: str = ""
    comment: int | None = None
    sender: str = ""
    sender_is_bot: bool = False
    repositories: tuple[str, ...] = ()
