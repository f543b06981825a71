"""Runs the required checks on the exact head commit of a pull request, each once."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from bot.adapters.local.locking import try_lock
from bot.adapters.local.notes import note_check
from bot.adapters.local.pulls import Pulls
from bot.adapters.local.trees import read_tree
from bot.domain.pulls import Check, Conclusion, PullState
from bot.domain.tree import Tree

SOURCE = "local"
_Result = TypeVar("_Result")


class CheckRunner(Protocol):
    """Runs a check's command in a clean copy of a tree, in the sandbox."""

    async def __call__(self, tree: Tree, command: str) -> tuple[Conclusion, str]:
        """How it ended, and a summary for a person."""
        ...


class Worker(Protocol):
    """Does something with the pull requests in a thread."""

    async def __call__(self, work: Callable[[Pulls], _Result]) -> _Result:
        """What `work` gives."""
        ...


async def run_checks(
    number: int, do: Worker, run_check: CheckRunner, commands: Mapping[str, str]
) -> None:
    """Run what has not ended yet; nothing while another ironclaw is running it."""
    lock = try_lock(await do(lambda pulls: _lock_file(pulls, number)))
    if lock is None:
        return
    try:
        sha, names = await do(lambda pulls: _missing(pulls, number, commands))
        if not names:
            return
        tree = await do(lambda pulls: read_tree(pulls.workshop, sha))
        for name in names:
            conclusion, summary = await run_check(tree, commands[name])
            check = Check(name, sha, conclusion, SOURCE, summary)
            await do(partial(note_check, number=number, check=check))
    finally:
        os.close(lock)


def _lock_file(pulls: Pulls, number: int) -> Path:
    return pulls.workshop.root / f"checks-{number}.lock"


def _missing(pulls: Pulls, number: int, commands: Mapping[str, str]) -> tuple[str, list[str]]:
    """The head commit, and the checks that have not ended on it."""
    view = pulls.look()
    pull = pulls.snapshot(view, view.record(number))
    if pull.state is not PullState.OPEN:
        return "", []
    ended = {check.name for check in pull.checks if check.sha == pull.head_sha}
    return pull.head_sha, [name for name in commands if name not in ended]
