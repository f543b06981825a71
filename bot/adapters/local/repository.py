"""Finds the user's repository and reads, without running anything, what it says of itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local.git import Git, GitError, decode, printable
from bot.ports import UserError


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a repository keeps its things, and its own settings by lower-case key."""

    name: str
    git_dir: Path
    common_dir: Path
    settings: Mapping[str, str]

    @property
    def bare(self) -> bool:
        """Whether there is no main working tree."""
        guess = "false" if self.common_dir.name == ".git" else "true"
        return self.settings.get("core.bare", guess).lower() in ("true", "yes", "on", "1", "")

    @property
    def object_format(self) -> str:
        """How objects are named: sha1 or sha256."""
        return self.settings.get("extensions.objectformat", "sha1")

    @property
    def objects(self) -> Path:
        """The user's object database."""
        return self.common_dir / "objects"

    @property
    def partial(self) -> bool:
        """Whether objects may be missing because the clone left them out."""
        return "extensions.partialclone" in self.settings or any(
            key.endswith(".promisor") for key in self.settings
        )


def find_repository(git: Git, path: Path, home: Path) -> Repository:
    """The repository that `path` lies in; UserError if there is none."""
    if not path.is_dir():
        raise UserError(f"{path} is not a folder", "name the folder of a git repository")
    # A working tree named here wins over `core.worktree`, which may point anywhere.
    place = {"GIT_WORK_TREE": str(home)}

    def ask(question: str) -> Path:
        try:
            answer = git.run(
                "rev-parse", "--path-format=absolute", question, env=place, cwd=path.resolve()
            )
        except GitError as error:
            raise _not_readable(path, str(error)) from error
        return Path(answer.line).resolve()

    common = ask("--git-common-dir")
    parent = common.parent if common.name == ".git" else common
    return Repository(
        name=printable(parent.name.removesuffix(".git")) or "repository",
        git_dir=ask("--git-dir"),
        common_dir=common,
        settings=_settings(git, common),
    )


def head_of(git: Git, git_dir: Path, home: Path) -> str:
    """The reference that HEAD names, or nothing when it is detached."""
    place = {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(home)}
    return git.run("symbolic-ref", "--quiet", "HEAD", env=place, ok=(0, 1)).line


def detached_at(git: Git, git_dir: Path, home: Path) -> str:
    """The commit that HEAD is at, or nothing when there is none yet."""
    place = {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(home)}
    found = git.run("rev-parse", "--verify", "--quiet", "HEAD", env=place, ok=(0, 1, 128))
    return found.line if found.code == 0 else ""


def in_use(git: Git, repository: Repository, ref: str, home: Path) -> str:
    """The folder of a working tree that has branch `ref` checked out or in work, or nothing."""
    for git_dir, folder in _work_trees(repository):
        if head_of(git, git_dir, home) == ref or ref in _in_work(git_dir):
            return printable(str(folder))
    return ""


def _settings(git: Git, common: Path) -> dict[str, str]:
    """The repository's own settings as text; nothing that they name is read or run."""
    settings: dict[str, str] = {}
    for file in (common / "config", common / "config.worktree"):
        if not file.is_file():
            continue
        try:
            answer = git.run("config", "--file", str(file), "--no-includes", "--null", "--list")
        except GitError as error:
            raise _not_readable(common, str(error)) from error
        for entry in decode(answer.out).split("\0"):
            key, _, value = entry.partition("\n")
            settings[key] = value
    return settings


def _work_trees(repository: Repository) -> Iterator[tuple[Path, Path]]:
    if not repository.bare:
        yield repository.common_dir, repository.common_dir.parent
    linked = repository.common_dir / "worktrees"
    for git_dir in sorted(linked.iterdir()) if linked.is_dir() else ():
        pointer = git_dir / "gitdir"
        if (git_dir / "HEAD").exists() and pointer.is_file():
            yield git_dir, Path(decode(pointer.read_bytes().rstrip(b"\n"))).parent


def _in_work(git_dir: Path) -> set[str]:
    """Branches that a rebase or bisection here will come back to."""
    names = set()
    for place in ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"):
        file = git_dir / place
        if file.is_file():
            name = decode(file.read_bytes()).strip()
            names.add(name if name.startswith("refs/") else f"refs/heads/{name}")
    return names


def _not_readable(path: Path, complaint: str) -> UserError:
    if "not a git repository" in complaint:
        return UserError(
            f"{path} is not in a git repository",
            "run `git init` there and commit your files, or name another folder",
        )
    return UserError(
        f"git cannot read the repository of {path}: {complaint}",
        "run `git status` there and mend what it complains about, or update git",
    )
