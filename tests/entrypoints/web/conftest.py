"""Databases and servers that the tests of one module share."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.adapters.database import server as postgresql_server
from tests.conftest import BOTH
from tests.entrypoints.web.serving import Server, environment, ironclaw, started


class Web(NamedTuple):
    """Two web processes on one database."""

    url: str
    server: Server


@contextmanager
def web_processes(url: str, place: Path, *more: str) -> Iterator[Server]:
    """`ironclaw web` with these options; nothing of GitHub can be reached from it."""
    surroundings = environment(url, place / "data", GITHUB_API_URL="http://127.0.0.1:9")
    with started(ironclaw("web", *more), surroundings, place / "web.log") as server:
        yield server


@pytest.fixture(scope="module", params=BOTH)
def shared_url(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database with every table and no row at first, once for each kind and module."""
    if request.param == "sqlite":
        place = tmp_path_factory.mktemp("shared")
        yield f"sqlite:///{shutil.copy(sqlite_template, place / 'ironclaw.db')}"
        return
    connection = request.getfixturevalue("postgresql")
    template = request.getfixturevalue("postgresql_template")
    with postgresql_server.database(connection, template) as name:
        address = postgresql_server.server_url().set(database=name)
        yield address.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def web(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    place = tmp_path_factory.mktemp("web")
    with web_processes(shared_url, place, "--processes", "2") as server:
        yield Web(shared_url, server)
