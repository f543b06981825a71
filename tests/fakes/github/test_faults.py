"""Bad luck: what it does to the client, and what it leaves behind."""

import pytest
import requests

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Raw, commit_input
from tests.fakes.github.effects import Effect, Stage
from tests.fakes.github.faults import KINDS, Kind

BROKEN: tuple[type[Exception], ...] = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
)


def attempt(raw: Raw, patience: float = 10) -> int:
    """Open an issue; gives the status, 0 when the connection broke."""
    try:
        return raw.session.post(
            f"{raw.fake.url}/repos/{REPO}/issues",
            json={"title": "Once"},
            headers={"Authorization": f"Bearer {raw.token}"},
            timeout=patience,
        ).status_code
    except BROKEN:
        return 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_strikes_before_or_after_the_effect(fake: FakeGitHub, raw: Raw, kind: Kind) -> None:
    fake.faults.add(kind, "POST", "/issues$")
    patience = 0.1 if kind.startswith("timeout") else 10
    assert attempt(raw, patience) == (502 if kind.startswith("error") else 0)
    happened = 0 if kind.endswith("-before") else 1
    assert len(fake.repository(REPO).issues) == happened
    assert attempt(raw) == 201
    assert len(fake.repository(REPO).issues) == happened + 1


def test_a_fault_can_wait_for_its_turn(fake: FakeGitHub, raw: Raw) -> None:
    fake.faults.add("error-before", "POST", "/issues$", nth=2, times=2, status=503)
    assert [attempt(raw) for _ in range(4)] == [201, 503, 503, 201]


def test_a_fault_finds_a_mutation_by_its_name(fake: FakeGitHub, raw: Raw) -> None:
    head = fake.head(REPO) or ""
    raw.at("POST", "/git/refs", ref="refs/heads/x", sha=head)
    fake.faults.add("error-after", operation="createCommitOnBranch")
    given = commit_input("x", head, {"app.py": "x = 2\n"})
    text = "mutation($input: CreateCommitOnBranchInput!) { %s }"
    document = text % "createCommitOnBranch(input: $input) { commit { oid } }"
    answer = raw.call("POST", "/graphql", query=document, variables={"input": given})
    assert answer.status_code == 502
    assert fake.files(REPO, "x")["app.py"] == "x = 2\n"
    assert raw.ask("{ viewer { login } }")["data"]["viewer"]["login"] == "ironclaw"


def test_chance_is_the_same_for_the_same_seed(fake: FakeGitHub, raw: Raw) -> None:
    runs = []
    for _ in range(2):
        fake.faults.by_chance(3, 0.3, ("error-before", "error-after"))
        runs.append([raw.at("GET", "").status_code for _ in range(30)])
    fake.faults.clear()
    assert runs[0] == runs[1]
    assert 0 < runs[0].count(502) < 30


def test_every_effect_is_in_the_log_and_can_be_watched(fake: FakeGitHub, raw: Raw) -> None:
    seen: list[tuple[Stage, str, bool]] = []

    def watch(stage: Stage, effect: Effect) -> None:
        seen.append((stage, effect.kind, effect.api))

    fake.effects.watch(watch)
    raw.at("POST", "/issues", title="Mine")
    fake.open_issue(REPO, "Theirs")
    raw.at("GET", "/issues/1")
    raw.at("POST", "/issues")
    fake.effects.unwatch(watch)
    assert seen == [
        ("before", "issue", True),
        ("after", "issue", True),
        ("before", "issue", False),
        ("after", "issue", False),
    ]
    assert [one.by for one in fake.effect_log][-2:] == [fake.bot, "ada"]


def test_what_was_said_is_recorded(fake: FakeGitHub, raw: Raw) -> None:
    raw.at("POST", "/issues", title="Mine")
    last = fake.requests[-1]
    assert (last.method, last.path, last.status) == ("POST", f"/repos/{REPO}/issues", 201)
    assert last.json == {"title": "Mine"}
    assert last.answer_json["number"] == 1
    assert last.installation == fake.installation(REPO).id
