"""Makes commits that GitHub signs in our name, on a branch that must be where we think it is."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.adapters.github.client import Access, expect, segment
from bot.adapters.github.fields import Fields
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


def blob_sha(data: bytes) -> str:
    """How git names a file's contents."""
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


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
