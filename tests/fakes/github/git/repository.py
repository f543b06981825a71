"""One bare repository: files, commits, branches and merges."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.fakes.github.git import commits, history, trees
from tests.fakes.github.git.commits import Commit, Signature
from tests.fakes.github.git.diffs import FileDiff, diff
from tests.fakes.github.git.merging import merge_trees
from tests.fakes.github.git.objects import NoObjectError, Objects
from tests.fakes.github.git.refs import Refs
from tests.fakes.github.git.trees import Entry

HEADS = "refs/heads/"
_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[receive]
\tunpackLimit = 1000000
\tautogc = false
[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
"""

Contents = Mapping[str, str | bytes | None]


class MovedError(Exception):
    """The branch is not where the caller thought it was."""


class GitRepository:
    """A repository on disk that git can clone from and push to."""

    def __init__(self, folder: Path, default_branch: str) -> None:
        self.folder = folder
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (folder / name).mkdir(parents=True)
        (folder / "HEAD").write_text(f"ref: {HEADS}{default_branch}\n")
        (folder / "config").write_text(_CONFIG)
        self.objects = Objects(folder)
        self.refs = Refs(folder)
        self._commits: dict[str, Commit] = {}

    def head(self, branch: str) -> str | None:
        return self.refs.read(HEADS + branch)

    def branches(self) -> dict[str, str]:
        found = self.refs.under(HEADS)
        return {name.removeprefix(HEADS): sha for name, sha in found.items()}

    def commit(self, sha: str) -> Commit | None:
        """A commit by its whole name."""
        if sha not in self._commits:
            try:
                kind, data = self.objects.read(sha)
            except NoObjectError:
                return None
            if kind != "commit":
                return None
            self._commits[sha] = commits.parse(sha, data)
        return self._commits[sha]

    def resolve(self, name: str) -> str | None:
        """The commit of a branch, tag, full reference or SHA (seven characters or more)."""
        for full in (HEADS + name, f"refs/tags/{name}", f"refs/{name.removeprefix('refs/')}"):
            found = self.refs.read(full)
            if found:
                return found
        if name == "HEAD":
            text = (self.folder / "HEAD").read_text()
            return self.refs.read(text.removeprefix("ref: ").strip())
        if len(name) == 40:
            return name if self.commit(name) else None
        return self._by_prefix(name)

    def write_commit(
        self,
        tree: str,
        parents: tuple[str, ...],
        author: Signature,
        message: str,
        committer: Signature | None = None,
    ) -> Commit:
        """Keep a commit; who wrote it also commits it unless somebody else is named."""
        text = commits.text(tree, parents, author, committer or author, message)
        sha = self.objects.write("commit", text)
        found = self.commit(sha)
        assert found
        return found

    def files(self, sha: str) -> dict[str, Entry]:
        """Every file of a commit."""
        return trees.flat(self.objects, self.tree_of(sha))

    def tree_of(self, sha: str) -> str:
        commit = self.commit(sha)
        if commit is None:
            raise NoObjectError(sha)
        return commit.tree

    def with_contents(self, tree: str | None, contents: Contents) -> str:
        """A tree with these files put in; None takes one out."""
        files = trees.flat(self.objects, tree) if tree else {}
        for path, content in contents.items():
            old = files.pop(path, None)
            if content is not None:
                data = content.encode() if isinstance(content, str) else content
                mode = old.mode if old else "100644"
                files[path] = Entry(mode, self.objects.write("blob", data))
        return trees.write(self.objects, files)

    def with_plain_files(self, tree: str, contents: Mapping[str, bytes]) -> str:
        """The same for files that are plain from now on, whatever mode they had."""
        files = trees.flat(self.objects, tree)
        for path, data in contents.items():
            files[path] = Entry("100644", self.objects.write("blob", data))
        return trees.write(self.objects, files)

    def write_tree(self, files: trees.Flat) -> str:
        return trees.write(self.objects, files)

    def contains(self, sha: str, commit: str) -> bool:
        return commit in history.ancestors(self._parents, [sha])

    def between(self, old: str, new: str) -> list[Commit]:
        """Commits of `new` that `old` has not, parents first."""
        return [self._known(sha) for sha in history.between(self._parents, old, new)]

    def log(self, sha: str) -> list[Commit]:
        """Every commit, newest first."""
        found = [self._known(one) for one in history.ancestors(self._parents, [sha])]
        order = {sha: place for place, sha in enumerate(self._children_first(sha))}
        return sorted(found, key=lambda commit: order[commit.sha])

    def merge_base(self, one: str, other: str) -> str | None:
        return history.merge_base(self._parents, one, other)

    def merged_tree(self, ours: str, theirs: str, base: str | None = None) -> str | None:
        """The tree of merging two commits, None when they conflict."""
        base = base or self.merge_base(ours, theirs)
        empty = trees.write(self.objects, {})
        base_tree = self.tree_of(base) if base else empty
        return merge_trees(self.objects, base_tree, self.tree_of(ours), self.tree_of(theirs))

    def diff(self, old: str, new: str) -> list[FileDiff]:
        return diff(self.objects, self.tree_of(old), self.tree_of(new))

    def tarball(self, sha: str, folder: str) -> bytes:
        """A gzipped archive of one commit, below one folder."""
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w:gz", compresslevel=1) as archive:
            for path, entry in sorted(self.files(sha).items()):
                archive.addfile(*self._member(f"{folder}/{path}", entry))
        return made.getvalue()

    def _member(self, path: str, entry: Entry) -> tuple[tarfile.TarInfo, io.BytesIO]:
        info = tarfile.TarInfo(path)
        data = self.objects.read(entry.sha)[1] if entry.kind == "blob" else b""
        info.mode = 0o775 if entry.mode == "100755" else 0o664
        if entry.mode == "120000":
            info.type, info.linkname = tarfile.SYMTYPE, data.decode("utf-8", "surrogateescape")
            return info, io.BytesIO()
        if entry.kind == "commit":
            info.type = tarfile.DIRTYPE
        info.size = len(data)
        return info, io.BytesIO(data)

    def _children_first(self, sha: str) -> list[str]:
        seen: set[str] = set()
        ordered: list[str] = []
        stack = [(sha, False)]
        while stack:
            one, done = stack.pop()
            if done:
                ordered.append(one)
            elif one not in seen:
                seen.add(one)
                stack.append((one, True))
                stack.extend((parent, False) for parent in self._parents(one))
        return ordered[::-1]

    def _known(self, sha: str) -> Commit:
        found = self.commit(sha)
        assert found
        return found

    def _parents(self, sha: str) -> tuple[str, ...]:
        found = self.commit(sha)
        return found.parents if found else ()

    def _by_prefix(self, name: str) -> str | None:
        if not 7 <= len(name) < 40 or set(name) - set("0123456789abcdef"):
            return None
        folder = self.folder / "objects" / name[:2]
        found = [name[:2] + file.name for file in folder.glob(f"{name[2:]}*")]
        return found[0] if len(found) == 1 and self.commit(found[0]) else None
