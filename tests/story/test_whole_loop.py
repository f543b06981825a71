"""From the installation to what was learned, by real processes over HTTP."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx import get, post

from tests.entrypoints.projects import SLOW, TESTS
from tests.fakes.github import FakeGitHub
from tests.fakes.github.state import Issue
from tests.story.canaries import canaries, places_that_show, what_is_left
from tests.story.processes import INTAKE_TOKEN, environment, free_port, supervised, wait_until

REPO = "team/shop"
CI = """\
name: CI
on: [pull_request]
jobs:
  tests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: python3 -c "import shop.names"
"""
POLICY = """\
version: 1
scan:
  rules: [seen-as-list]
landing:
  automatic: true
  required_checks: [tests]
  minimum_confidence: 0.1
watch:
  warm_up_seconds: 1
  duration_seconds: 10
  minimum_requests: 20
"""
FILES = {
    "shop/__init__.py": "",
    "shop/names.py": SLOW,
    "tests/test_names.py": TESTS,
    ".github/workflows/ci.yml": CI,
}


@pytest.fixture
def fake(tmp_path: Path) -> FakeGitHub:
    return FakeGitHub(tmp_path / "github", background=True)


@dataclass
class Story:
    """What people and machines do around the service, and what they see of it."""

    fake: FakeGitHub
    port: int
    log: Path

    def pulls(self, branch: str, *, merged: bool = False) -> list[Issue]:
        """Pull requests whose branch begins so, or those of them that are merged."""
        # Under the lock a merge is seen when all of it is done.
        with self.fake.hub.lock:
            issues = list(self.fake.repository(REPO).issues.values())
            ours = [one for one in issues if one.pull and one.pull.head_ref.startswith(branch)]
            return [one for one in ours if not merged or (one.pull and one.pull.merged_at)]

    def wait(self, what: str, happened: Callable[[], object]) -> None:
        try:
            wait_until(what, happened, self.log)
        except AssertionError as stuck:
            raise AssertionError(f"{what}\n{self.said()}") from stuck

    def said(self) -> str:
        """Everything that can be read on GitHub, for whoever looks why a story is stuck."""
        issues = list(self.fake.repository(REPO).issues.values())
        texts = [f"#{one.number} {one.title}\n{one.body}" for one in issues]
        texts += [one.body for issue in issues for one in issue.comments]
        return "\n\n".join(texts)

    def report(self, since: datetime, until: datetime, milliseconds: float) -> None:
        """The service says what it has answered meanwhile, twenty requests a second."""
        count = int((until - since) / timedelta(milliseconds=50))
        requests = [
            {
                "at": (since + timedelta(milliseconds=50 * number)).isoformat(),
                "endpoint": "GET /names",
                "ms": milliseconds * (1 + number % 5 / 10),
                "failed": False,
            }
            for number in range(count)
        ]
        answer = post(
            f"http://127.0.0.1:{self.port}/api/v1/learning/metrics",
            json={"repository": REPO, "requests": requests},
            headers={"Authorization": f"Bearer {INTAKE_TOKEN}"},
            timeout=30,
        )
        assert answer.status_code == 202, answer.text

    def page(self, path: str) -> bytes:
        return get(f"http://127.0.0.1:{self.port}{path}", timeout=30).content

    def deploy_and_serve(self, milliseconds: float, until: Callable[[], object]) -> None:
        """What is on the default branch answers so fast until something has happened."""
        self.fake.deploy(REPO)
        # The host's times are whole seconds.
        since = datetime.now(UTC) + timedelta(seconds=1)

        def again() -> object:
            nonlocal since
            now = datetime.now(UTC)
            if now - since > timedelta(seconds=1):
                self.report(since, now, milliseconds)
                since = now
            return until()

        self.wait("the watch ends", again)


def to_the_merge(story: Story) -> None:
    """Installed, asked, agreed; found, opened, judged by CI, merged."""
    fake = story.fake
    fake.create_repository(REPO, FILES)
    story.wait("it asks for leave", lambda: story.pulls("ironclaw/onboarding"))
    (asked,) = story.pulls("ironclaw/onboarding")
    assert story.pulls("ironclaw/seen") == []
    fake.merge_as_person(REPO, asked.number)
    fake.push(REPO, "main", {".github/ironclaw.yml": POLICY})
    story.wait("it opens one", lambda: story.pulls("ironclaw/seen"))
    story.wait("it is merged", lambda: story.pulls("ironclaw/seen", merged=True))
    assert "seen = set()" in fake.files(REPO)["shop/names.py"]


def to_the_recovery(story: Story) -> None:
    """Deployed, worse, taken back by pull request, deployed again, recovered."""
    fake, now = story.fake, datetime.now(UTC)
    story.report(now - timedelta(seconds=15), now, 10)
    story.deploy_and_serve(80, lambda: story.pulls("revert-", merged=True))
    assert fake.files(REPO)["shop/names.py"] == SLOW
    story.deploy_and_serve(10, lambda: "has recovered" in story.said())


ONE_PROCESS = (("serve",),)
SEVERAL = (("web", "--processes", "2"), ("worker",), ("worker",), ("worker",))


@pytest.mark.parametrize(
    ("kind", "commands"), [("sqlite", ONE_PROCESS), ("postgresql", SEVERAL)], ids=str
)
def test_security_11_the_whole_loop_comes_to_its_end_and_shows_no_secret(
    fake: FakeGitHub,
    tmp_path: Path,
    kind: str,
    commands: tuple[tuple[str, ...], ...],
    request: pytest.FixtureRequest,
) -> None:
    port, log = free_port(), tmp_path / "ironclaw.log"
    fake.hub.webhooks.url = f"http://127.0.0.1:{port}/webhooks/github"
    url = str(request.getfixturevalue(f"{kind}_url"))
    settings = environment(fake, url, tmp_path / "data", port)
    settings["LOG_LEVEL"] = "debug"
    # Both shapes that GitHub gives.
    fake.hub.long_tokens = kind == "sqlite"
    with fake, ExitStack() as processes:
        story = Story(fake, port, log)
        for command in commands:
            processes.enter_context(supervised(command, settings, log))
        story.wait("it starts", lambda: "http://" in log.read_text())
        to_the_merge(story)
        to_the_recovery(story)
        pages = {path: story.page(path) for path in ("/", "/healthz", "/readyz")}
    left = what_is_left(tmp_path, url) | pages | {"GitHub": story.said().encode()}
    # What is no secret is found in all these places, so that a secret would be.
    seen = " ".join(places_that_show({"the rule": "seen-as-list"}, left))
    database = {"sqlite": "in database", "postgresql": "in public.code_improvement"}[kind]
    assert all(place in seen for place in ("in GitHub", "in commits of", database)), seen
    secrets = canaries(fake, settings)
    assert len(secrets) > 3
    assert places_that_show(secrets, left) == []
    for branch in ("ironclaw/onboarding", "ironclaw/seen", "revert-"):
        assert len(story.pulls(branch)) == len(story.pulls(branch, merged=True)) == 1
