"""What changed between two trees, as GitHub lists it."""

import difflib
from dataclasses import dataclass

from tests.fakes.github.git import trees
from tests.fakes.github.git.objects import Objects
from tests.fakes.github.git.trees import Entry


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file; `patch` is None for a binary one."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None


def diff(objects: Objects, old: str, new: str) -> list[FileDiff]:
    """Changed files, by path."""
    if old == new:
        return []
    before, after = trees.flat(objects, old), trees.flat(objects, new)
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    return [_one(objects, path, before.get(path), after.get(path)) for path in sorted(changed)]


def _one(objects: Objects, path: str, old: Entry | None, new: Entry | None) -> FileDiff:
    status = "added" if old is None else "removed" if new is None else "modified"
    shown = new or old
    assert shown
    one, other = _lines(objects, old), _lines(objects, new)
    if one is None or other is None:
        return FileDiff(path, status, shown.sha, 0, 0, None)
    lines = list(difflib.unified_diff(one, other, n=3, lineterm=""))[2:]
    additions = sum(line.startswith("+") for line in lines)
    deletions = sum(line.startswith("-") for line in lines)
    return FileDiff(path, status, shown.sha, additions, deletions, "\n".join(lines))


def _lines(objects: Objects, entry: Entry | None) -> list[str] | None:
    if entry is None:
        return []
    data = objects.read(entry.sha)[1] if entry.kind == "blob" else b""
    if b"\0" in data:
        return None
    return data.decode("utf-8", "replace").splitlines()
