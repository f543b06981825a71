"""Reads every file of one commit: the archive in one request, each file checked by its hash.

An archive leaves out or rewrites what `.gitattributes` says; the hashes show which files those
are, and they are read one by one.
"""

import asyncio
import base64
from dataclasses import dataclass

from bot.adapters.github.archive import ArchiveError, read_archive
from bot.adapters.github.client import Access, expect
from bot.adapters.github.committing import blob_sha
from bot.adapters.github.fields import Fields
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.ports import HostError, UserError

_MAX_BYTES = 300_000_000
_MAX_FILES = 50_000
_MAX_ODD_FILES = 200
_KINDS = {
    "100644": FileKind.REGULAR,
    "100664": FileKind.REGULAR,
    "100755": FileKind.EXECUTABLE,
    "120000": FileKind.SYMLINK,
    "160000": FileKind.SUBMODULE,
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the commit says of one file."""

    path: str
    kind: FileKind
    sha: str


async def read_tree(access: Access, sha: str) -> Tree:
    """Every file; UserError if there is no such commit, or more in it than we take."""
    entries = await _entries(access, sha)
    contents = await _contents(access, sha)
    odd = [one for one in entries if one.kind is not FileKind.SUBMODULE and one.sha not in contents]
    if len(odd) > _MAX_ODD_FILES:
        raise UserError(
            f"{access.name} leaves {len(odd)} files out of its archives",
            "take export-ignore and export-subst out of .gitattributes",
        )
    for sha_of_blob in {one.sha for one in odd}:
        contents[sha_of_blob] = await _blob(access, sha_of_blob)
    # A submodule's commit is no content of this repository.
    return Tree.of(
        sha, (TreeFile(one.path, one.kind, contents.get(one.sha, b"")) for one in entries)
    )


async def _entries(access: Access, sha: str) -> list[_Entry]:
    answer = await access.get(f"git/trees/{sha}", recursive=1)
    if answer.status in (404, 409, 422):
        raise UserError(f"{access.name} has no commit {sha[:12]}", "push it, or name another")
    listing = expect(answer, 200)
    items = [one for one in listing.each("tree") if one.text("type") != "tree"]
    size = sum(one.number("size") or 0 for one in items)
    if listing.flag("truncated") or len(items) > _MAX_FILES or size > _MAX_BYTES:
        raise UserError(
            f"{access.name} is too large: {len(items)} files, {size} bytes",
            f"at most {_MAX_FILES} files and {_MAX_BYTES} bytes are read",
        )
    return [_entry(one) for one in items]


def _entry(item: Fields) -> _Entry:
    kind = _KINDS.get(item.text("mode"), FileKind.REGULAR)
    return _Entry(item.text("path"), kind, item.sha("sha"))


async def _contents(access: Access, sha: str) -> dict[str, bytes]:
    """The archive's contents by the hash that git gives them."""
    answer = await access.get(f"tarball/{sha}")
    if answer.status != 200:
        return {}

    def unpack() -> dict[str, bytes]:
        found = read_archive(answer.content, _MAX_BYTES + _MAX_FILES * 2048)
        return {blob_sha(data): data for _, data in found}

    try:
        return await asyncio.to_thread(unpack)
    except ArchiveError as error:
        raise HostError(str(error)) from error


async def _blob(access: Access, sha: str) -> bytes:
    blob = expect(await access.get(f"git/blobs/{sha}"), 200)
    data = base64.b64decode(blob.text("content"))
    if blob_sha(data) != sha:
        raise HostError(f"GitHub gave other contents for {sha[:12]}")
    return data
