"""Sees whether anything of the user's has changed, byte for byte."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local import LocalCodeHost
from bot.domain.patch import FileChange, Patch
from bot.domain.policy import LocalPolicy
from bot.domain.pulls import Conclusion, Merged, PullDraft, PullSnapshot, RevertOpened
from tests.adapters.codehost_contract import BRANCH
from tests.adapters.local.repos import Runner
from tests.fakes.clock import FixedClock

OLD = "def f():\n    return 1\n\n\n# one\n# two\n# three\n\n\ndef g():\n    return 1\n"
NEW = OLD.replace("f():\n    return 1", "f():\n    return 2")
OTHERS = OLD.replace("g():\n    return 1", "g():\n    return 3")
BOTH = NEW.replace("g():\n    return 1", "g():\n    return 3")
SOURCE = {"app.py": OLD, "lib/other.py": "a = 1\n"}
MAIN = ("refs/heads/main",)
_OURS = ("refs/heads/ironclaw", "refs/ironclaw")
Entry = tuple[int, int, bytes]


def everything(*folders: Path) -> dict[Path, Entry]:
    """Mode, time of change and bytes of every file, link and folder."""
    found = {}
    for folder in folders:
        for place, names, files in os.walk(folder):
            for name in (*names, *files):
                found[Path(place) / name] = _entry(Path(place) / name)
    return found


def touched(
    before: dict[Path, Entry], after: dict[Path, Entry], git_dir: Path, refs: Sequence[str] = ()
) -> set[str]:
    """What differs besides new objects, our references, and those in `refs`."""
    allowed = (*_OURS, *refs)
    return {
        str(path)
        for path in {*before, *after}
        if before.get(path) != after.get(path)
        and not (path.is_relative_to(git_dir) and _may(path, path not in before, git_dir, allowed))
    }


@dataclass(frozen=True)
class Tour:
    """What came of everything that the host can be asked to do."""

    pull: PullSnapshot
    merge: str
    revert: PullSnapshot


def touring_host(path: Path, state: Path) -> LocalCodeHost:
    """A host that has something to check and to deploy."""
    return LocalCodeHost(
        path,
        clock=FixedClock(),
        run_check=Runner({"run": Conclusion.SUCCESS}),
        state_dir=state,
        policy=LocalPolicy(checks={"tests": "run"}, deploy="true"),
    )


async def open_pull(host: LocalCodeHost) -> PullSnapshot:
    """A pull request that makes f better."""
    repository = await host.repository()
    draft = PullDraft(
        branch=BRANCH,
        base=repository.default_branch,
        base_sha=repository.head_sha,
        title="Make f faster",
        body="",
        commit_message="Make f faster",
        patch=Patch((FileChange("app.py", OLD, NEW),)),
    )
    return await host.open_pull_request(draft)


async def tour(host: LocalCodeHost, git_dir: Path) -> Tour:
    """Ask for everything, with a merge that must go into a file that others changed too.

    Meanwhile main moves to the branch `theirs`, without git, which could spring a trap itself.
    """
    pull = await open_pull(host)
    (git_dir / "refs/heads/main").write_bytes((git_dir / "refs/heads/theirs").read_bytes())
    assert (await host.tree(pull.head_sha)).text("app.py") == NEW
    await host.request_checks(pull.number)
    await host.comment(pull.number, "status", "checked")
    merged = await host.merge(pull.number, pull.head_sha)
    assert isinstance(merged, Merged), merged
    assert (await host.tree(merged.sha)).text("app.py") == BOTH
    await deployed_now(host, merged.sha)
    opened = await host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened), opened
    undone = await host.merge(opened.pull.number, opened.pull.head_sha)
    assert isinstance(undone, Merged), undone
    assert (await host.tree(undone.sha)).text("app.py") == OTHERS
    assert await host.contains(undone.sha, pull.head_sha)
    assert len(await host.pull_requests()) == 2
    return Tour(pull, merged.sha, opened.pull)


async def deployed_now(host: LocalCodeHost, sha: str) -> None:
    """Deploy, and see that it was this commit."""
    deployment = await host.deploy()
    assert deployment is not None
    assert (deployment.sha, deployment.successful) == (sha, True), deployment


def _entry(path: Path) -> Entry:
    found = path.lstat()
    if path.is_symlink():
        return found.st_mode, found.st_mtime_ns, os.fsencode(path.readlink())
    if stat.S_ISDIR(found.st_mode):
        return found.st_mode, 0, b""
    # git renews the time of an object that it would have to write again.
    time = 0 if "objects" in path.parts else found.st_mtime_ns
    return found.st_mode, time, path.read_bytes() if stat.S_ISREG(found.st_mode) else b""


def _may(path: Path, new: bool, git_dir: Path, allowed: Sequence[str]) -> bool:
    name = path.relative_to(git_dir).as_posix()
    if name.startswith("objects/"):
        return new
    ref = name.removeprefix("logs/")
    return any(ref == one or ref.startswith(f"{one}/") for one in allowed)
