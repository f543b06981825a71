"""The service as its operator runs it: real processes, on the fake GitHub, over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.engine.worker import LEASE_LOST
from tests.fakes.github import FakeGitHub

ROOT = Path(__file__).parents[2]
INTAKE_TOKEN = "a-canary-of-the-intake"
PATIENCE = 600
"""Seconds after which a story is stuck; nothing is asserted about how long it takes."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(fake: FakeGitHub, url: str, data: Path, port: int) -> dict[str, str]:
    """What an operator sets."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        # They run elsewhere, and what they run is this checkout.
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "IRONCLAW_DATA_DIR": str(data),
        "IRONCLAW_PYTHON": sys.executable,
        "IRONCLAW_INTAKE_TOKEN": INTAKE_TOKEN,
        "GITHUB_API_URL": fake.url,
        "GITHUB_CLIENT_ID": fake.client_id,
        "GITHUB_PRIVATE_KEY": fake.private_key,
        "GITHUB_WEBHOOK_SECRET": fake.webhook_secret,
        "GITHUB_WRITE_PAUSE_SECONDS": "0",
        "ENABLE_AUTO_IMPROVEMENTS": "true",
        "IMPROVEMENT_CONFIDENCE_THRESHOLD": "0.1",
        "PORT": str(port),
    }


@contextmanager
def supervised(
    command: tuple[str, ...], surroundings: dict[str, str], log: Path
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """`ironclaw` with these arguments, ended gracefully; all its processes, the latest last.

    Like any supervisor this one starts it again where it asks for that by its exit code, as a
    worker does that was not let run for so long that it has lost its lease.
    """
    started, over = [_start(command, surroundings, log)], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            if started[-1].poll() == LEASE_LOST:
                started.append(_start(command, surroundings, log))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield started
    finally:
        over.set()
        watcher.join()
        _end(started[-1])


def _start(
    command: tuple[str, ...], surroundings: dict[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "bot.entrypoints.cli", *command]
    with log.open("ab") as out:
        return subprocess.Popen(
            argv, env=surroundings, cwd=log.parent, stdout=out, stderr=out, start_new_session=True
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def wait_until(what: str, happened: Callable[[], object], log: Path) -> None:
    """Look until it has happened; a story that is stuck shows its log."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"{what}\n{log.read_text()[-6000:]}"
        time.sleep(0.05)
