"""The world of the fake: accounts, apps, repositories, and what happens to them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tests.fakes.github.effects import Effects
from tests.fakes.github.faults import Faults
from tests.fakes.github.limits import Limits
from tests.fakes.github.people import People
from tests.fakes.github.shapes import basic, repositories
from tests.fakes.github.state import (
    App,
    Installation,
    Issue,
    Job,
    OAuthCode,
    Person,
    Repository,
    Token,
    UserToken,
)
from tests.fakes.github.webhooks import Webhooks

if TYPE_CHECKING:
    from tests.fakes.github.answers import Answer
    from tests.fakes.github.routing import Request
    from tests.fakes.runner.actions import Action

ACTIONS_ID = 15368


class Clock(Protocol):
    def now(self) -> datetime: ...


BranchListener = Callable[["Hub", Repository, str, str | None, str | None, Person], None]


class WallClock:
    """The time of day."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Hub:
    """Everything behind one lock; whoever reads or changes it holds `lock`."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock: Clock = clock or WallClock()
        self.lock = threading.RLock()
        self.web = "http://127.0.0.1"
        self.people = People()
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self.repositories: dict[str, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.manifests: dict[str, dict[str, Any]] = {}
        self.oauth_codes: dict[str, OAuthCode] = {}
        self.user_tokens: dict[str, UserToken] = {}
        self.at_browser: str | None = "ada"
        self.effects = Effects()
        self.faults = Faults()
        self.limits = Limits()
        self.webhooks = Webhooks(self)
        self.jobs: list[Job] = []
        self.actions_known: dict[str, Action] = {}
        self.on_machine: list[Callable[[Path], None]] = []
        self.lazy_reads = 1
        self.strict_jwt = False
        self.long_tokens = False
        self.on_branch: list[BranchListener] = []
        self.on_result: list[Callable[[Hub, Repository], None]] = []
        self.graphql: Callable[[Request], Answer] = _no_graphql
        self._api = False
        self._last_id = 1000
        owner = self.people.get("github", "Organization")
        self.actions = App(
            ACTIONS_ID,
            "github-actions",
            "GitHub Actions",
            "Iv1.actions",
            owner,
            self.people.get("github-actions[bot]"),
            self.now(),
            {"checks": "write", "metadata": "read"},
            [],
        )

    def now(self) -> datetime:
        return self.clock.now().replace(microsecond=0)

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def find(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())

    def settle(self, repo: Repository) -> None:
        """Let what only waited for something that has happened now go on."""
        for listener in self.on_result:
            listener(self, repo)

    def pull_opened(self, repo: Repository, issue: Issue) -> None:
        """Its workflows may start."""
        pull = issue.pull
        assert pull
        job = Job(repo, "pull_request", pull.head_ref, pull.head_sha, issue.author, issue.number)
        self.start(job)

    def start(self, job: Job) -> None:
        """Let workflows run; what a workflow's own token has done starts none."""
        if job.by is not self.actions.bot:
            self.jobs.append(job)

    def installed(self, repo: Repository) -> list[Installation]:
        """The installations that see a repository."""
        return [
            one
            for one in self.installations.values()
            if repo.id in one.repositories and not one.deleted
        ]

    @contextmanager
    def calling(self) -> Iterator[None]:
        """What is done inside is done through the API."""
        self._api = True
        try:
            yield
        finally:
            self._api = False

    def effect(
        self, kind: str, repo: Repository | None, who: Person | None, **detail: Any
    ) -> AbstractContextManager[dict[str, Any]]:
        """Log a change around it."""
        name, by = repo.full_name if repo else "", who.login if who else ""
        return self.effects.one(kind, name, by, api=self._api, **detail)

    def emit(
        self,
        event: str,
        repo: Repository,
        sender: Person,
        *,
        only: App | None = None,
        **payload: Any,
    ) -> None:
        """Tell every app that sees a repository and listens, or `only` one of them."""
        for one in self.installed(repo):
            if one.app is not (only or one.app):
                continue
            if one.suspended_at is None and event in one.app.events:
                body = {
                    **payload,
                    "repository": repositories.full(self.web, repo),
                    "sender": basic.shown_person(self.web, sender),
                    "installation": short_installation(one),
                }
                self.tell(event, one, body, repo.id)

    def tell(
        self, event: str, one: Installation, body: dict[str, Any], repository_id: int | None = None
    ) -> None:
        """Tell one installation's app."""
        self.webhooks.add(
            event,
            body,
            app_id=one.app.id,
            secret=one.app.webhook_secret,
            installation_id=one.id,
            repository_id=repository_id,
        )


def _no_graphql(_: "Request") -> "Answer":
    raise NotImplementedError


def short_installation(one: Installation) -> dict[str, Any]:
    """How events name an installation."""
    return {"id": one.id, "node_id": basic.node_id("Installation", one.id)}
