"""`kill -9` at any moment of `improve`: nothing of the user changes, the next run works."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.entrypoints.projects import git, shop

_LONGEST_RUN = 12.0


def _command(project: Path) -> list[str]:
    options = ("--json", "--python", sys.executable, "--rules", "seen-as-list")
    return [sys.executable, "-m", "bot.entrypoints.cli", "improve", str(project), *options]


def _of_the_user(project: Path) -> dict[str, bytes]:
    """Every file of the working tree and of .git, but for objects and what is named ours."""
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and "objects" not in path.parts and "ironclaw" not in path.parts
    }


def _processes_with(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if marker.encode() in environment:
                found.append(int(entry.name))
    return found


def _kill_and_run_again(tmp_path: Path, moments: list[float]) -> None:
    project = shop(tmp_path / "project")
    before = _of_the_user(project)
    surroundings = os.environ | {"IRONCLAW_DATA_DIR": str(tmp_path / "data")}
    for moment in moments:
        process = subprocess.Popen(
            _command(project),
            env=surroundings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert _of_the_user(project) == before
        git(project, "fsck", "--strict")
    done = subprocess.run(
        _command(project), env=surroundings, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["improvements"]
    assert one["state"] == "open", one
    assert _of_the_user(project) == before
    assert git(project, "branch", "--list", "ironclaw/*").split() == [one["branch"]]
    assert _processes_with(str(tmp_path / "data")) == []


def test_the_next_run_starts_clean(tmp_path: Path) -> None:
    _kill_and_run_again(tmp_path, [1.5, 4.5])


@pytest.mark.parametrize("before", ["", "trap '' INT; "], ids=["job", "background job"])
def test_a_polite_stop_ends_everything(tmp_path: Path, before: str) -> None:
    project = shop(tmp_path / "project")
    mine = tmp_path / "mine"
    mine.mkdir()
    surroundings = {"IRONCLAW_DATA_DIR": str(tmp_path / "data"), "TMPDIR": str(mine)}
    process = subprocess.Popen(
        ["sh", "-c", f'{before}exec "$@"', "sh", *_command(project)],
        env=os.environ | surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("recording"):
            break
    process.terminate()
    assert process.wait(timeout=60) == 130
    process.stderr.close()
    assert [path.name for path in mine.iterdir() if path.name.startswith("ironclaw-s")] == []
    assert _processes_with(str(mine)) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_the_next_run_starts_clean_after_many_kills(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    _kill_and_run_again(tmp_path, [chance.uniform(0.1, _LONGEST_RUN) for _ in range(8)])
