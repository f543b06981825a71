"""The running service, over sockets, while GitHub is away, slow, or tells it strange things."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.adapters.engine import inside
from tests.entrypoints.web.serving import signature
from tests.fakes.github import FakeGitHub
from tests.story.processes import environment, free_port, supervised, wait_until

REPO = "team/shop"
ONBOARDING = "ironclaw/onboarding"


@dataclass
class Place:
    """One fake GitHub, one database, and where the service answers."""

    fake: FakeGitHub
    folder: Path
    url: str
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "ironclaw.log"

    @contextmanager
    def service(self, command: str, **more: str) -> Iterator[dict[str, str]]:
        """`ironclaw` with this command, once it listens; gives its settings."""
        settings = environment(self.fake, self.url, self.folder / "data", self.port) | more
        before = self.said().count("listens at")
        with supervised((command,), settings, self.log):
            self.wait("it listens", lambda: self.said().count("listens at") > before)
            yield settings

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def wait(self, what: str, happened: Callable[[], object]) -> None:
        wait_until(what, happened, self.log)

    def deliver(self, id: str, event: str, body: bytes) -> int:
        """Send a signed delivery; gives the status of the answer."""
        headers = {
            "X-GitHub-Delivery": id,
            "X-GitHub-Event": event,
            "X-Hub-Signature-256": signature(body, self.fake.webhook_secret),
        }
        address = f"http://127.0.0.1:{self.port}/webhooks/github"
        return httpx.post(address, content=body, headers=headers, timeout=60).status_code

    def states(self) -> dict[str, str]:
        return inside.states(self.url)

    def asked(self) -> list[str]:
        """Heads of the pull requests in the repository."""
        pulls = self.fake.repository(REPO).pulls()
        return [one.pull.head_ref for one in pulls if one.pull]


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str) -> Iterator[Place]:
    port = free_port()
    with FakeGitHub(tmp_path / "github", background=True) as fake:
        fake.hub.webhooks.url = f"http://127.0.0.1:{port}/webhooks/github"
        yield Place(fake, tmp_path, sqlite_url, port)


@contextmanager
def silence() -> Iterator[socket.socket]:
    """Somebody who listens and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=200)) as listener:
        listener.setblocking(False)
        yield listener


def callers(listener: socket.socket) -> int:
    """How many have connected since the last look; their connections stay open."""
    found = 0
    while True:
        try:
            listener.accept()[0].detach()
        except BlockingIOError:
            return found
        found += 1


@pytest.mark.parametrize("command", ["web", "serve"])
def test_security_3_a_github_and_a_model_that_hang_hold_up_no_delivery(
    place: Place, command: str
) -> None:
    with silence() as listener:
        silent = f"http://127.0.0.1:{listener.getsockname()[1]}"
        outside = {"GITHUB_API_URL": silent, "OPENAI_BASE_URL": silent, "PROMETHEUS_URL": silent}
        with place.service(command, **outside):
            if command == "serve":
                place.wait("the worker asks GitHub", lambda: callers(listener))
            answers = [place.deliver(f"d-{number}", "ping", b"{}") for number in range(40)]
            assert answers == [202] * 40
            assert {id for id in place.states() if id.startswith("d-")} == set(all_of(40))
            # Whoever takes deliveries in asks nobody anything.
            assert command == "serve" or callers(listener) == 0


def all_of(count: int) -> list[str]:
    return [f"d-{number}" for number in range(count)]


