"""A fake with one repository, and independent clients of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from github import Auth, Github
from githubkit import AppInstallationAuthStrategy, GitHub
from githubkit.cache import MemCacheStrategy

from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, Raw, installation_token
from tests.fakes.github.hub import WallClock


@pytest.fixture
def fake(tmp_path: Path, clock: FixedClock) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path, clock) as made:
        made.create_repository(REPO, {"app.py": "x = 1\n", "lib/other.py": "a = 1\n"})
        yield made


@pytest.fixture
def raw(fake: FakeGitHub) -> Iterator[Raw]:
    """Plain HTTP as the installation."""
    with requests.Session() as session:
        made = Raw(fake, session)
        made.token = installation_token(made)
        yield made


@pytest.fixture
def pygithub(fake: FakeGitHub) -> Iterator[Github]:
    """PyGithub as the installation; it reads the machine's clock, so its tokens must too."""
    fake.hub.clock = WallClock()
    app = Auth.AppAuth(fake.app_id, fake.private_key)
    auth = app.get_installation_auth(fake.installation(REPO).id)
    with Github(
        auth=auth,
        base_url=fake.url,
        retry=None,
        timeout=10,
        seconds_between_requests=0,
        seconds_between_writes=0,
    ) as made:
        yield made


@pytest.fixture
def client(fake: FakeGitHub) -> Iterator[Client]:
    """Githubkit as the installation."""
    id = fake.installation(REPO).id
    auth = AppInstallationAuthStrategy(fake.app_id, fake.private_key, id)
    # Without a cache of its own it would take the token of another fake's installation.
    with GitHub(
        auth,
        base_url=fake.url,
        timeout=10,
        http_cache=False,
        auto_retry=False,
        cache_strategy=MemCacheStrategy(),
    ) as made:
        yield made
