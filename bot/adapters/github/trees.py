"""Reads every file of one commit: the archive in one request, each file checked by its hash.

An archive leaves out or rewrites what `.gitattributes` says; the hashes show which files those
are, and they are read one by one.
"""

import asyncio
import base64

from bot.adapters.github.archive import ArchiveError, read_archive
from bot.adapters.github.client import Access, expect
from bot.adapters.github.listing import MAX_BYTES, MAX_FILES, blob_sha, read_listing
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.ports import HostError, UserError

_MAX_ODD_FILES = 200


async def read_tree(access: Access, sha: str) -> Tree:
    """Every file; UserError if there is no such commit, or more in it than we take."""
    entries = await read_listing(access, sha)
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


async def _contents(access: Access, sha: str) -> dict[str, bytes]:
    """The archive's contents by the hash that git gives them."""
    answer = await access.get(f"tarball/{sha}")
    if answer.status != 200:
        return {}

    def unpack() -> dict[str, bytes]:
        found = read_archive(answer.content, MAX_BYTES + MAX_FILES * 2048)
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
