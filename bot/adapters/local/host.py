"""A git repository on disk as a code host: no server, no key, nothing of the user's touched."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from bot.adapters.local.branches import default_branch
from bot.adapters.local.checking import CheckRunner, run_checks
from bot.adapters.local.deploying import (
    Deploy,
    known_deployments,
    plain_environment,
    record_deployment,
    run_deploy,
    running_now,
)
from bot.adapters.local.git import GitError
from bot.adapters.local.history import Commit, contains, find_commit
from bot.adapters.local.locking import held_async
from bot.adapters.local.merging import merge
from bot.adapters.local.notes import close, comment, note_review, put_label
from bot.adapters.local.pulls import Pulls
from bot.adapters.local.records import Review
from bot.adapters.local.reverting import open_revert
from bot.adapters.local.trees import read_tree
from bot.adapters.local.workshop import Workshop, user_error
from bot.domain.policy import LocalPolicy
from bot.domain.pulls import (
    Deployment,
    HostedRepository,
    Merged,
    NotMerged,
    PullDraft,
    PullSnapshot,
    RevertBlocked,
    RevertOpened,
)
from bot.domain.tree import Tree
from bot.ports import Clock

_Result = TypeVar("_Result")


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
        deploy_environment: Mapping[str, str] | None = None,
        deploy_seconds: float = 900,
    ) -> None:
        self._path = path
        self._clock = clock
        self._run_check = run_check
        self._state_dir = state_dir
        self.policy = policy or LocalPolicy()
        self._default_branch = default_branch
        self._deploy_environment = deploy_environment or plain_environment()
        self._deploy_seconds = deploy_seconds
        self._opening = threading.Lock()
        self._opened: Pulls | None = None

    def use(self, policy: LocalPolicy, run_check: CheckRunner) -> None:
        """Take the policy that was read from the repository itself, and how its checks run."""
        self.policy, self._run_check = policy, run_check

    async def repository(self) -> HostedRepository:
        """Name, default branch and its head commit; UserError if there is no such repository."""
        return await self._do(lambda pulls: default_branch(pulls.workshop, self._default_branch))

    async def tree(self, sha: str) -> Tree:
        """Every file of one commit, without running any filter or hook."""
        return await self._do(lambda pulls: read_tree(pulls.workshop, sha))

    async def commit(self, name: str = "") -> Commit:
        """The commit of this full name, branch or tag; no name means the one checked out."""
        return await self._do(lambda pulls: find_commit(pulls.workshop, name))

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

    async def pull_requests(self, branch: str = "") -> Sequence[PullSnapshot]:
        """Every pull request of ours, perhaps only those from one branch, oldest first."""

        def read(pulls: Pulls) -> list[PullSnapshot]:
            view = pulls.look()
            records = [one for one in view.records.values() if branch in ("", one.branch)]
            return [pulls.snapshot(view, record) for record in records]

        return await self._do(read)

    async def request_checks(self, number: int) -> None:
        """Run every check that has not ended on the head commit, and note how it ends."""
        await run_checks(number, self._do, self._run_check, self.policy.checks)

    async def merge(self, number: int, sha: str) -> Merged | NotMerged:
        """Merge exactly `sha`; already merged is Merged with the merge's commit."""
        return await self._do(lambda pulls: merge(pulls, number, sha))

    async def stop_merging(self, number: int) -> None:
        """Nothing: here a merge is done at once, and none ever waits."""

    async def close(self, number: int, why: str) -> None:
        """Close without merging, saying why."""
        await self._do(lambda pulls: close(pulls, number, why))

    async def comment(self, number: int, key: str, text: str) -> None:
        """Write a comment, or replace ours of the same `key`."""
        await self._do(lambda pulls: comment(pulls, number, key, text))

    async def comments(self, number: int) -> Mapping[str, str]:
        """The comments by key, for a person who wants to read them."""
        return await self._do(lambda pulls: pulls.look().record(number).comments)

    async def label(self, number: int, label: str, *, on: bool = True) -> None:
        """Put a label on, or take it off: how a person holds a pull request."""
        await self._do(lambda pulls: put_label(pulls, number, label, on=on))

    async def review(self, number: int, person: str, review: Review) -> None:
        """Note what a person says of it; the latest word counts."""
        await self._do(lambda pulls: note_review(pulls, number, person, review))

    async def open_revert(self, number: int, why: str) -> RevertOpened | RevertBlocked:
        """Open a pull request that undoes the merge of `number`; one per merge."""
        return await self._do(lambda pulls: open_revert(pulls, number, why))

    async def deploy(self) -> Deployment | None:
        """Deploy the default branch's head, or return the deployment that is already there.

        None where the policy names no command: then deploying is somebody else's business.
        """
        if not self.policy.deploy:
            return None
        deploy = Deploy(self.policy.deploy, self._deploy_seconds, self._deploy_environment)
        lock = await self._do(lambda pulls: pulls.workshop.root / "deploy.lock")
        async with held_async(lock, self._deploy_seconds):
            return await self._deploy(deploy)

    async def deployments(self) -> Sequence[Deployment]:
        """Every known deployment, oldest first."""
        return await self._do(known_deployments)

    async def contains(self, sha: str, commit: str) -> bool:
        """Whether `commit` is `sha` or one of its ancestors."""
        return await self._do(lambda pulls: contains(pulls.workshop, sha, commit))

    async def _deploy(self, deploy: Deploy) -> Deployment:
        sha = (await self.repository()).head_sha
        running = running_now(await self._do(known_deployments), sha)
        if running is not None:
            return running
        why = await run_deploy(deploy, await self.tree(sha))
        return await self._do(lambda pulls: record_deployment(pulls, sha, why))

    async def _do(self, work: Callable[[Pulls], _Result]) -> _Result:
        """Work in a thread; once begun it ends, so a cancelled caller leaves nothing half done."""

        def run() -> _Result:
            pulls = self._pulls()
            try:
                return work(pulls)
            except GitError as error:
                raise user_error(pulls.workshop, error) from error

        return await asyncio.to_thread(run)

    def _pulls(self) -> Pulls:
        with self._opening:
            if self._opened is None:
                workshop = Workshop.open(self._path, self._state_dir)
                self._opened = Pulls(workshop, self._clock)
            return self._opened
