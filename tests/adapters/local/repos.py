"""Real git repositories to try the host on, and what people do in them."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.local import LocalCodeHost, Review
from bot.domain.policy import LocalPolicy
from bot.domain.pulls import Conclusion
from bot.domain.tree import Tree
from tests.adapters.codehost_contract import FILES
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from bot.ports import CodeHost

PERSON = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PATH": os.environ["PATH"],
}


def git(
    place: Path, *args: str, stdin: bytes | str = b"", env: Mapping[str, str] | None = None
) -> str:
    """Run git as a person would, and give what it says."""
    done = subprocess.run(
        ["git", *args],
        cwd=place,
        env={**PERSON, **(env or {})},
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"git {args}: {done.stderr!r}"
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def make_repository(
    place: Path,
    files: Mapping[str, str | bytes] = FILES,
    *,
    bare: bool = False,
    object_format: str = "sha1",
) -> Path:
    """A repository with one commit of `files` on main."""
    place.mkdir(parents=True)
    kind = ["--bare"] if bare else []
    options = ["-q", "--template=", "-b", "main", f"--object-format={object_format}"]
    git(place, "init", *kind, *options)
    commit_files(place, "main", files)
    if not bare:
        git(place, "reset", "-q", "--hard")
    return place


def commit_files(place: Path, branch: str, files: Mapping[str, str | bytes]) -> str:
    """Commit whole files on a branch, made from main if needed, without any working tree."""
    branches = git(place, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    start = branch if branch in branches else "main" if branches else ""
    parts = [b"commit refs/heads/%s\ncommitter Ada <ada@example.org> now\n" % branch.encode()]
    parts.append(b"data 4\nword")
    if start:
        parts.append(b"\nfrom refs/heads/%s^0" % start.encode())
    for path, text in files.items():
        data = text.encode() if isinstance(text, str) else text
        parts.append(b"\nM 100644 inline %s\ndata %d\n%s" % (path.encode(), len(data), data))
    git(place, "fast-import", "--quiet", "--date-format=now", stdin=b"".join(parts) + b"\n")
    return git(place, "rev-parse", f"refs/heads/{branch}")


@dataclass
class Runner:
    """A check runner that answers as it is told and remembers what it was asked to run."""

    answers: dict[str, Conclusion] = field(default_factory=dict)
    ran: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, tree: Tree, command: str) -> tuple[Conclusion, str]:
        self.ran.append((tree.sha, command))
        return self.answers[command], f"{command} was run"


def make_host(place: Path, state: Path) -> LocalCodeHost:
    """A host with nothing to check and nothing to deploy."""
    return LocalCodeHost(place, clock=FixedClock(), run_check=Runner(), state_dir=state)


class LocalWorld:
    """The hands around a host of a bare repository, where main can be merged into."""

    def __init__(self, folder: Path) -> None:
        self.place = make_repository(folder / "sample.git", bare=True)
        self.clock = FixedClock()
        self.runner = Runner()
        self.local = LocalCodeHost(
            self.place,
            clock=self.clock,
            run_check=self.runner,
            state_dir=folder / "state",
            policy=LocalPolicy(deploy="true"),
        )
        self.host: CodeHost = self.local

    async def push(self, branch: str, files: Mapping[str, str]) -> str:
        return commit_files(self.place, branch, files)

    async def delete_branch(self, branch: str) -> None:
        git(self.place, "branch", "-q", "-D", branch)

    async def label(self, number: int, label: str, *, on: bool = True) -> None:
        await self.local.label(number, label, on=on)

    async def review(self, number: int, person: str, *, approved: bool) -> None:
        word = Review.APPROVED if approved else Review.CHANGES_REQUESTED
        await self.local.review(number, person, word)

    async def comments(self, number: int) -> list[str]:
        return list((await self.local.comments(number)).values())

    def set_check(self, name: str, conclusion: Conclusion) -> None:
        self.runner.answers[f"run-{name}"] = conclusion
        checks = {**self.local.policy.checks, name: f"run-{name}"}
        self.local.policy = LocalPolicy(checks=checks, deploy=self.local.policy.deploy)

    def set_deploy_failure(self, why: str) -> None:
        command = f"echo '{why}' >&2; exit 3" if why else "true"
        self.local.policy = LocalPolicy(checks=self.local.policy.checks, deploy=command)
