"""Whatever a repository or an environment names as a program, the host runs none of it."""

import subprocess
from pathlib import Path

import pytest

from tests.adapters.local.repos import PERSON, commit_files, git, make_repository
from tests.adapters.local.traps import TRAPS, hostile_environment, make_trap_program
from tests.adapters.local.watching import (
    MAIN,
    OTHERS,
    SOURCE,
    everything,
    touched,
    tour,
    touring_host,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository whose user is at work on another branch than main."""
    place = make_repository(tmp_path / "repo", SOURCE)
    commit_files(place, "theirs", {"app.py": OTHERS})
    git(place, "switch", "-q", "-c", "work")
    (place / "app.py").write_text("# at work\n" + SOURCE["app.py"])
    git(place, "commit", "-q", "-a", "-m", "work")
    return place


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def program(tmp_path: Path, canary: Path) -> Path:
    return make_trap_program(tmp_path / "trap", canary)


@pytest.mark.parametrize("name", TRAPS)
async def test_springs_no_trap(
    name: str, place: Path, program: Path, canary: Path, tmp_path: Path
) -> None:
    TRAPS[name].set(place, program)
    canary.unlink(missing_ok=True)
    before = everything(place)
    await tour(touring_host(place, tmp_path / "state"), place / ".git")
    assert not canary.exists(), canary.read_text()
    assert touched(before, everything(place), place / ".git", MAIN) == set()


@pytest.mark.parametrize("name", [name for name in TRAPS if TRAPS[name].sprung_by])
def test_the_traps_would_spring(name: str, place: Path, program: Path, canary: Path) -> None:
    TRAPS[name].set(place, program)
    canary.unlink(missing_ok=True)
    command = [word.format(program=program) for word in TRAPS[name].sprung_by]
    subprocess.run(
        ["git", *command],
        cwd=place,
        env=PERSON,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert canary.exists()


async def test_obeys_nothing_in_the_environment(
    place: Path, program: Path, canary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in hostile_environment(tmp_path, program).items():
        monkeypatch.setenv(name, value)
    before = everything(tmp_path)
    host = touring_host(place, tmp_path / "state")
    done = await tour(host, place / ".git")
    assert not canary.exists(), canary.read_text()
    new = touched(before, everything(tmp_path), place / ".git", MAIN)
    assert {path for path in new if "/state" not in path} == set()
    said = git(place, "log", "-1", "--format=%an <%ae> %cn <%ce>", done.pull.head_sha)
    assert said == "Ironclaw <ironclaw@localhost> Ironclaw <ironclaw@localhost>"
