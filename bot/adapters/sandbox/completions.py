"""Files that a build made and the tree lacks: compiled modules, generated versions.

The copy's modules come before the installed ones, so what only the installed ones have is added to
the copy; nothing of the tree is replaced.
"""

import csv
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from bot.adapters.sandbox.layout import objection
from bot.adapters.sandbox.packages import Packages
from bot.domain.tree import Tree

_SUFFIXES = (".so", ".pyd", ".py")
_MOST_BYTES = 500_000_000


def find(tree: Tree, packages: Packages, sites: Sequence[str]) -> dict[str, Path]:
    """What to add to a copy of the tree, by its path there."""
    found: dict[str, Path] = {}
    for site in map(Path, sites):
        if not any(_installed(site, name) for name in packages.names):
            continue
        for record in site.glob("*.dist-info/RECORD"):
            paths = list(_recorded(record))
            if any(path in paths for name in packages.names for path in _marks(name)):
                found |= {
                    place: site / path
                    for path in paths
                    if (place := _place(tree, packages, path)) and place not in tree.files
                }
    return found


def add(files: dict[str, Path], project: Path) -> None:
    """Copy them; links and whatever is no regular file are left out."""
    left = _MOST_BYTES
    for path, source in files.items():
        target = project / path
        if source.is_symlink() or not source.is_file() or target.parent.is_symlink():
            continue
        left -= source.stat().st_size
        if left > 0 and os.path.realpath(target.parent).startswith(os.path.realpath(project)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target, follow_symlinks=False)


def _installed(site: Path, name: str) -> bool:
    return any((site / mark).exists() for mark in _marks(name))


def _marks(name: str) -> tuple[str, str]:
    return f"{name}/__init__.py", f"{name}.py"


def _recorded(record: Path) -> Iterator[str]:
    try:
        with record.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                if row and row[0].endswith(_SUFFIXES) and not objection(row[0]):
                    yield row[0]
    except (OSError, UnicodeDecodeError, csv.Error):
        return


def _place(tree: Tree, packages: Packages, path: str) -> str:
    """Where a file of the installed package belongs in the tree, or nowhere."""
    parts = PurePosixPath(path).parts
    for folder in packages.folders:
        prefix = f"{folder}/" if folder else ""
        if len(parts) == 1 or f"{prefix}{parts[0]}/__init__.py" in tree.files:
            return prefix + path
    return ""
