"""The example payloads, each sent to the running service as GitHub would send it."""

import hmac
import http.client
import json
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.engine import inside
from tests.contracts import official
from tests.contracts.rewriting import Place, moved
from tests.fakes.github import FakeGitHub
from tests.story.processes import environment, free_port, supervised
from tests.story.test_whole_loop import FILES, ONE_PROCESS, POLICY, REPO, SEVERAL, Story

pytestmark = pytest.mark.contracts

APPROVED = POLICY.replace("automatic: true", "automatic: false")
SAID = ("help", "status", "explain", "rate 4", "aprove it", "approve 1234567", "retry")
Example = tuple[str, dict[str, Any]]


def test_there_are_examples_of_every_event_that_the_app_listens_to() -> None:
    listed = official.examples()
    known = {name for name, _ in listed}
    assert len(listed) == 329
    assert {"pull_request", "check_run", "installation", "push", "deployment_status"} <= known


@dataclass
class Service:
    """The service as it runs, and what is kept in its database."""

    story: Story
    url: str

    @property
    def fake(self) -> FakeGitHub:
        return self.story.fake

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.story.port}"

    def send(self, prefix: str, examples: Iterable[Example]) -> Counter[int]:
        """Send each with an id of its own; how often each status was answered."""
        secret, answers = self.fake.webhook_secret.encode(), Counter[int]()
        for number, (event, payload) in enumerate(examples):
            body = json.dumps(payload).encode()
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Delivery": f"{prefix}-{number}",
                "X-GitHub-Event": event,
                "X-Hub-Signature-256": f"sha256={hmac.digest(secret, body, 'sha256').hex()}",
            }
            address = ("127.0.0.1", self.story.port)
            # Each on a connection of its own: one that is kept may be closed just when it is used.
            with closing(http.client.HTTPConnection(*address, timeout=60)) as client:
                client.request("POST", "/webhooks/github", body, headers)
                answers[client.getresponse().status] += 1
        return answers

    def settle(self) -> None:
        """Wait until every delivery is routed and every job has ended."""
        self.story.wait("it comes to rest", lambda: not self.unrouted() and not self.unfinished())

    def unrouted(self) -> list[str]:
        states = inside.states(self.url)
        return [id for id, state in states.items() if state == "received"]

    def unfinished(self) -> list[str]:
        ended = {"SUCCESS", "ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"}
        return [id for id, status in inside.jobs(self.url).items() if status not in ended]

    def outcome(self, prefix: str) -> Counter[str]:
        """What became of the deliveries of one pass."""
        states = inside.states(self.url)
        return Counter(state for id, state in states.items() if id.startswith(f"{prefix}-"))

    def assert_well(self) -> None:
        """Nothing is parked, nothing went wrong, and it is ready."""
        assert set(inside.states(self.url).values()) <= {"routed", "ignored"}
        assert set(inside.jobs(self.url).values()) == {"SUCCESS"}
        said = [json.loads(line) for line in self.story.log.read_text().splitlines() if "{" in line]
        assert [one for one in said if one["level"] != "info" or "trace" in one] == []
        assert httpx.get(f"{self.address}/readyz", timeout=30).status_code == 200

    def place(self) -> Place:
        """Where our pull request is."""
        (issue,) = self.story.pulls("ironclaw/seen")
        assert issue.pull
        return Place(
            self.fake.installation(REPO).id,
            self.fake.repository(REPO).id,
            REPO,
            issue.number,
            issue.pull.head_sha,
            issue.pull.head_ref,
        )


def to_the_pull_request(story: Story) -> None:
    """Installed, asked, agreed, found, opened; a person must approve it."""
    story.fake.create_repository(REPO, FILES)
    story.wait("it asks for leave", lambda: story.pulls("ironclaw/onboarding"))
    (asked,) = story.pulls("ironclaw/onboarding")
    story.fake.merge_as_person(REPO, asked.number)
    story.fake.push(REPO, "main", {".github/ironclaw.yml": APPROVED})
    story.wait("it opens one", lambda: story.pulls("ironclaw/seen"))


