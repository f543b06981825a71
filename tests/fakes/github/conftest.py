"""A fake with one repository, and independent clients of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from githubkit import AppInstallationAuthStrategy, GitHub

from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client


@pytest.fixture
def fake(tmp_path: Path, clock: FixedClock) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path, clock) as made:
        made.create_repository(REPO, {"app.py": "x = 1\n", "lib/other.py": "a = 1\n"})
        yield made


@pytest.fixture
def client(fake: FakeGitHub) -> Iterator[Client]:
    """Githubkit as the installation."""
    id = fake.installation(REPO).id
    auth = AppInstallationAuthStrategy(fake.app_id, fake.private_key, id)
    with GitHub(auth, base_url=fake.url, timeout=10, http_cache=False, auto_retry=False) as made:
        yield made
