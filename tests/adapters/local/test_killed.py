"""A bot that is killed at any moment leaves a sound repository, and the next one goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.domain.pulls import PullState
from bot.ports import UserError
from tests.adapters.codehost_contract import FILES
from tests.adapters.local.crash import check, walk
from tests.adapters.local.repos import git, make_host, make_repository

ROOT = Path(__file__).parents[3]


def run_and_kill(place: Path, state: Path, first: int, seconds: float, *, whole: bool) -> None:
    """Start a bot and kill it, alone or together with the git that it runs."""
    bot = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.local.crash", place, state, str(first)],
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    lock = state / "repositories"
    deadline = time.monotonic() + 30
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    assert bot.poll() is None, bot.communicate()[1].decode()
    if whole:
        os.killpg(bot.pid, signal.SIGKILL)
    else:
        bot.kill()
    bot.communicate()


async def go_on(place: Path, state: Path, number: int) -> None:
    """What must be true after a kill, and that the same work can then be finished."""
    host = make_host(place, state)
    await check(host)
    revert = await walk(host, number)
    await check(host)
    found = await host.pull_request(revert.number)
    assert found is not None
    assert found.state is PullState.MERGED
    assert "error" not in git(place, "fsck", "--strict", "--no-dangling")


async def kill_often(folder: Path, times: int, seed: int) -> None:
    place, state = make_repository(folder / "repo.git", bare=True), folder / "state"
    dice = random.Random(seed)
    for number in range(times):
        first = number * 1000
        run_and_kill(place, state, first, dice.uniform(0.0, 1.0), whole=dice.random() < 0.5)
        for begun in begun_numbers(place):
            await go_on(place, state, begun)
        await go_on(place, state, first)
        # Every change was brought in and out again.
        assert git(place, "ls-tree", "-r", "--name-only", "main").split() == sorted(FILES)
    scratch = list(state.glob("repositories/*/scratch/*"))
    assert scratch == []


def begun_numbers(place: Path) -> list[int]:
    """The changes that the bots may have left unfinished."""
    names = git(place, "for-each-ref", "--format=%(refname:lstrip=4)", "refs/heads/ironclaw/rule")
    return sorted({int(name) for name in names.split()})[-2:]


@pytest.mark.parametrize("written", [True, False])
async def test_takes_away_the_locks_of_its_own_killed_git(written: bool, tmp_path: Path) -> None:
    place, state = make_repository(tmp_path / "repo.git", bare=True), tmp_path / "state"
    host = make_host(place, state)
    await walk(host, 1)
    left_behind(place, state, "1" * 40 if written else "")
    await walk(host, 2)
    assert list(place.rglob("*.lock")) == []


async def test_leaves_the_lock_of_another_git_alone(tmp_path: Path) -> None:
    place, state = make_repository(tmp_path / "repo.git", bare=True), tmp_path / "state"
    host = make_host(place, state)
    await walk(host, 1)
    left_behind(place, state, "2" * 40)
    with pytest.raises(UserError, match="refs/heads/main"):
        await walk(host, 2)
    assert [path.name for path in place.rglob("*.lock")] == ["main.lock"]


def left_behind(place: Path, state: Path, content: str) -> None:
    """What is there when a git has died that was to move main to 1111..."""
    (place / "refs/heads/main.lock").write_text(content)
    (root,) = (state / "repositories").iterdir()
    (root / "changing.json").write_text(json.dumps({"refs/heads/main": "1" * 40}))
    (root / "scratch" / "left").mkdir()
    (root / "scratch" / "left" / "object").write_text("")


async def test_goes_on_after_being_killed(tmp_path: Path) -> None:
    await kill_often(tmp_path, 8, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
async def test_goes_on_after_being_killed_very_often(seed: int, tmp_path: Path) -> None:
    await kill_often(tmp_path, 30, seed)
