"""Where a tree keeps its Python packages, from its file names alone."""

import sys
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.domain.tree import Tree

# Folders that commonly hold the packages of a project, beside its root.
_SOURCES = ("src", "lib", "python")
# Names that many installed distributions use too; to find another's says nothing.
_COMMON = {"test", "tests", "testing", "docs", "doc", "examples", "benchmarks", "setup", "conftest"}


@dataclass(frozen=True, slots=True)
class Packages:
    """Folders for the import path, relative to the root ("" is the root itself), and names."""

    folders: tuple[str, ...]
    names: frozenset[str]


def find(tree: Tree) -> Packages:
    """The import folders of a tree and the top-level names that they hold."""
    found: dict[str, set[str]] = {"": set(), **{folder: set() for folder in _SOURCES}}
    for path in tree.files:
        parts = PurePosixPath(path).parts
        if path.endswith(".py"):
            _note(found, parts)
    for folder in _SOURCES:
        # A folder that is itself a package holds no top-level names.
        if f"{folder}/__init__.py" in tree.files:
            found[folder].clear()
    used = tuple(folder for folder, names in found.items() if names and not _shadows(names))
    names = {name for folder in used for name in found[folder]}
    return Packages(used, frozenset(names - _COMMON))


def _note(found: dict[str, set[str]], parts: tuple[str, ...]) -> None:
    if len(parts) == 1 or (len(parts) == 2 and parts[1] == "__init__.py"):
        found[""].add(parts[0].removesuffix(".py"))
    if parts[0] in _SOURCES and len(parts) > 1 and (len(parts) == 2 or parts[2] == "__init__.py"):
        found[parts[0]].add(parts[1].removesuffix(".py"))


def _shadows(names: set[str]) -> bool:
    """Whether these would stand before the standard library in every Python that starts."""
    return bool(names & sys.stdlib_module_names - {"test", "__main__"})
