"""Undoes a merge by a pull request: GitHub's own revert, else one made from the files before."""

import base64
from dataclasses import dataclass

from bot.adapters.github.client import Access, expect, segment
from bot.adapters.github.committing import Change, read_tip
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import has_mark, marked
from bot.adapters.github.opening import Plan, open_pull
from bot.adapters.github.reading import PullReader
from bot.adapters.github.settling import settle
from bot.domain.pulls import PullSnapshot, RevertBlocked, RevertOpened
from bot.ports import HostError, UserError

_REVERT = """
mutation($input: RevertPullRequestInput!) {
  revertPullRequest(input: $input) { revertPullRequest { number } }
}
"""
_KIND = "reverts"

Result = RevertOpened | RevertBlocked


@dataclass(frozen=True, slots=True)
class _Merge:
    """What is to be undone, and the words for it."""

    pull: Fields
    title: str
    body: str

    @property
    def number(self) -> int:
        return self.pull.number("number") or 0

    @property
    def base(self) -> str:
        return self.pull.text("base", "ref")

    @property
    def sha(self) -> str:
        return self.pull.sha("merge_commit_sha")

    def blocked(self, why: str, *, parents: int = 1) -> RevertBlocked:
        """Why it needs a person, and the commands that a person can run."""
        parent = "-m 1 " if parents > 1 else ""
        return RevertBlocked(
            why,
            f"run `git switch -c revert-{self.number} origin/{self.base}` and "
            f"`git revert {parent}{self.sha}`, solve what conflicts, push it and merge it",
        )


async def open_revert(
    pulls: PullReader, number: int, why: str, *, of_anyone: bool = False
) -> Result:
    """The one pull request of ours that undoes the merge of `number`, which is ours as well.

    `of_anyone`: a person has named it, whoever wrote it.
    """
    pull = await (pulls.anyones(number) if of_anyone else pulls.raw(number))
    if pull is None:
        whose = "" if of_anyone else " of ours"
        return RevertBlocked(f"there is no pull request #{number}{whose}", "nothing to undo")
    if not pull.flag("merged"):
        return RevertBlocked(f"#{number} is not merged", "close it instead")
    title = f'Revert "{pull.text("title")}"'[:250]
    merge = _Merge(pull, title, marked(_KIND, str(number), why))

    async def look() -> Result | None:
        opened = await _opened(pulls, merge)
        return RevertOpened(opened) if opened else await _open(pulls, merge)

    return await settle(look)


async def _opened(pulls: PullReader, merge: _Merge) -> PullSnapshot | None:
    """A revert of ours that is there already, in whatever state."""
    for pull in await pulls.listed(since=merge.pull.text("merged_at")):
        if has_mark(_KIND, str(merge.number), pull.text("body")):
            return await pulls.snapshot(pull.number("number") or 0)
    return None


async def _open(pulls: PullReader, merge: _Merge) -> Result | None:
    """Open it; None means that looking again will find it."""
    undone = await _undoing(pulls, merge)
    if isinstance(undone, Change) and not undone.files:
        return RevertBlocked(
            f"#{merge.number} is undone on {merge.base} already",
            "nothing is left to do; mark it as reverted",
        )
    # GitHub's own first: it sees more than whole files.
    asked = {
        "pullRequestId": merge.pull.text("node_id"),
        "title": merge.title,
        "body": merge.body,
    }
    made = await pulls.access.mutate(_REVERT, asked)
    number = made.data.number("revertPullRequest", "revertPullRequest", "number")
    if number:
        snapshot = await pulls.snapshot(number)
        if snapshot is None:
            raise HostError(f"#{number} has vanished; look again later")
        return RevertOpened(snapshot)
    if isinstance(undone, RevertBlocked):
        return undone
    return await _open_computed(pulls, merge, undone)


async def _undoing(pulls: PullReader, merge: _Merge) -> Change | RevertBlocked:
    """The files as they were before the merge, if nobody has touched them since.

    Those that are like that again are left out.
    """
    commit = expect(await pulls.access.get(f"commits/{merge.sha}"), 200)
    parents = [parent.sha("sha") for parent in commit.each("parents")]
    tip = await read_tip(pulls.access, merge.base)
    if not parents or not tip:
        return merge.blocked(f"the branch {merge.base} is not there any more")
    paths = _paths(commit)
    if paths != _paths_of([one async for one in pulls.access.pages(f"pulls/{merge.number}/files")]):
        # Rebased in several commits: the last one alone is not all of it.
        return merge.blocked("it was merged as several commits", parents=len(parents))
    files: dict[str, bytes | None] = {}
    for path in paths:
        before, merged, now = [
            await _read_file(pulls.access, path, ref) for ref in (parents[0], merge.sha, tip)
        ]
        if now not in (before, merged):
            return merge.blocked(f"later commits change {path} as well", parents=len(parents))
        if now != before:
            files[path] = before
    return Change(files, f"{merge.title}\n\nThis reverts commit {merge.sha}.")


async def _open_computed(pulls: PullReader, merge: _Merge, change: Change) -> Result:
    branch = f"ironclaw/revert/{merge.number}"
    tip = await read_tip(pulls.access, merge.base)
    plan = Plan(branch, merge.base, tip, merge.title, merge.body, change)
    try:
        return RevertOpened(await open_pull(pulls, plan))
    except UserError as error:
        return merge.blocked(f"{error} ({error.remedy})")


def _paths(commit: Fields) -> set[str]:
    return _paths_of(list(commit.each("files")))


def _paths_of(files: list[Fields]) -> set[str]:
    names = {one.text("filename") for one in files}
    return names | {one.text("previous_filename") for one in files} - {""}


async def _read_file(access: Access, path: str, ref: str) -> bytes | None:
    """A file at a commit, None if it is not there."""
    answer = await access.get(f"contents/{segment(path)}", ref=ref)
    found = expect(answer, 200, 404)
    if answer.status == 404:
        return None
    if found.text("encoding") == "base64":
        return base64.b64decode(found.text("content"))
    blob = expect(await access.get(f"git/blobs/{found.sha('sha')}"), 200)
    return base64.b64decode(blob.text("content"))
