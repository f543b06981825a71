"""Writes a tree into an empty folder, trusting none of its names."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bot.domain.tree import FileKind, Tree, TreeFile

_LONGEST_NAME = 255
_LONGEST_PATH = 3000


def write_tree(tree: Tree, root: Path) -> dict[str, str]:
    """Write every file; answers what was left out and why.

    Links come last, so that nothing is ever written through one, and only those that stay inside.
    """
    left_out: dict[str, str] = {}
    links: list[TreeFile] = []
    known: set[str] = set()
    for file in tree:
        why = objection(file.path)
        if not why and file.kind is FileKind.SYMLINK:
            links.append(file)
        elif not why:
            why = _write(file, root / file.path, known)
        if why:
            left_out[file.path] = why
    for link in links:
        if why := _write_link(link, root):
            left_out[link.path] = why
    left_out |= _drop_escapes(root, links)
    return left_out


def objection(path: str) -> str:
    """Why a file of this name must not be written, or nothing."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\0" in path:
        return "not a relative path"
    if any(part in ("", ".", "..") for part in parts):
        return "not a plain path"
    if any(_is_git(part) for part in parts):
        return "inside a .git folder"
    try:
        sizes = [len(part.encode()) for part in parts]
    except UnicodeEncodeError:
        return "not a valid name"
    if max(sizes) > _LONGEST_NAME or sum(sizes) + len(sizes) > _LONGEST_PATH:
        return "name too long"
    return ""


def _is_git(part: str) -> bool:
    """Also as file systems write it that ignore case, trailing dots or invisible characters."""
    visible = "".join(letter for letter in part if letter.isprintable() and letter.isascii())
    return visible.rstrip(". ").casefold() in (".git", "git~1")


def _write(file: TreeFile, target: Path, known: set[str]) -> str:
    try:
        _make_parents(target.parent, known)
        if file.kind is FileKind.SUBMODULE:
            target.mkdir(exist_ok=True)
            return ""
        mode = 0o755 if file.kind is FileKind.EXECUTABLE else 0o644
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(target, flags, mode), "wb") as out:  # noqa: PTH123 - by descriptor
            out.write(file.data)
    except FileExistsError:
        return "another entry has this name"
    except NotADirectoryError:
        return "its folder is a file"
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _make_parents(folder: Path, known: set[str]) -> None:
    if str(folder) not in known:
        folder.mkdir(parents=True, exist_ok=True)
        known.add(str(folder))


def _write_link(link: TreeFile, root: Path) -> str:
    try:
        target = link.data.decode()
    except UnicodeDecodeError:
        return "the link's target is not a valid name"
    inside = os.path.normpath(PurePosixPath("/", "x", link.path).parent / target)
    if "\0" in target or target.startswith("/") or not f"{inside}/".startswith("/x/"):
        return "the link leads outside"
    place = root / link.path
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # A folder on the way could be a link that was written before.
        if not place.parent.resolve().is_relative_to(root.resolve()):
            return "its folder leads outside"
        place.symlink_to(target)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _drop_escapes(root: Path, links: Iterable[TreeFile]) -> dict[str, str]:
    """Remove links that lead outside by way of other links."""
    real_root, dropped = root.resolve(), {}
    for link in links:
        place = root / link.path
        if place.is_symlink() and not Path(os.path.realpath(place)).is_relative_to(real_root):
            place.unlink()
            dropped[link.path] = "the link leads outside"
    return dropped
