"""What the fake remembers beside git: plain records behind one lock, nothing clever."""

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.github.git import GitRepository

Json = dict[str, Any]

NOREPLY = "users.noreply.github.com"


@dataclass
class Person:
    """An account: `kind` is User, Bot or Organization."""

    id: int
    login: str
    kind: str = "User"

    @property
    def email(self) -> str:
        return f"{self.id}+{self.login}@{NOREPLY}"


@dataclass
class App:
    """A GitHub App."""

    id: int
    slug: str
    name: str
    client_id: str
    owner: Person
    bot: Person
    created_at: datetime
    permissions: dict[str, str]
    events: list[str]
    public_key: str = ""
    webhook_secret: str = ""
    description: str = ""
    client_secret: str = ""
    callback_urls: list[str] = field(default_factory=list)


@dataclass
class OAuthCode:
    """Good once: a person has let an app know who they are."""

    app: App
    person: Person
    back: str
    challenge: str
    expires_at: datetime


@dataclass
class UserToken:
    """A person's token for an app."""

    text: str
    person: Person
    app: App
    expires_at: datetime


@dataclass
class Installation:
    """An app on an account; `repositories` are ids."""

    id: int
    app: App
    account: Person
    created_at: datetime
    permissions: dict[str, str]
    repositories: set[int] = field(default_factory=set)
    suspended_at: datetime | None = None
    deleted: bool = False


@dataclass
class Token:
    """An installation's token; None for `repositories` means all of the installation's."""

    text: str
    installation: Installation
    expires_at: datetime
    permissions: dict[str, str]
    repositories: set[int] | None


@dataclass
class Reaction:
    id: int
    content: str
    by: Person
    at: datetime


@dataclass
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass
class Comment:
    """A comment on an issue or pull request."""

    id: int
    number: int
    body: str
    author: Person
    created_at: datetime
    updated_at: datetime
    app: App | None = None
    editor: Person | None = None
    edited_at: datetime | None = None
    minimized: str = ""
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Review:
    """A review: `state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: int
    author: Person
    state: str
    body: str
    commit: str
    at: datetime


@dataclass
class AutoMerge:
    by: Person
    method: str
    title: str
    message: str
    at: datetime


@dataclass
class QueueEntry:
    """A place in the merge queue."""

    id: int
    by: Person
    at: datetime
    branch: str = ""
    sha: str = ""
    base: str = ""


@dataclass
class Pull:
    """What a pull request has beside its issue."""

    id: int
    head_ref: str
    base_ref: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: Person | None = None
    merge_sha: str | None = None
    method: str = "merge"
    head_deleted: bool = False
    fork: "Person | None" = None
    """Whose fork the head is in, None for the repository itself."""
    reviews: list[Review] = field(default_factory=list)
    auto_merge: AutoMerge | None = None
    queue_entry: QueueEntry | None = None
    # Mergeability by head and base, each only after somebody has asked for it.
    asked: dict[tuple[str, str], int] = field(default_factory=dict)
    known: dict[tuple[str, str], bool] = field(default_factory=dict)


@dataclass
class Issue:
    """An issue, or a pull request's part that issues have too."""

    id: int
    number: int
    title: str
    body: str | None
    author: Person
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Person | None = None
    app: App | None = None
    editor: Person | None = None
    edited_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    pull: Pull | None = None


@dataclass
class CheckSuite:
    id: int
    app: App
    sha: str
    branch: str | None
    at: datetime


@dataclass
class CheckRun:
    id: int
    suite: CheckSuite
    name: str
    sha: str
    status: str
    started_at: datetime
    conclusion: str | None = None
    completed_at: datetime | None = None
    external_id: str = ""
    details_url: str = ""
    output: Json = field(default_factory=dict)
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)


@dataclass
class Status:
    """A commit status."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    by: Person
    at: datetime


@dataclass
class DeploymentStatus:
    id: int
    state: str
    description: str
    by: Person
    at: datetime
    log_url: str = ""
    environment_url: str = ""


@dataclass
class Deployment:
    id: int
    sha: str
    ref: str
    environment: str
    by: Person
    at: datetime
    task: str = "deploy"
    description: str | None = None
    payload: Json = field(default_factory=dict)
    production: bool = True
    app: App | None = None
    statuses: list[DeploymentStatus] = field(default_factory=list)


@dataclass
class Artifact:
    """Files that a workflow has kept, as a zip."""

    id: int
    name: str
    data: bytes
    at: datetime

    def read(self, name: str) -> bytes:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return archive.read(name)


@dataclass
class WorkflowRun:
    """One run of one workflow file."""

    id: int
    number: int
    name: str
    path: str
    sha: str
    branch: str
    event: str
    by: Person
    at: datetime
    suite: CheckSuite
    status: str = "queued"
    conclusion: str | None = None
    pulls: tuple[int, ...] = ()
    artifacts: list[Artifact] = field(default_factory=list)
    from_fork: bool = False


@dataclass
class Job:
    """Something for the workflows to do: an event of theirs on one commit.

    For a pull request what is tested is not its head but the head merged into the base.
    """

    repo: "Repository"
    event: str
    branch: str
    sha: str
    by: Person
    pull: int = 0
    payload: Json = field(default_factory=dict)
    tested_sha: str = ""

    def __post_init__(self) -> None:
        self.tested_sha = self.tested_sha or self.sha

    @property
    def is_fork(self) -> bool:
        pull = self.repo.issues[self.pull].pull if self.pull else None
        return pull is not None and pull.fork is not None


@dataclass
class Rules:
    """What a branch asks for before a merge; `ruleset` says where that is written."""

    checks: list[tuple[str, int | None]] = field(default_factory=list)
    strict: bool = False
    approvals: int = 0
    merge_queue: bool = False
    ruleset: bool = True


@dataclass
class Repository:
    id: int
    owner: Person
    name: str
    default_branch: str
    git: GitRepository
    created_at: datetime
    pushed_at: datetime
    private: bool = False
    archived: bool = False
    allow_auto_merge: bool = False
    delete_branch_on_merge: bool = False
    methods: set[str] = field(default_factory=lambda: {"merge", "squash", "rebase"})
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    suites: list[CheckSuite] = field(default_factory=list)
    runs: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    workflow_runs: list[WorkflowRun] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)
    queue: list[Issue] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    actions_may_open: bool = False
    """Whether workflows may open pull requests, which an owner must allow first."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def pulls(self) -> list[Issue]:
        """Every pull request, oldest first."""
        return [issue for issue in self.issues.values() if issue.pull]
