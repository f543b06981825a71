"""Worker processes of a test, and waiting for what they do, within generous bounds."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.adapters.engine import toy

PATIENCE = 90.0


class Workers:
    """Starts toy workers on one database, and ends every one at the end of the test."""

    def __init__(self, url: str, place: Path) -> None:
        self.url = url
        self.place = place
        self.running: list[subprocess.Popen[str]] = []

    def start(self, way: str = "note") -> "subprocess.Popen[str]":
        """One more worker, which is ready on return."""
        command = [sys.executable, toy.__file__, self.url, str(self.place), way]
        worker = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        self.running.append(worker)
        assert worker.stdout is not None
        line = worker.stdout.readline()
        if "works as" not in line:
            worker.kill()
            raise AssertionError(line + worker.communicate()[1])
        return worker

    def begun(self) -> list[str]:
        return self._keys("begun")

    def done(self) -> list[str]:
        return self._keys("done")

    def let_go(self) -> None:
        (self.place / "go").touch()

    def pids(self, name: str) -> list[int]:
        return [int(line["pid"]) for line in self._lines(name)]

    def _keys(self, name: str) -> list[str]:
        return [str(line["key"]).removeprefix("repository/") for line in self._lines(name)]

    def _lines(self, name: str) -> list[dict[str, Any]]:
        file = self.place / name
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def workers(url: str, place: Path) -> Iterator[Workers]:
    started = Workers(url, place)
    try:
        yield started
    finally:
        for worker in started.running:
            worker.kill()
            worker.communicate()


def eventually(holds: Callable[[], bool], what: str = "") -> None:
    """Return once it holds; no test asserts how long that takes."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"it never came to hold {what}"
        time.sleep(0.02)


async def soon(holds: Callable[[], bool], what: str = "") -> None:
    """The same without holding up the loop."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"it never came to hold {what}"
        await asyncio.sleep(0.02)
