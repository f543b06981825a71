"""The repositories are real: git reads them, clones them, pushes to them, and merges alike."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.clock import START
from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, Raw, installation_token, open_pull
from tests.fakes.github.git import GitRepository, Signature

WHO = Signature("ada", "ada@example.org", START)
LINES = st.lists(st.sampled_from("abcd"), max_size=5).map(lambda lines: "\n".join([*lines, ""]))
FILES = st.dictionaries(
    st.sampled_from(["a", "b", "lib", "lib/c", "lib/d", "e/f/g"]), LINES, max_size=5
).filter(lambda files: not ("lib" in files and files.keys() & {"lib/c", "lib/d"}))


def git(*arguments: str, cwd: Path, ok: tuple[int, ...] = (0,)) -> str:
    """Run git without the user's settings; gives what it printed."""
    env = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(cwd),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode in ok, done.stderr
    return done.stdout


def address(fake: FakeGitHub, token: str) -> str:
    return fake.url.replace("://", f"://x-access-token:{token}@") + f"/{REPO}.git"


def test_git_finds_nothing_wrong(fake: FakeGitHub, client: Client) -> None:
    number, _ = open_pull(fake, client)
    fake.merge_as_person(REPO, number)
    folder = fake.repository(REPO).git.folder
    git("fsck", "--strict", cwd=folder)
    said = git("log", "--format=%s", "main", cwd=folder).splitlines()
    merge = "Merge pull request #1 from octo/ironclaw/x"
    assert sorted(said) == ["Begin", "Make x faster", merge]


def test_it_is_cloned_with_a_token(fake: FakeGitHub, raw: Raw, tmp_path: Path) -> None:
    git("clone", "-q", address(fake, raw.token), "copy", cwd=tmp_path)
    assert (tmp_path / "copy" / "app.py").read_text() == "x = 1\n"
    git("clone", "-q", address(fake, "ghs_wrong"), "other", cwd=tmp_path, ok=(128,))


def test_a_push_moves_the_branch_and_the_pull_request(
    fake: FakeGitHub, client: Client, raw: Raw, tmp_path: Path
) -> None:
    number, first = open_pull(fake, client)
    git("clone", "-q", "-b", "ironclaw/x", address(fake, raw.token), "copy", cwd=tmp_path)
    copy = tmp_path / "copy"
    (copy / "app.py").write_text("x = 7\n")
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    git(*who, "commit", "-qam", "By hand", cwd=copy)
    git("push", "-q", "origin", "HEAD", cwd=copy)
    shown = raw.at("GET", f"/pulls/{number}").json()
    assert shown["head"]["sha"] == fake.head(REPO, "ironclaw/x") != first
    assert ("pull_request", "synchronize") in [(one.event, one.action) for one in fake.deliveries]
    raw.token = installation_token(raw, permissions={"contents": "read"})
    git("push", "-q", address(fake, raw.token), "HEAD:refs/heads/y", cwd=copy, ok=(128, 1))
    assert fake.head(REPO, "y") is None


def test_an_archive_holds_the_commit(fake: FakeGitHub, raw: Raw) -> None:
    moved = raw.at("GET", "/tarball/main")
    assert moved.status_code == 302
    whole = raw.session.get(moved.headers["Location"], timeout=10)
    assert whole.headers["Content-Type"] == "application/x-gzip"
    assert whole.content[:2] == b"\x1f\x8b"


@settings(max_examples=40, deadline=None)
@given(base=FILES, ours=FILES, theirs=FILES)
def test_trees_are_merged_as_git_merges_them(
    tmp_path_factory: pytest.TempPathFactory,
    base: Mapping[str, str],
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
) -> None:
    repo = GitRepository(tmp_path_factory.mktemp("merge") / "r.git", "main")
    trees = [repo.with_contents(None, files) for files in (base, ours, theirs)]
    start = repo.write_commit(trees[0], (), WHO, "base\n").sha
    one, other = (repo.write_commit(tree, (start,), WHO, "side\n").sha for tree in trees[1:])
    said = git("merge-tree", "--write-tree", one, other, cwd=repo.folder, ok=(0, 1))
    clean = said.count("\n") == 1
    assert repo.merged_tree(one, other) == (said.strip() if clean else None)
