"""From the installation to what was learned, by real processes over HTTP."""

from pathlib import Path

import pytest

from tests.entrypoints.projects import SLOW, TESTS
from tests.fakes.github import FakeGitHub
from tests.story.processes import environment, free_port, running, wait_until

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


def merged(fake: FakeGitHub, branch: str) -> bool:
    pulls = [one for one in list(fake.repository(REPO).issues.values()) if one.pull]
    return any(
        one.pull.merged_at and one.pull.head_ref.startswith(branch) for one in pulls if one.pull
    )


def numbers(fake: FakeGitHub, branch: str) -> list[int]:
    issues = list(fake.repository(REPO).issues.values())
    return [one.number for one in issues if one.pull and one.pull.head_ref.startswith(branch)]


def test_an_improvement_is_asked_for_found_opened_and_merged(
    fake: FakeGitHub, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "ironclaw.log"
    fake.hub.webhooks.url = f"http://127.0.0.1:{port}/webhooks/github"
    data = tmp_path / "data"
    settings = environment(fake, f"sqlite:///{data}/ironclaw.db", data, port)
    with fake, running(("serve",), settings, log):
        wait_until("it starts", lambda: "http://" in log.read_text(), log)
        fake.create_repository(REPO, FILES)
        wait_until("it asks for leave", lambda: numbers(fake, "ironclaw/onboarding"), log)
        (asked,) = numbers(fake, "ironclaw/onboarding")
        assert numbers(fake, "ironclaw/seen") == []
        fake.merge_as_person(REPO, asked)
        fake.push(REPO, "main", {".github/ironclaw.yml": POLICY})
        wait_until("it opens one", lambda: numbers(fake, "ironclaw/seen"), log)
        wait_until("it is merged", lambda: merged(fake, "ironclaw/seen"), log)
        assert "seen = set()" in fake.files(REPO)["shop/names.py"]
