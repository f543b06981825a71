"""A git repository on disk as a code host: no server, no key, nothing of the user's touched."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from bot.adapters.local.branches import default_branch
from bot.adapters.local.history import contains
from bot.adapters.local.pulls import Pulls
from bot.adapters.local.trees import read_tree
from bot.adapters.local.workshop import Workshop
from bot.domain.policy import LocalPolicy
from bot.domain.pulls import Conclusion, HostedRepository, PullDraft, PullSnapshot
from bot.domain.tree import Tree
from bot.ports import Clock

_Result = TypeVar("_Result")


class CheckRunner(Protocol):
    """Runs a check's command in a clean copy of a tree, in the sandbox."""

    async def __call__(self, tree: Tree, command: str) -> tuple[Conclusion, str]:
        """How it ended, and a summary for a person."""
        ...


class LocalCodeHost:
    """The code host of one repository; `state_dir` is a folder of ours, outside of it."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        run_check: CheckRunner,
        state_dir: Path,
        policy: LocalPolicy | None = None,
        default_branch: str = "",
    ) -> None:
        self._path = path
        self._clock = clock
        self._run_check = run_check
        self._state_dir = state_dir
        self.policy = policy or LocalPolicy()
        self._default_branch = default_branch
        self._opening = threading.Lock()
        self._opened: Pulls | None = None

    async def repository(self) -> HostedRepository:
        """Name, default branch and its head commit; UserError if there is no such repository."""
        return await self._do(lambda pulls: default_branch(pulls.workshop, self._default_branch))

    async def tree(self, sha: str) -> Tree:
        """Every file of one commit, without running any filter or hook."""
        return await self._do(lambda pulls: read_tree(pulls.workshop, sha))

    async def open_pull_request(self, draft: PullDraft) -> PullSnapshot:
        """Open it, or return the one that is there for the same branch and content."""
        return await self._do(lambda pulls: pulls.open(draft))

    async def pull_request(self, number: int) -> PullSnapshot | None:
        """The current truth about a pull request, or None if there is none such."""

        def read(pulls: Pulls) -> PullSnapshot | None:
            view = pulls.look()
            record = view.records.get(number)
            return pulls.snapshot(view, record) if record else None

        return await self._do(read)

    async def pull_requests(self) -> Sequence[PullSnapshot]:
        """Every pull request of ours, oldest first."""

        def read(pulls: Pulls) -> list[PullSnapshot]:
            view = pulls.look()
            return [pulls.snapshot(view, record) for record in view.records.values()]

        return await self._do(read)

    async def contains(self, sha: str, commit: str) -> bool:
        """Whether `commit` is `sha` or one of its ancestors."""
        return await self._do(lambda pulls: contains(pulls.workshop, sha, commit))

    async def _do(self, work: Callable[[Pulls], _Result]) -> _Result:
        """Work in a thread; once begun it ends, so a cancelled caller leaves nothing half done."""
        return await asyncio.to_thread(lambda: work(self._pulls()))

    def _pulls(self) -> Pulls:
        with self._opening:
            if self._opened is None:
                workshop = Workshop.open(self._path, self._state_dir)
                self._opened = Pulls(workshop, self._clock)
            return self._opened
