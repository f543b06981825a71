"""A repository on the fake GitHub, the adapter's way to it, and the hands of people around it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.github.client import Access, GitHubClient
from bot.adapters.github.forum import GitHubForum
from bot.adapters.github.host import GitHubCodeHost
from bot.adapters.github.identity import Identity
from bot.adapters.github.tokens import AppKey
from bot.domain.pulls import Conclusion, PullDraft, PullSnapshot
from bot.domain.talk import Permission
from tests.adapters.codehost_contract import FILES, a_draft
from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.faults import Fault
from tests.fakes.github.state import Repository

if TYPE_CHECKING:
    from bot.ports import CodeHost, Forum

NAME = "octo/sample"


class CheckedHost(GitHubCodeHost):
    """The host, in a world where CI begins when the test says so."""

    world: "GitHubWorld"

    async def request_checks(self, number: int) -> None:
        await super().request_checks(number)
        self.world.run_checks(number)


class GitHubWorld:
    """One fake, one repository, one way in; another way in is another process."""

    def __init__(self, fake: FakeGitHub, clock: FixedClock) -> None:
        self.fake = fake
        self.clock = clock
        self.slept: list[float] = []
        self.clients: list[GitHubClient] = []
        self.checks: dict[str, Conclusion] = {}
        fake.create_repository(NAME, FILES)
        self.client = self.new_client()
        self.identity = Identity("ironclaw", fake.app.bot.id, fake.app_id)
        self.access = self.access_to(NAME)
        checked = CheckedHost(self.access, self.identity)
        checked.world = self
        self.host: CodeHost = checked

    @property
    def record(self) -> Repository:
        """What the fake keeps of the repository."""
        return self.fake.repository(NAME)

    @property
    def installation(self) -> int:
        return self.fake.installation(NAME).id

    def new_client(
        self, timeout: float = 5, may_act: Callable[[], None] = lambda: None
    ) -> GitHubClient:
        """A client of its own: no token, no answer and no limit is known to it yet."""
        key = AppKey(self.fake.client_id, self.fake.private_key)
        client = GitHubClient(
            key,
            self.clock,
            base_url=self.fake.url,
            pause=0,
            timeout=timeout,
            sleep=self._sleep,
            may_act=may_act,
        )
        self.clients.append(client)
        return client

    def access_to(self, name: str, client: GitHubClient | None = None) -> Access:
        installation = self.fake.installation(name).id
        return (client or self.client).repository(installation, name)

    def host_of(
        self,
        name: str,
        client: GitHubClient | None = None,
        *,
        environments: tuple[str, ...] = (),
    ) -> GitHubCodeHost:
        access = self.access_to(name, client)
        return GitHubCodeHost(access, self.identity, environments=environments)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    # The hands of the contract.

    async def push(self, branch: str, files: Mapping[str, str]) -> str:
        return self.fake.push(NAME, branch, files)

    async def delete_branch(self, branch: str) -> None:
        self.fake.delete_branch(NAME, branch)

    async def label(self, number: int, label: str, *, on: bool = True) -> None:
        self.fake.label(NAME, number, label, on=on)

    async def review(self, number: int, person: str, *, approved: bool) -> None:
        self.fake.set_permission(NAME, person, "write")
        state = "APPROVED" if approved else "CHANGES_REQUESTED"
        self.fake.review(NAME, number, person, state)

    async def comments(self, number: int) -> list[str]:
        return [one.body for one in self.record.issues[number].comments]

    def set_check(self, name: str, conclusion: Conclusion) -> None:
        self.checks[name] = conclusion

    def set_deploy_failure(self, why: str) -> None:
        """Nobody deploys here."""

    def run_checks(self, number: int) -> None:
        """CI reports on the head of a pull request."""
        pull = self.fake.pull(NAME, number).pull
        assert pull
        for name, conclusion in self.checks.items():
            self.fake.report_check(NAME, pull.head_sha, name, conclusion.value)

    def just_before(self, method: str, path: str, act: Callable[[], object]) -> None:
        """Somebody does something once, after we have looked and before our request arrives."""
        faults = self.fake.hub.faults
        strike, done = faults.strike, [False]

        def interfere(asked: str, where: str, operations: tuple[str, ...] = ()) -> Fault | None:
            if asked == method and path in f"{where} {operations}" and not done[0]:
                done[0] = True
                act()
            return strike(asked, where, operations)

        # The fake asks it about every request before it answers.
        setattr(faults, "strike", interfere)  # noqa: B010 - an instance's method for one test

    # What tests look at.

    def effects(self, *kinds: str) -> list[str]:
        """The kinds of what the API has changed, those asked for or all."""
        log = self.fake.effect_log
        return [one.kind for one in log if one.api and (not kinds or one.kind in kinds)]

    def sent(self, method: str, path: str = "") -> int:
        """How many requests of a method went to a path."""
        return sum(one.method == method and path in one.path for one in self.fake.requests)

    async def draft(self) -> PullDraft:
        return await a_draft(self)

    async def opened(self) -> PullSnapshot:
        """A pull request of ours."""
        return await self.host.open_pull_request(await self.draft())


class GitHubForumWorld:
    """The same world as a forum, with one pull request of ours."""

    def __init__(self, world: GitHubWorld, number: int, head_sha: str) -> None:
        self.world = world
        self.fake = world.fake
        self.number = number
        self.head_sha = head_sha
        self.forum: Forum = GitHubForum(world.access, world.identity)

    async def say(self, person: str, text: str) -> int:
        return self.fake.comment(NAME, self.number, person, text)

    async def edit(self, person: str, comment: int, text: str) -> None:
        self.fake.edit_comment(NAME, comment, person, text)

    async def delete(self, comment: int) -> None:
        self.fake.delete_comment(NAME, comment)

    async def allow(self, person: str, permission: Permission) -> None:
        self.fake.set_permission(NAME, person, permission.value)

    async def rate(self, person: str, content: str) -> None:
        self.fake.react(NAME, self.number, person, content)

    async def reactions(self, comment: int) -> list[str]:
        issue = self.world.record.issues[self.number]
        (found,) = [one for one in issue.comments if one.id == comment]
        return [one.content for one in found.reactions]

    async def labels(self) -> set[str]:
        return set(self.world.record.issues[self.number].labels)

    async def tick(self, number: int, person: str, old: str, new: str) -> None:
        body = self.world.record.issues[number].body or ""
        # A browser sends other line ends.
        changed = body.replace(old, new).replace("\n", "\r\n")
        self.fake.edit(NAME, number, login=person, body=changed)

    async def write_as(self, person: str, title: str, copied_from: int) -> int:
        body = self.world.record.issues[copied_from].body or ""
        return self.fake.open_issue(NAME, title, body, person)

    async def statuses(self) -> list[tuple[str, str, bool]]:
        return [
            (run.output["title"], run.output["summary"], run.status == "completed")
            for run in self.world.record.runs.values()
            if run.sha == self.head_sha
        ]

    def now(self) -> datetime:
        return self.world.clock.now()

    def wait(self, seconds: float) -> None:
        self.world.clock.advance(seconds=seconds)


@asynccontextmanager
async def github_world(folder: Path) -> AsyncIterator[GitHubWorld]:
    """A world that leaves no server and no connection behind."""
    clock = FixedClock()
    with FakeGitHub(folder, clock) as fake:
        world = GitHubWorld(fake, clock)
        try:
            yield world
        finally:
            for client in world.clients:
                await client.close()
