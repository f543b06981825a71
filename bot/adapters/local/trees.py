"""Reads a commit's files as bytes, without a checkout, and lays them out in a folder."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from bot.adapters.local.git import GitError, TooMuchOutputError, decode
from bot.adapters.local.history import read_commit
from bot.adapters.local.workshop import Workshop, user_error
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.ports import UserError

MAX_BYTES = 512 << 20
_MAX_LISTING = 32 << 20

_KINDS = {"120000": FileKind.SYMLINK, "160000": FileKind.SUBMODULE, "100755": FileKind.EXECUTABLE}
# What some file systems drop from a name, so that `.g\u200cit` is `.git` there.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT_NAMES = frozenset({".git", "git~1"})


def read_tree(workshop: Workshop, sha: str, max_bytes: int = MAX_BYTES) -> Tree:
    """Every file of a commit whose path stays inside; UserError when it is too large."""
    read_commit(workshop, sha)
    try:
        listing = workshop.run("ls-tree", "-r", "-z", sha, limit=_MAX_LISTING)
        entries = list(_inside(_parsed(listing.out)))
        blobs = [blob for _, kind, blob in entries if kind is not FileKind.SUBMODULE]
        sizes = _sizes(workshop, sorted(set(blobs)))
        if sum(sizes[blob] for blob in blobs) > max_bytes:
            raise _too_large(sha)
        data = read_blobs(workshop, list(sizes), sum(sizes.values()))
    except TooMuchOutputError as error:
        raise _too_large(sha) from error
    except GitError as error:
        raise user_error(workshop, error) from error
    return Tree.of(sha, (TreeFile(path, kind, data.get(blob, b"")) for path, kind, blob in entries))


def read_blobs(
    workshop: Workshop, blobs: Sequence[str], total: int = MAX_BYTES
) -> dict[str, bytes]:
    """The bytes of every blob, which together are at most `total`."""
    limit = total + 200 * len(blobs)
    out = workshop.run("cat-file", "--batch", stdin=_lines(blobs), limit=limit).out
    found: dict[str, bytes] = {}
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        words = out[start:end].split(b" ")
        if len(words) != 3:
            raise GitError(f"git cat-file: {decode(out[start:end])}")
        size = int(words[2])
        found[decode(words[0])] = out[end + 1 : end + 1 + size]
        start = end + size + 2
    return found


def _sizes(workshop: Workshop, blobs: Sequence[str]) -> dict[str, int]:
    answer = workshop.run(
        "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=_lines(blobs)
    )
    lines = [line.split(" ") for line in decode(answer.out).splitlines()]
    for name, size in lines:
        if not size.isdigit():
            raise GitError(f"git cat-file: {name} {size}")
    return {name: int(size) for name, size in lines}


def _lines(names: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def lay_out(tree: Tree, folder: Path) -> None:
    """Write the files into an empty folder; links come last, so nothing is written through one."""
    links = []
    for file in tree:
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        match file.kind:
            case FileKind.SUBMODULE:
                place.mkdir(exist_ok=True)
            case FileKind.SYMLINK:
                links.append((place, file.data))
            case FileKind.REGULAR | FileKind.EXECUTABLE:
                place.write_bytes(file.data)
                place.chmod(0o755 if file.kind is FileKind.EXECUTABLE else 0o644)
    for place, target in links:
        place.symlink_to(decode(target))


def _parsed(listing: bytes) -> Iterator[tuple[str, FileKind, str]]:
    for line in listing.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, blob = decode(head).split(" ")
        yield decode(path), _KINDS.get(mode, FileKind.REGULAR), blob


def _inside(entries: Iterable[tuple[str, FileKind, str]]) -> Iterator[tuple[str, FileKind, str]]:
    """Leave out what a checkout would refuse too: names that lead outside, or come twice."""
    taken: set[str] = set()
    folders: set[str] = set()
    for entry in entries:
        path = entry[0]
        above = [str(parent) for parent in PurePosixPath(path).parents]
        clash = path in taken or path in folders
        if clash or not all(_is_safe(part) for part in path.split("/")):
            continue
        if taken.isdisjoint(above):
            taken.add(path)
            folders.update(above)
            yield entry


def _is_safe(name: str) -> bool:
    folded = _IGNORED.sub("", name).lower().rstrip(". ")
    return name not in ("", ".", "..") and folded not in _GIT_NAMES


def _too_large(sha: str) -> UserError:
    return UserError(
        f"commit {sha[:12]} is too large to be read as a whole",
        "keep large data out of the repository, or run Ironclaw on a smaller one",
    )
