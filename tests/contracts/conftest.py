"""The tour, made once and held against each description."""

from collections.abc import Iterator

import pytest
import requests

from tests.contracts import official
from tests.contracts.stops import STOPS
from tests.contracts.tour import Tour
from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO


@pytest.fixture(scope="session", autouse=True)
def descriptions() -> None:
    """Everything that the tests here stand on, or a word on how to get it."""
    try:
        official.fetch()
    except official.CannotFetchError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="session")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    """A fake that has been everywhere."""
    with FakeGitHub(tmp_path_factory.mktemp("fake"), FixedClock()) as fake:
        fake.create_repository(REPO, {"app.py": "x = 1\n", "lib/other.py": "a = 1\n"})
        with requests.Session() as session:
            tour = Tour(fake, session)
            for stop in STOPS:
                stop(tour)
        yield fake
