"""Makes commits that GitHub signs in our name, on a branch that must be where we think it is."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.github.client import Access, expect, segment
from bot.adapters.github.fields import Fields
from bot.adapters.github.listing import blob_sha, read_listing
from bot.domain.tree import FileKind
from bot.ports import UserError

_COMMIT = """
mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}
"""
_MOVED = ("expected branch to point to", "expected head", "already exists", "does not exist")


@dataclass(frozen=True, slots=True)
class Change:
    """New contents by path, None for a file that goes away, and what the commit says."""

    files: Mapping[str, bytes | None]
    message: str

    def is_made_by(self, commit: Fields) -> bool:
        """Whether a commit, read in full, leaves exactly these files like this."""
        return _blobs_after(commit) == {
            path: None if data is None else blob_sha(data) for path, data in self.files.items()
        }


async def read_tip(access: Access, branch: str) -> str:
    """The branch's head commit, or nothing."""
    answer = await access.get(f"git/ref/heads/{segment(branch)}")
    return expect(answer, 200, 404).sha("object", "sha")


async def read_commit(access: Access, sha: str) -> Fields:
    """A commit with the files that it changes, without fields if it is not there."""
    return expect(await access.get(f"commits/{sha}"), 200, 404, 409, 422)


async def make_branch(access: Access, branch: str, sha: str) -> None:
    """Begin a branch at a commit; one that is there already is left alone."""
    answer = await access.send("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
    if answer.status == 422 and "already exists" in answer.message.lower():
        return
    if answer.status == 422:
        raise UserError(f"GitHub makes no branch {branch}: {answer.message}", "see its rules")
    expect(answer, 201)


async def commit_on(access: Access, branch: str, head: str, change: Change) -> None:
    """Commit onto a branch whose head is `head`; if it has moved, nothing happens."""
    listed = {one.path: one for one in await read_listing(access, head)}
    kinds = {listed[path].kind for path in change.files if path in listed}
    if kinds - {FileKind.REGULAR, FileKind.EXECUTABLE}:
        raise UserError("a link or a submodule would be replaced by a file", "change it by hand")
    if FileKind.EXECUTABLE in kinds:
        modes = {path: one.mode for path, one in listed.items()}
        await _commit_with_modes(access, branch, head, change, modes)
    else:
        await _commit_signed(access, branch, head, change)


async def _commit_signed(access: Access, branch: str, head: str, change: Change) -> None:
    headline, _, rest = change.message.strip().partition("\n")
    made = await access.mutate(
        _COMMIT,
        {
            "branch": {"repositoryNameWithOwner": access.name, "branchName": branch},
            "expectedHeadOid": head,
            "message": {"headline": headline, "body": rest.strip()},
            "fileChanges": _as_asked(change),
        },
    )
    is_moved = any(
        kind == "STALE_DATA" or any(word in text.lower() for word in _MOVED)
        for kind, text in made.errors
    )
    if made.errors and not is_moved:
        raise UserError(f"GitHub takes no commit on {branch}: {made.complaint}", "see its rules")


async def _commit_with_modes(
    access: Access, branch: str, head: str, change: Change, modes: Mapping[str, str]
) -> None:
    """The longer way, for files that may be run: the short one makes them plain files.

    Without an author of our own GitHub signs this commit for us too. Trees and commits that no
    branch leads to are nobody's loss, so an end in the middle leaves nothing behind.
    """
    base = expect(await access.get(f"git/commits/{head}"), 200).sha("tree", "sha")
    lines = [
        {
            "path": path,
            "mode": modes.get(path, "100644"),
            "type": "blob",
            **({"sha": None} if data is None else {"content": data.decode("utf-8")}),
        }
        for path, data in change.files.items()
    ]
    tree = expect(await access.send("POST", "git/trees", {"base_tree": base, "tree": lines}), 201)
    wanted = {"message": change.message, "tree": tree.sha("sha"), "parents": [head]}
    made = expect(await access.send("POST", "git/commits", wanted), 201)
    moved = {"sha": made.sha("sha"), "force": False}
    # 422 where the branch has moved meanwhile; looking again shows it.
    expect(await access.send("PATCH", f"git/refs/heads/{segment(branch)}", moved), 200, 422)


def _as_asked(change: Change) -> dict[str, object]:
    return {
        "additions": [
            {"path": path, "contents": base64.b64encode(data).decode()}
            for path, data in change.files.items()
            if data is not None
        ],
        "deletions": [{"path": path} for path, data in change.files.items() if data is None],
    }


def _blobs_after(commit: Fields) -> dict[str, str | None]:
    blobs: dict[str, str | None] = {}
    for file in commit.each("files"):
        is_gone = file.text("status") == "removed"
        blobs[file.text("filename")] = None if is_gone else file.sha("sha")
        if file.text("status") == "renamed":
            blobs[file.text("previous_filename")] = None
    return blobs
