"""One repository on GitHub as a code host, seen and changed through one installation."""

from collections.abc import Collection, Sequence

from bot.adapters.github.client import Access, expect, segment
from bot.adapters.github.committing import read_tip
from bot.adapters.github.deployments import read_deployments
from bot.adapters.github.identity import Identity
from bot.adapters.github.merging import merge, stop_merging
from bot.adapters.github.notes import write_comment
from bot.adapters.github.opening import open_pull, plan_of
from bot.adapters.github.reading import PullReader
from bot.adapters.github.reverting import open_revert
from bot.adapters.github.trees import read_tree
from bot.domain.pulls import (
    Deployment,
    HostedRepository,
    Merged,
    NotMerged,
    PullDraft,
    PullSnapshot,
    Queued,
    RevertBlocked,
    RevertOpened,
)
from bot.domain.tree import Tree
from bot.ports import InstallationGoneError, UserError

_CLOSED = "closed"


class GitHubCodeHost:
    """The port; `environments` are those whose deployments count, none named means any."""

    def __init__(
        self,
        access: Access,
        identity: Identity,
        *,
        environments: Collection[str] = (),
        reverts_others: bool = False,
    ) -> None:
        self._access = access
        self._identity = identity
        self._pulls = PullReader(access, identity)
        self._environments = environments
        # Where a person names by hand what is to be reverted, it may be a merge of anybody.
        self._reverts_others = reverts_others

    async def repository(self) -> HostedRepository:
        """Name, default branch and head commit; UserError if there is no such repository."""
        answer = await self._access.get("")
        if answer.status == 404:
            raise InstallationGoneError(f"GitHub shows us no repository {self._access.name}")
        found = expect(answer, 200)
        branch = found.text("default_branch")
        head = await read_tip(self._access, branch) if branch else ""
        if not head:
            raise UserError(f"{self._access.name} has no commit yet", "push one")
        notes = {
            "url": found.text("html_url"),
            "id": str(found.number("id") or ""),
            "archived": "yes" if found.flag("archived") else "",
        }
        return HostedRepository(found.text("full_name"), branch, head, notes)

    async def tree(self, sha: str) -> Tree:
        """Every file of one commit, without running any filter or hook."""
        return await read_tree(self._access, sha)

    async def open_pull_request(self, draft: PullDraft) -> PullSnapshot:
        """Open it, or return the one that is there for the same branch and content."""
        return await open_pull(self._pulls, plan_of(draft))

    async def pull_request(self, number: int) -> PullSnapshot | None:
        """The current truth about a pull request, or None if there is none such of ours."""
        return await self._pulls.snapshot(number)

    async def pull_requests(self, branch: str = "") -> Sequence[PullSnapshot]:
        """Every pull request of ours, perhaps only those from one branch, oldest first."""
        numbers = await self._pulls.numbers(branch)
        found = [await self._pulls.snapshot(number) for number in numbers]
        return [pull for pull in found if pull is not None]

    async def request_checks(self, number: int) -> None:
        """Nothing: CI starts by itself when a branch is pushed."""

    async def merge(self, number: int, sha: str) -> Merged | Queued | NotMerged:
        """Merge exactly `sha`; already merged is Merged with the merge's commit."""
        return await merge(self._pulls, number, sha)

    async def stop_merging(self, number: int) -> None:
        """Take back what was Queued: a person may say no while the host waits."""
        await stop_merging(self._pulls, number)

    async def close(self, number: int, why: str) -> None:
        """Close without merging, saying why."""
        pull = await self._pulls.raw(number)
        if pull is None:
            raise UserError(f"there is no pull request #{number} of ours in {self._access.name}")
        if pull.text("state") == _CLOSED:
            return
        await self.comment(number, _CLOSED, why)
        expect(await self._access.send("PATCH", f"pulls/{number}", {"state": _CLOSED}), 200)

    async def comment(self, number: int, key: str, text: str) -> None:
        """Write a comment, or replace ours of the same `key`."""
        await write_comment(self._access, self._identity, number, key, text)

    async def open_revert(self, number: int, why: str) -> RevertOpened | RevertBlocked:
        """Open a pull request that undoes the merge of `number`; one per merge."""
        return await open_revert(self._pulls, number, why, of_anyone=self._reverts_others)

    async def deploy(self) -> Deployment | None:
        """None: deploying is the repository's own business."""
        return None

    async def deployments(self) -> Sequence[Deployment]:
        """The newest deployments that have ended, oldest first."""
        return await read_deployments(self._access, self._environments)

    async def contains(self, sha: str, commit: str) -> bool:
        """Whether `commit` is `sha` or one of its ancestors."""
        answer = await self._access.get(f"compare/{segment(commit)}...{segment(sha)}", per_page=1)
        return expect(answer, 200, 404, 422).text("status") in ("ahead", "identical")
