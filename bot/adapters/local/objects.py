"""Makes new objects in a folder apart, and hands them over to the user's repository whole."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.local.git import decode, encode, printable
from bot.adapters.local.history import Commit
from bot.adapters.local.transaction import IDENTITY, identity
from bot.adapters.local.workshop import Workshop, write_atomically
from bot.domain.patch import Patch
from bot.ports import UserError


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one folder's tree object."""

    mode: str
    kind: str
    sha: str
    name: bytes


@dataclass(frozen=True, slots=True)
class MergedTree:
    """Both sides go together as this tree."""

    tree: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides change the same places of these files."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """New objects that nobody else sees before `release`; dropped when that never comes."""

    workshop: Workshop
    folder: Path
    made_up: set[str] = field(default_factory=set)

    def blob(self, data: bytes) -> str:
        """Store bytes as they are: no filter, no line-ending conversion."""
        return self._make("hash-object", "-w", "--no-filters", "--stdin", stdin=data)

    def patched(self, tree: str, patch: Patch) -> str:
        """The tree with the patch's files replaced; every other entry stays byte for byte."""
        for change in patch.changes:
            parts = [encode(part) for part in change.path.split("/")]
            if not all(parts) or {b".", b".."} & set(parts) or b".git" in parts:
                raise UserError(f"{change.path!r} is no path inside the repository")
            before, after = change.before.encode(), change.after.encode()
            tree = self._replaced(tree, parts, before, after)
        return tree

    def commit(self, tree: str, parents: Sequence[str], message: str, date: str) -> Commit:
        """A commit by us; the same values always give the same commit."""
        given = [word for parent in parents for word in ("-p", parent)]
        text = message.replace("\0", "").encode("utf-8", "replace")
        sha = self._make("commit-tree", tree, *given, stdin=text, env=identity(date))
        return Commit(sha, tree, tuple(parents), IDENTITY, date)

    def merged(self, ours: str, theirs: str) -> MergedTree | Conflict:
        """Merge two commits on the base that git finds."""
        answer = self.workshop.run(
            *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"),
            *(ours, theirs),
            objects=self.folder,
            ok=(0, 1),
        )
        tree, *files = decode(answer.out).split("\0")
        if answer.code == 0:
            return MergedTree(tree)
        return Conflict(tuple(dict.fromkeys(file for file in files if file)))

    def merged_on(self, base: str, ours: str, theirs: str) -> MergedTree | Conflict:
        """Merge two trees on a third; commits made for it give git the base it shall take."""
        date = "@0 +0000"
        root = self.commit(base, (), "base", date).sha
        sides = [self.commit(tree, (root,), "side", date).sha for tree in (ours, theirs)]
        self.made_up.update((root, *sides))
        return self.merged(*sides)

    def release(self) -> None:
        """Hand what was made over to the user's repository, each object whole or not at all."""
        try:
            for file in sorted(self.folder.glob("??/*")):
                if file.parent.name + file.name not in self.made_up:
                    _hand_over(file, self.workshop.user.objects)
        except OSError as error:
            raise UserError(
                f"the repository's objects cannot be written: {error.strerror}",
                "see that you may write to the repository and that its disk is not full",
            ) from error

    def _replaced(self, tree: str, parts: list[bytes], before: bytes, after: bytes) -> str:
        name, *below = parts
        entries = self._entries(tree) if tree else []
        old = next((entry for entry in entries if entry.name == name), None)
        if below:
            if old is not None and old.kind != "tree":
                raise _unlike(name)
            inner = self._replaced(old.sha if old else "", below, before, after)
            new = Entry("040000", "tree", inner, name)
        else:
            if not self._holds(old, before):
                raise _unlike(name)
            new = Entry(old.mode if old else "100644", "blob", self.blob(after), name)
        return self._tree([entry for entry in entries if entry is not old] + [new])

    def _holds(self, old: Entry | None, before: bytes) -> bool:
        if old is None:
            return not before
        is_file = old.kind == "blob" and old.mode != "120000"
        return is_file and self._read("cat-file", "blob", old.sha) == before

    def _entries(self, tree: str) -> list[Entry]:
        lines = self._read("ls-tree", "-z", tree).split(b"\0")[:-1]
        return [_entry(line) for line in lines]

    def _tree(self, entries: Sequence[Entry]) -> str:
        lines = b"".join(
            f"{entry.mode} {entry.kind} {entry.sha}\t".encode() + entry.name + b"\0"
            for entry in entries
        )
        return self._make("mktree", "-z", "--missing", stdin=lines)

    def _read(self, *args: str) -> bytes:
        return self.workshop.run(*args, objects=self.folder).out

    def _make(self, *args: str, stdin: bytes, env: Mapping[str, str] | None = None) -> str:
        return self.workshop.run(*args, objects=self.folder, stdin=stdin, env=env).line


@contextmanager
def quarantine(workshop: Workshop) -> Iterator[Quarantine]:
    """A place for new objects, gone afterwards."""
    with workshop.folder() as folder:
        yield Quarantine(workshop, folder)


def _entry(line: bytes) -> Entry:
    head, _, name = line.partition(b"\t")
    mode, kind, sha = decode(head).split(" ")
    return Entry(mode, kind, sha, name)


def _hand_over(file: Path, objects: Path) -> None:
    place = objects / file.parent.name
    mode = objects.stat().st_mode & 0o7777  # as widely readable as the user's own objects
    if not place.is_dir():
        place.mkdir(exist_ok=True)
        place.chmod(mode)
    if not (place / file.name).exists():
        write_atomically(place / file.name, file.read_bytes(), mode & 0o444)


def _unlike(name: bytes) -> UserError:
    return UserError(
        f"{printable(decode(name))!r} is not what the change was made for",
        "look for improvements again: the file has another content now",
    )
