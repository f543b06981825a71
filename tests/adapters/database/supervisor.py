"""Run one PostgreSQL server for as long as any test process holds its lease.

Its own program, so that nothing can outlive the tests: it waits for the lease, a lock that the
system takes from a process however that ends, then stops the server and removes its folder.
Arguments: the folder shared by the test processes, the folder of PostgreSQL's programs, and
`durable` where a benchmark wants a commit to reach the disk.
"""

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

RUNNING = "running"
READY = "ready"
FAILED = "failed"
LEASE = "lease"
OWNER = "owner"
_START_SECONDS = 60
_STOP_SECONDS = 10
_DURABLE = ("listen_addresses=", "unix_socket_permissions=0777")
_SETTINGS = (
    # Speed: what a power cut would lose here nobody misses.
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal"),
    *("max_wal_senders=0", "autovacuum=off", "shared_buffers=32MB", "max_connections=200"),
    # Nobody but the tests can reach it.
    *("listen_addresses=", "unix_socket_permissions=0777"),
)


def main(place: Path, programs: Path, settings: tuple[str, ...]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="ironclaw-postgresql-"))
    # Kept to the end: a test process that comes late waits for it, then starts another server.
    lease = (place / LEASE).open("a")
    try:
        server = _start(folder, programs, settings)
        try:
            _wait_until_up(server, folder)
            _write(place / READY, str(folder))
            _wait_for_lease(lease, server)
            (place / READY).unlink(missing_ok=True)
        finally:
            _stop(server)
    except Exception as error:  # noqa: BLE001 - whatever it is, the tests must hear of it
        log = folder / "log"
        _write(place / FAILED, f"{error}\n{log.read_text() if log.exists() else ''}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (place / RUNNING).unlink(missing_ok=True)
        lease.close()
        if not _alive(int((place / OWNER).read_text())):
            shutil.rmtree(place, ignore_errors=True)


def _start(folder: Path, programs: Path, settings: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    as_user = _unprivileged(folder)
    if as_user and not _may_run(programs, as_user):
        programs = _copy(programs, folder / "copy")
    common: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, **as_user}
    data = folder / "data"
    initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]
    initdb += ["-E", "UTF8", "--locale=C", "--no-sync"]
    with (folder / "log").open("ab") as log:
        subprocess.run(initdb, check=True, stdout=log, stderr=log, **common)
        options = [word for setting in settings for word in ("-c", setting)]
        serve: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, *options]
        return subprocess.Popen(
            serve, stdout=log, stderr=log, preexec_fn=_die_with_parent, **common  # noqa: PLW1509
        )


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: use another user, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _may_run(programs: Path, as_user: dict[str, Any]) -> bool:
    try:
        command: list[str | Path] = [programs / "initdb", "--version"]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **as_user)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy(programs: Path, target: Path) -> Path:
    """A package below root's home is out of the other user's reach: copy it with its libraries."""
    package = programs.parents[1]
    for part in (programs.parent, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, target / part.relative_to(package.parent), symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", target], check=True)
    return target / programs.relative_to(package.parent)


def _die_with_parent() -> None:
    """Linux: should this program be killed, the server gets the signal to stop at once."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _wait_until_up(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    import psycopg  # noqa: PLC0415 - the tests import this module for its names alone

    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _wait_for_lease(lease: IO[str], server: "subprocess.Popen[bytes]") -> None:
    """Return once no test process holds the lease, or the server has ended by itself."""
    while server.poll() is None:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return


def _stop(server: "subprocess.Popen[bytes]") -> None:
    for way in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(way)
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), _DURABLE if "durable" in sys.argv else _SETTINGS)
