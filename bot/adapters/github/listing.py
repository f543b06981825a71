"""What one commit says of its files: path, kind and the hash of the contents."""

import hashlib
from dataclasses import dataclass

from bot.adapters.github.client import Access, expect
from bot.adapters.github.fields import Fields
from bot.domain.tree import FileKind
from bot.ports import UserError

MAX_BYTES = 300_000_000
MAX_FILES = 50_000
_KINDS = {
    "100755": FileKind.EXECUTABLE,
    "120000": FileKind.SYMLINK,
    "160000": FileKind.SUBMODULE,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One file; `mode` is git's own."""

    path: str
    kind: FileKind
    mode: str
    sha: str


def blob_sha(data: bytes) -> str:
    """How git names a file's contents."""
    return hashlib.sha1(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()


async def read_listing(access: Access, sha: str) -> list[Listed]:
    """Every file of a commit; UserError if it is not there, or larger than we take."""
    answer = await access.get(f"git/trees/{sha}", recursive=1)
    if answer.status in (404, 409, 422):
        raise UserError(f"{access.name} has no commit {sha[:12]}", "push it, or name another")
    listing = expect(answer, 200)
    items = [one for one in listing.each("tree") if one.text("type") != "tree"]
    size = sum(one.number("size") or 0 for one in items)
    if listing.flag("truncated") or len(items) > MAX_FILES or size > MAX_BYTES:
        raise UserError(
            f"{access.name} is too large: {len(items)} files, {size} bytes",
            f"at most {MAX_FILES} files and {MAX_BYTES} bytes are read",
        )
    return [_entry(one) for one in items]


def _entry(item: Fields) -> Listed:
    mode = item.text("mode")
    kind = _KINDS.get(mode, FileKind.REGULAR)
    return Listed(item.text("path"), kind, mode, item.sha("sha"))