def test_security_5_what_never_arrived_is_asked_for_once_also_after_a_restart(place: Place) -> None:
    fake = place.fake
    fake.create_repository(REPO, {"README.md": "one\n"})
    issue = fake.open_issue(REPO, "Something")
    # Nothing listens yet: these fail, on three pages of the host's list.
    lost = happen(place, issue, 210)
    with fake.hub.lock:
        old = [one for one in fake.deliveries if one.guid in lost[:5]]
        for one in old:
            one.delivered_at -= timedelta(days=3, hours=1)
        # The host lists the newest first.
        fake.deliveries.sort(key=lambda one: one.delivered_at)
    with place.service("serve"):
        place.wait("they arrive", lambda: set(lost[5:]) <= place.states().keys())
        place.wait("the sweep ends", lambda: swept(place))
        fake.webhooks.settle()
        arrived = happen(place, issue, 3)
        place.wait("it is routed", lambda: "received" not in place.states().values())
    first = swept(place)
    again = attempts(place)
    assert not set(lost[:5]) & place.states().keys()
    assert {again[guid] for guid in lost[5:]} == {2}
    late = happen(place, issue, 2)
    with place.service("serve"):
        place.wait("it sweeps again", lambda: swept(place) > first)
        place.wait("they arrive", lambda: set(late) <= place.states().keys())
        fake.webhooks.settle()
    after = attempts(place)
    # Not of everything: what the service itself does has echoes that fail while it stops.
    assert {guid: after[guid] for guid in lost} == {guid: again[guid] for guid in lost}
    assert {after[guid] for guid in arrived} == {1}
    assert {after[guid] for guid in late} == {2}


def happen(place: Place, issue: int, times: int) -> list[str]:
    """So many deliveries, each tried once; gives their ids."""
    start = len(place.fake.deliveries)
    for number in range(times):
        place.fake.comment(REPO, issue, "ada", f"{number}")
    place.fake.webhooks.settle()
    return [one.guid for one in place.fake.deliveries[start:] if not one.redelivery]


def swept(place: Place) -> str:
    """Up to when the deliveries have been gone through."""
    found = inside.ask(place.url, "SELECT value FROM memo WHERE name = 'deliveries_swept'")
    return str(found[0][0]) if found else ""


def attempts(place: Place) -> dict[str, int]:
    """How often the host has sent each delivery."""
    guids = [one.guid for one in place.fake.deliveries]
    return {guid: guids.count(guid) for guid in guids}


STRANGE: dict[str, tuple[str, bytes]] = {
    "unknown-event": ("never_heard_of", b'{"action": "unheard"}'),
    "unknown-action": ("pull_request", b'{"action": "unheard", "number": 1}'),
    "nulls": ("pull_request", b'{"action": null, "repository": null, "pull_request": null}'),
    "wrong-kinds": ("check_run", b'{"check_run": [], "repository": 3, "installation": "x"}'),
    "more": ("push", b'{"ref": "refs/heads/main", "added": {"later": [1, {"a": null}]}}'),
    "no-such-number": ("installation", b'{"installation": {"id": 99999999999999999999}}'),
    "crab": ("issue_comment", '{"comment": {"id": 1, "body": "\N{CRAB}"}}'.encode()),
    "surrogate": ("push", b'{"ref": "\\u0000\\ud800", "repository": {"full_name": "\\ud800"}}'),
    "deep": ("push", b'{"x":' * 1_000 + b"1" + b"}" * 1_000),
    "no-text": ("push", b"\x00\xff"),
    "no-object": ("ping", b"[]"),
    "no-json": ("push", b"{"),
    "nothing": ("push", b""),
}
UNREADABLE = {"deep", "no-text", "no-object", "no-json", "nothing"}


def test_security_7_whatever_is_delivered_the_queue_goes_on(place: Place) -> None:
    with place.service("serve"):
        for id, (event, body) in STRANGE.items():
            assert place.deliver(id, event, body) == 202, id
        place.fake.create_repository(REPO, {"README.md": "one\n"})
        place.wait("it asks for leave", lambda: ONBOARDING in place.asked())
        place.wait("all is routed", lambda: "received" not in place.states().values())
        ended = {"SUCCESS"}
        place.wait("jobs end", lambda: set(inside.jobs(place.url).values()) <= ended)
    found = place.states()
    assert {id for id, state in found.items() if state == "parked"} == UNREADABLE
    why = inside.ask(place.url, "SELECT why FROM delivery WHERE state = 'parked'")
    assert all(reason for (reason,) in why)
    assert "Traceback" not in place.said()
