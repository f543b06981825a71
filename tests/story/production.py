"""The service that the repository is about: CI, deployments, and the requests that it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.metrics import Request
from tests.fakes.github import FakeGitHub
from tests.fakes.github.state import Repository
from tests.workflows.world import CHECK, FAST, FILE

DELAY = timedelta(seconds=20)
"""How long a deployment takes after a push."""


@dataclass
class Production:
    """A request every two seconds; while the improvement runs they are so much slower."""

    fake: FakeGitHub
    repo: str
    slower: float = 3.0
    conclusion: str = "success"
    deployment: str = "success"
    deploys: bool = True
    pushed: dict[str, datetime] = field(default_factory=dict)

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        first, found = int(since.timestamp()) // 2 * 2, []
        for second in range(first, int(until.timestamp()) + 1, 2):
            at = datetime.fromtimestamp(second, since.tzinfo)
            if since <= at < until:
                factor = self.slower if self.is_improved(at) else 1.0
                milliseconds = (50.0 + second // 2 % 7) * factor
                found.append(Request(at, "GET /total", milliseconds, failed=False))
        return found

    def is_improved(self, at: datetime) -> bool:
        """Whether what was deployed last by then holds the improvement."""
        running = [sha for when, sha in self.running() if when <= at]
        return bool(running) and self.holds(running[-1])

    def running(self) -> list[tuple[datetime, str]]:
        """What went into production, and when."""
        return sorted(
            (status.at, one.sha)
            for one in list(self.record.deployments.values())
            for status in one.statuses
            if status.state == "success"
        )

    def holds(self, sha: str) -> bool:
        git = self.record.git
        entry = git.files(sha).get(FILE)
        return entry is not None and FAST.encode() in git.objects.read(entry.sha)[1]

    @property
    def record(self) -> Repository:
        return self.fake.repository(self.repo)

    def check(self) -> bool:
        """CI says what it thinks of each head that it has not seen; whether there was one."""
        pulls = [one.pull for one in self.record.pulls() if one.pull and one.state == "open"]
        groups = [one.queue_entry.sha for one in pulls if one.queue_entry and one.queue_entry.sha]
        heads = [*(one.head_sha for one in pulls), *groups]
        fresh = [sha for sha in heads if not self.reported(sha)]
        for sha in fresh:
            self.fake.report_check(self.repo, sha, CHECK, self.conclusion)
        return bool(fresh)

    def reported(self, sha: str) -> list[str]:
        """What CI has said of a commit."""
        runs = self.record.runs.values()
        return [run.conclusion or "" for run in runs if (run.sha, run.name) == (sha, CHECK)]

    def deploy(self) -> bool:
        """Deploy what was pushed a while ago; whether that was now."""
        head = self.fake.head(self.repo)
        assert head is not None
        at = self.pushed.setdefault(head, self.fake.hub.now())
        known = [one.sha for one in self.record.deployments.values()]
        if not self.deploys or head in known or self.fake.hub.now() < at + DELAY:
            return False
        self.fake.deploy(self.repo, head, self.deployment)
        return True

    def next_moment(self) -> datetime | None:
        """When the next deployment is done."""
        head = self.fake.head(self.repo)
        known = [one.sha for one in self.record.deployments.values()]
        waits = self.deploys and head in self.pushed and head not in known
        return self.pushed[head or ""] + DELAY if waits else None