def send_as_they_are(service: Service) -> None:
    """Of repositories and installations that nobody knows."""
    assert service.send("foreign", official.examples()) == {202: 329}
    service.settle()
    outcome = service.outcome("foreign")
    assert outcome.total() == 329
    assert outcome.keys() == {"routed", "ignored"}
    service.assert_well()


def send_about_ours(service: Service) -> None:
    """Of our repository and pull request: each wakes whom the same event there would wake."""
    fake, place, told = service.fake, service.place(), []
    examples = official.examples()
    spoken = [number for number, (event, _) in enumerate(examples) if event == "issue_comment"]
    comments: dict[int, int] = {}
    for number in spoken:
        # The example tells of it, and nothing else does.
        fake.webhooks.fault("dropped", "issue_comment")
        text = f"/ironclaw {SAID[number % len(SAID)]}"
        comments[number] = fake.comment(REPO, place.number, "ada", text)
    for number, (event, payload) in enumerate(examples):
        told.append((event, moved(payload, place, comments.get(number))))
    asked = len(fake.requests)
    assert service.send("ours", told) == {202: 329}
    service.settle()
    assert service.outcome("ours").keys() == {"routed", "ignored"}
    woken = {kind for one in inside.ask(service.url, JOBS) for kind in KINDS if kind in one[0]}
    assert woken == set(KINDS)
    assert len(fake.requests) > asked
    assert_answered(service, {id: examples[n][1]["action"] for n, id in comments.items()})
    service.assert_well()


JOBS = (
    "SELECT given.inputs FROM dbos.workflow_input AS given JOIN dbos.workflow_status AS job "
    "ON job.workflow_uuid = given.workflow_uuid WHERE job.workflow_uuid LIKE '%\\:ours-%'"
)
KINDS = ("advance", "look_at_repository", "look_at_installation", "obey")


def assert_answered(service: Service, actions: dict[int, str]) -> None:
    """Each comment that was told of as written or edited has its sign.

    One that is told to be deleted is still there on the fake, where a visit finds and answers it.
    """
    issue = service.fake.repository(REPO).issues[service.place().number]
    signs = {one.id: [by.content for by in one.reactions] for one in issue.comments}
    answered = {id for id, action in actions.items() if action != "deleted"}
    assert answered
    assert answered <= {id for id in actions if signs[id]}


def work_on(service: Service) -> None:
    """It still does what it is for."""
    story, place = service.story, service.place()
    service.fake.comment(REPO, place.number, "ada", f"/ironclaw approve {place.head_sha}")
    story.wait("it is merged", lambda: story.pulls("ironclaw/seen", merged=True))
    service.settle()
    service.assert_well()


@pytest.mark.parametrize(
    ("kind", "commands"), [("sqlite", ONE_PROCESS), ("postgresql", SEVERAL)], ids=str
)
def test_every_example_is_taken_and_disturbs_nothing(
    tmp_path: Path,
    kind: str,
    commands: tuple[tuple[str, ...], ...],
    request: pytest.FixtureRequest,
) -> None:
    port, log = free_port(), tmp_path / "ironclaw.log"
    fake = FakeGitHub(tmp_path / "github", background=True)
    fake.hub.webhooks.url = f"http://127.0.0.1:{port}/webhooks/github"
    url = str(request.getfixturevalue(f"{kind}_url"))
    settings = environment(fake, url, tmp_path / "data", port) | {"LOG_FORMAT": "json"}
    with fake, ExitStack() as processes:
        story = Story(fake, port, log)
        for command in commands:
            processes.enter_context(supervised(command, settings, log))
        story.wait("it starts", lambda: "http://" in log.read_text())
        service = Service(story, url)
        to_the_pull_request(story)
        send_as_they_are(service)
        send_about_ours(service)
        work_on(service)
