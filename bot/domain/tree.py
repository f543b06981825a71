"""A repository's files at one commit, as plain values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate

from bot.domain.patch import Patch


class FileKind(StrEnum):
    """What git's file mode says of an entry."""

    REGULAR = "regular"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


_TEXTS = frozenset({FileKind.REGULAR, FileKind.EXECUTABLE})


@dataclass(frozen=True, slots=True)
class TreeFile:
    """One entry; `data` is the blob's bytes, the target of a link, or empty for a submodule."""

    path: str
    kind: FileKind
    data: bytes


@dataclass(frozen=True, slots=True)
class Tree:
    """Every file of one commit, by path relative to the root with forward slashes."""

    sha: str
    files: Mapping[str, TreeFile] = field(repr=False)

    @classmethod
    def of(cls, sha: str, files: Iterable[TreeFile]) -> "Tree":
        """Collect `files` under their paths."""
        return cls(sha, {file.path: file for file in files})

    def __iter__(self) -> Iterator[TreeFile]:
        return iter(self.files.values())

    def text(self, path: str) -> str | None:
        """The file's text, or None when it is missing, no regular file or not UTF-8."""
        file = self.files.get(path)
        if file is None or file.kind not in _TEXTS:
            return None
        try:
            return file.data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def with_patch(self, patch: Patch) -> "Tree":
        """The same tree with the patch's files replaced; their kinds stay.

        ValueError where one would replace or pass through a link or a submodule.
        """
        files = dict(self.files)
        for change in patch.changes:
            *folders, _ = accumulate(change.path.split("/"), "{}/{}".format)
            old = files.get(change.path)
            kind = old.kind if old else FileKind.REGULAR
            if kind not in _TEXTS or any(folder in files for folder in folders):
                message = f"{change.path!r} is no plain file of the tree"
                raise ValueError(message)
            files[change.path] = TreeFile(change.path, kind, change.after.encode("utf-8"))
        return Tree(self.sha, files)
