"""Three-way merges of trees; git is asked where one file changed twice or may have moved."""

import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.fakes.github.git import commits, trees
from tests.fakes.github.git.commits import Signature
from tests.fakes.github.git.objects import Objects
from tests.fakes.github.git.trees import Entry


def merge_trees(objects: Objects, base: str, ours: str, theirs: str) -> str | None:
    """The merged tree, None when it conflicts."""
    if theirs in {base, ours}:
        return ours
    if base == ours:
        return theirs
    sides = [trees.flat(objects, sha) for sha in (base, ours, theirs)]
    if any(sides[0].keys() - side.keys() and side.keys() - sides[0].keys() for side in sides[1:]):
        return _merged_by_git(objects, base, ours, theirs)  # it may know a moved file again
    merged: dict[str, Entry] = {}
    for path in {path for side in sides for path in side}:
        ok, entry = _merge_entry(objects, *(side.get(path) for side in sides))
        if not ok:
            return None
        if entry is not None:
            merged[path] = entry
    if merged.keys() & {folder.rstrip("/") for folder in _folders(merged)}:
        return None
    return trees.write(objects, merged)


def _merged_by_git(objects: Objects, base: str, ours: str, theirs: str) -> str | None:
    """Git merges commits, so the trees are given some that nothing else knows of."""
    nobody = Signature("Nobody", "nobody@example.org", datetime.fromtimestamp(0, UTC))

    def commit(tree: str, *parents: str) -> str:
        return objects.write("commit", commits.text(tree, parents, nobody, nobody, "Merge\n"))

    start = commit(base)
    done = subprocess.run(
        ["git", "merge-tree", "--write-tree", commit(ours, start), commit(theirs, start)],
        cwd=objects.folder,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _folders(files: dict[str, Entry]) -> set[str]:
    """Every folder with its slash."""
    found: set[str] = set()
    for path in files:
        parts = path.split("/")[:-1]
        found.update("/".join(parts[: count + 1]) + "/" for count in range(len(parts)))
    return found


def _merge_entry(
    objects: Objects, base: Entry | None, ours: Entry | None, theirs: Entry | None
) -> tuple[bool, Entry | None]:
    if theirs in {base, ours}:
        return True, ours
    if base == ours:
        return True, theirs
    if base is None or ours is None or theirs is None:
        return False, None
    if {base.kind, ours.kind, theirs.kind} != {"blob"}:
        return False, None
    merged = _merge_contents(*(objects.read(side.sha)[1] for side in (ours, base, theirs)))
    if merged is None:
        return False, None
    mode = theirs.mode if base.mode == ours.mode else ours.mode
    return True, Entry(mode, objects.write("blob", merged))


def _merge_contents(ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name, side) for side in ("ours", "base", "theirs")]
        for file, data in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(data)
        done = subprocess.run(
            ["git", "merge-file", "--stdout", *map(str, files)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    return done.stdout if done.returncode == 0 else None
