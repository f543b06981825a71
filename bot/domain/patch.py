"""A proposed change, and the limits that it must keep to before anything of it runs."""

import difflib
import fnmatch
import re
import unicodedata
from dataclasses import dataclass

ALWAYS_REFUSED = (
    "*.lock",
    "*.cfg",
    "*.toml",
    "*.ini",
    "setup.py",
    "*/setup.py",
    "conftest.py",
    "*/conftest.py",
    "noxfile.py",
    "tasks.py",
    "requirements*.txt",
    "*/requirements*.txt",
    "package-lock.json",
    "Makefile",
    "Dockerfile*",
    "CODEOWNERS",
    "*/CODEOWNERS",
)
"""Files that decide how a change is built, checked or shipped: a change never judges itself."""

_ILLUSTRATIONS = frozenset(
    {"doc", "docs", "example", "examples", "samples", "tutorial", "tutorials"}
)
_TEST_FOLDER = re.compile(r"(.*[_-])?tests?([_-].*)?|testing|specs?|benchmarks")
_TEST_FILE = re.compile(r"test.*|.*_tests?\.py|conftest\.py")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's whole text before and after."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Patch:
    """The changes of one improvement, one per file."""

    changes: tuple[FileChange, ...]

    def diff(self) -> str:
        """The unified diff with three lines of context, as `git apply` reads it."""
        return "".join(_file_diff(change) for change in self.changes)

    def changed_lines(self) -> int:
        """How many lines are added or removed, over all files."""
        return sum(
            line.startswith(("+", "-"))
            for change in self.changes
            for line in _diff_lines(change)[2:]  # after the two that name the file
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """How large one improvement may be."""

    files: int = 1
    lines: int = 120
    bytes: int = 20_000


@dataclass(frozen=True, slots=True)
class Kept:
    """The patch keeps to its limits."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The patch breaks the named limit; `rule` is stable, `why` is for a person."""

    rule: str
    why: str


def check_limits(
    patch: Patch, limits: Limits, allowed: tuple[str, ...], denied: tuple[str, ...] = ()
) -> Kept | Refused:
    """Decide whether a patch stays inside the paths and sizes that it may touch.

    `allowed` and `denied` are shell patterns over repository paths; an empty `allowed` means
    every Python file. What `ALWAYS_REFUSED` names is refused whatever they say.
    """
    if not patch.changes or all(change.before == change.after for change in patch.changes):
        return Refused("empty-patch", "the patch changes nothing")
    if len(patch.changes) > limits.files:
        return Refused("too-many-files", f"{len(patch.changes)} files, {limits.files} allowed")
    if len({change.path for change in patch.changes}) < len(patch.changes):
        return Refused("same-file-twice", "a file has more than one change")
    for change in patch.changes:
        refused = _check_path(change.path, allowed, denied)
        if refused is not None:
            return refused
        if _NO_TEXT.search(change.after):
            return Refused("not-text", f"{change.path!r} would hold what UTF-8 text cannot")
    return _check_size(patch, limits)


def is_path_allowed(path: str, allowed: tuple[str, ...], denied: tuple[str, ...] = ()) -> bool:
    """Whether a change may touch this file at all."""
    return _check_path(path, allowed, denied) is None


def is_test_path(path: str) -> bool:
    """Whether a path belongs to the tests, which judge a change and so are never part of it."""
    *folders, name = _folded(path).split("/")
    return any(map(_TEST_FOLDER.fullmatch, folders)) or bool(_TEST_FILE.fullmatch(name))


def is_illustration(path: str) -> bool:
    """Whether a path lies in a folder at the top that shows how the project is used.

    What lies there never serves anybody, so it is looked at only where a policy names it.
    """
    return _folded(path).split("/")[0] in _ILLUSTRATIONS


def _check_path(path: str, allowed: tuple[str, ...], denied: tuple[str, ...]) -> Refused | None:
    parts = path.split("/")
    if not path.isprintable() or any(c in path for c in '\\:"') or {"", ".."} & set(parts):
        return Refused("unsafe-path", f"{path!r} is not a plain path inside the repository")
    if any(_folded(part).startswith(".") for part in parts):
        return Refused("dot-folder", f"{path!r} lies in a hidden file or folder")
    if is_test_path(path):
        return Refused("edits-tests", f"{path!r} belongs to the tests")
    if _matches(path, ALWAYS_REFUSED):
        return Refused("edits-build", f"{path!r} decides how the project is built or checked")
    if _matches(path, denied):
        return Refused("denied-path", f"{path!r} is denied by the policy")
    if not path.endswith(".py"):
        return Refused("not-python", f"{path!r} is not a Python file")
    if allowed and not _matches(path, allowed):
        return Refused("path-not-allowed", f"{path!r} matches none of the allowed paths")
    return None


def _check_size(patch: Patch, limits: Limits) -> Kept | Refused:
    lines = patch.changed_lines()
    if lines > limits.lines:
        return Refused("too-many-lines", f"{lines} changed lines, {limits.lines} allowed")
    size = len(patch.diff().encode("utf-8", "surrogatepass"))
    if size > limits.bytes:
        return Refused("too-large", f"a diff of {size} bytes, {limits.bytes} allowed")
    return Kept()


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    folded = _folded(path)
    return any(fnmatch.fnmatchcase(folded, _folded(pattern)) for pattern in patterns)


def _folded(path: str) -> str:
    """What some file system may take for the same path."""
    return unicodedata.normalize("NFKC", path).casefold()


def _file_diff(change: FileChange) -> str:
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in _diff_lines(change)
    )


def _diff_lines(change: FileChange) -> list[str]:
    names = f"a/{change.path}", f"b/{change.path}"
    return list(difflib.unified_diff(_lines(change.before), _lines(change.after), *names))


def _lines(text: str) -> list[str]:
    """Split at line feeds alone, as git does: `str.splitlines` also splits at form feeds."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return lines if lines[-1] else lines[:-1]


Ranges = tuple[tuple[int, int], ...]
"""Line ranges, 1-based and inclusive on both ends."""


def changed_ranges(change: FileChange) -> tuple[Ranges, Ranges]:
    """Which lines of the old and of the new text a change concerns.

    Where lines are only added, the old side names the line before them, and the other way round,
    so that neither side is ever empty for a real change.
    """
    old, new = _lines(change.before), _lines(change.after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    blocks = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        tuple((max(1, i1 + 1 if i2 > i1 else i1), max(1, i2)) for _, i1, i2, _, _ in blocks),
        tuple((max(1, j1 + 1 if j2 > j1 else j1), max(1, j2)) for _, _, _, j1, j2 in blocks),
    )
