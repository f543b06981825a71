"""What every test may ask for: both databases, stores on them, and a clock."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine, store_factory, upgrade
from bot.ports import StoreFactory
from tests.adapters.database import server
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import URL

BOTH = ("sqlite", "postgresql")
Connection = psycopg.Connection[tuple[object, ...]]


def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: many tests wait for processes that they have started."""
    return 1 + len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        server.open_place()


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        server.release()
    else:
        server.close_place()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of the test's own with every table and no row, once for each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database of the test's own with nothing in it, once for each kind."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
def sql_stores(engine: AsyncEngine) -> StoreFactory:
    return store_factory(engine)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'ironclaw.db')}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ironclaw.db'}"


@pytest.fixture
def postgresql_url(postgresql: Connection, postgresql_template: str) -> Iterator[str]:
    with server.database(postgresql, postgresql_template) as name:
        yield _named(name)


@pytest.fixture
def empty_postgresql_url(postgresql: Connection) -> Iterator[str]:
    with server.database(postgresql, "template0") as name:
        yield _named(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "ironclaw.db"
    upgrade(f"sqlite:///{file}", backup_dir=file.parent)
    return file


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Connection]:
    """The server's own connection, on which databases are made and dropped."""
    address = server.server_url().set(drivername="postgresql")
    conninfo = address.render_as_string(hide_password=False)
    with closing(psycopg.connect(conninfo, autocommit=True)) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgresql_template(
    postgresql: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with server.database(postgresql, "template0") as name:
        upgrade(_named(name), backup_dir=tmp_path_factory.mktemp("unused"))
        yield name


def _named(database: str) -> str:
    address: URL = server.server_url().set(database=database)
    return address.render_as_string(hide_password=False)
