"""Nothing is left: after an error, a cancellation, or when Ironclaw itself is killed."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.sandbox import folders
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.outcomes import TestOutcome
from tests.adapters.sandbox.projects import HERE, PACKAGE, tree
from tests.adapters.sandbox.test_hostile import _alive

ROOT = Path(__file__).parents[3]
SLEEPER = (
    "import subprocess, sys, time\n\n\ndef test_it():\n"
    "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)', {marker!r}])\n"
    "    time.sleep(99)\n"
)


async def _until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.05)


async def test_an_error_in_the_workspace_removes_it(sandbox: ProcessSandbox, place: Path) -> None:
    async def fail() -> None:
        async with sandbox.open(tree(PACKAGE), HERE):
            assert list(place.iterdir())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert list(place.iterdir()) == []


async def test_a_cancelled_run_ends_its_processes(sandbox: ProcessSandbox) -> None:
    marker = f"cancelled-{os.getpid()}-{time.monotonic_ns()}"

    async def work() -> None:
        source = SLEEPER.format(marker=marker)
        async with sandbox.open(tree({"test_it.py": source}), HERE) as workspace:
            await workspace.run_tests()

    task = asyncio.create_task(work())
    await _until(lambda: _alive(marker))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _alive(marker) == []


async def test_what_a_killed_run_leaves_goes_at_the_next_start(tmp_path: Path, place: Path) -> None:
    marker = f"killed-{os.getpid()}-{time.monotonic_ns()}"
    program = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from bot.adapters.sandbox.process_sandbox import ProcessSandbox\n"
        "from tests.adapters.sandbox.projects import HERE, tree\n\n"
        "async def main():\n"
        "    sandbox = ProcessSandbox(Path(sys.argv[1]), folder=Path(sys.argv[2]))\n"
        "    async with sandbox.open(tree({'test_it.py': sys.argv[3]}), HERE) as workspace:\n"
        "        await workspace.run_tests()\n\n"
        "asyncio.run(main())\n"
    )
    source = SLEEPER.format(marker=marker)
    argv = [sys.executable, "-c", program, str(tmp_path / "data"), str(place), source]
    process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT)
    # What it forks before it has a folder goes by its own command line for a moment.
    await _until(lambda: len(_alive(marker)) > 1 and any(place.iterdir()))
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await _until(lambda: not _alive(marker))
    assert len(list(place.iterdir())) == 1
    sandbox = ProcessSandbox(tmp_path / "data", folder=place)
    async with sandbox.open(tree(PACKAGE), HERE) as workspace:
        assert len(list(place.iterdir())) == 1
        run = await workspace.run_tests()
    assert run.outcomes["tests/test_shop.py::test_right"] is TestOutcome.PASSED


async def test_sweeping_leaves_what_is_in_use_or_somebody_elses(place: Path) -> None:
    theirs = place / f"{folders.PREFIX}theirs"
    theirs.mkdir()
    (theirs / "data").touch()
    os.utime(theirs, (0, 0))
    async with folders.temporary_folder(place) as mine:
        assert folders.sweep(place) == 0
        assert mine.is_dir()
        assert (theirs / "data").exists()
    folders.remove(theirs)


def test_removes_a_folder_that_nothing_else_can(place: Path) -> None:
    folder = place / "deep"
    inner = folder
    inner.mkdir()
    os.chdir(inner)
    try:
        for _ in range(1500):
            Path("nested" * 4).mkdir()
            os.chdir("nested" * 4)
        Path("file").touch()
        Path().chmod(0)
    finally:
        os.chdir(ROOT)
    folders.remove(folder)
    assert not folder.exists()
