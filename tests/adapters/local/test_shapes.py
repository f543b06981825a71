"""Every shape that a repository can have works, or gets an answer that says what to do."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.pulls import Merged, NotMerged, PullState, RevertOpened
from bot.ports import UserError
from tests.adapters.codehost_contract import BRANCH
from tests.adapters.local.repos import PERSON, commit_files, git, make_host, make_repository
from tests.adapters.local.watching import (
    MAIN,
    NEW,
    OLD,
    OTHERS,
    SOURCE,
    everything,
    open_pull,
    touched,
    tour,
    touring_host,
)


def at_work(place: Path, **options: str) -> Path:
    """A repository whose user is at work on another branch than main."""
    make_repository(place, SOURCE, **options)  # type: ignore[arg-type]
    commit_files(place, "theirs", {"app.py": OTHERS})
    git(place, "switch", "-q", "-c", "work")
    return place


def merging(place: Path) -> None:
    """Leave a conflicted merge, a stash, staged and unstaged changes and a new file."""
    (place / "app.py").write_text("stashed\n")
    git(place, "stash", env=PERSON)
    (place / "app.py").write_text("mine\n")
    git(place, "commit", "-q", "-a", "-m", "mine")
    subprocess.run(["git", "merge", "-q", "theirs"], cwd=place, env=PERSON, check=False)
    assert (place / ".git" / "MERGE_HEAD").exists()
    (place / "lib" / "other.py").write_text("staged\n")
    git(place, "add", "lib/other.py")
    (place / "lib" / "other.py").write_text("edited\n")
    (place / "new.txt").write_text("new\n")


def locked_index(place: Path) -> None:
    (place / ".git" / "index.lock").write_bytes(b"")
    (place / ".git" / "HEAD.lock").write_bytes(b"")
    (place / ".git" / "config.lock").write_bytes(b"")


def packed(place: Path) -> None:
    git(place, "gc", "--quiet", "--prune=now")
    # What the tour reads as a file of its own.
    (place / ".git/refs/heads/theirs").write_text(git(place, "rev-parse", "theirs") + "\n")


def elsewhere(place: Path) -> None:
    (place.parent / "elsewhere").mkdir()
    git(place, "config", "core.worktree", str(place.parent / "elsewhere"))


def nowhere(place: Path) -> None:
    git(place, "config", "core.worktree", "../../no-such-folder")


def replaced(place: Path) -> None:
    fake = git(place, "hash-object", "-w", "--stdin", stdin="forged\n")
    git(place, "replace", "-f", git(place, "rev-parse", "main:app.py"), fake)


def grafted(place: Path) -> None:
    (place / ".git" / "info").mkdir(exist_ok=True)
    theirs = git(place, "rev-parse", "theirs")
    (place / ".git" / "info" / "grafts").write_text(f"{theirs}\n")


def no_reflogs(place: Path) -> None:
    shutil.rmtree(place / ".git" / "logs")
    git(place, "config", "core.logAllRefUpdates", "false")


def shared(place: Path) -> None:
    git(place, "config", "core.sharedRepository", "group")


def nothing(place: Path) -> None:
    del place


STATES: list[Callable[[Path], None]] = [
    nothing,
    merging,
    locked_index,
    packed,
    elsewhere,
    nowhere,
    replaced,
    grafted,
    no_reflogs,
    shared,
]


@pytest.mark.parametrize("state", STATES)
async def test_leaves_what_the_user_is_doing_alone(
    state: Callable[[Path], None], tmp_path: Path
) -> None:
    place = at_work(tmp_path / "repo")
    state(place)
    before = everything(place)
    await tour(touring_host(place, tmp_path / "state"), place / ".git")
    assert touched(before, everything(place), place / ".git", MAIN) == set()
    if state is not nowhere:
        assert "error" not in git(place, "fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize(
    "name", ["with space", 'quo"te', "co:lon", "back\\slash", "new\nline", "ünïcode", "-dash", "#"]
)
async def test_works_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    place = at_work(tmp_path / name)
    await tour(touring_host(place / "lib", tmp_path / f"state of {name}"), place / ".git")


async def test_works_with_sha256(tmp_path: Path) -> None:
    place = at_work(tmp_path / "repo", object_format="sha256")
    done = await tour(touring_host(place, tmp_path / "state"), place / ".git")
    assert len(done.merge) == 64
    assert "error" not in git(place, "fsck", "--strict")


async def test_works_in_a_linked_working_tree(tmp_path: Path) -> None:
    place = at_work(tmp_path / "repo")
    git(place, "worktree", "add", "-q", "-b", "linked", str(tmp_path / "linked"))
    before = everything(place, tmp_path / "linked")
    await tour(touring_host(tmp_path / "linked", tmp_path / "state"), place / ".git")
    after = everything(place, tmp_path / "linked")
    assert touched(before, after, place / ".git", MAIN) == set()


async def test_works_on_borrowed_objects(tmp_path: Path) -> None:
    lender = at_work(tmp_path / "lender")
    git(tmp_path, "clone", "-q", "--shared", "--bare", "--template=", str(lender), "borrower")
    before = everything(lender)
    await tour(touring_host(tmp_path / "borrower", tmp_path / "state"), unpacked(tmp_path))
    assert everything(lender) == before


async def test_works_on_a_shallow_clone(tmp_path: Path) -> None:
    lender = make_repository(tmp_path / "lender", SOURCE, bare=True)
    commit_files(lender, "main", {"lib/other.py": "a = 2\n"})
    commit_files(lender, "theirs", {"app.py": OTHERS})
    options = ["--depth=1", "--no-single-branch", "--bare", "--template="]
    git(tmp_path, "clone", "-q", *options, lender.as_uri(), "borrower")
    assert (tmp_path / "borrower" / "shallow").exists()
    # At this depth main and theirs have no common commit: make another one.
    place = unpacked(tmp_path)
    git(place, "branch", "-q", "-D", "theirs")
    commit_files(place, "theirs", {"app.py": OTHERS, "new.py": ""})
    await tour(touring_host(place, tmp_path / "state"), place)


async def test_says_what_a_partial_clone_lacks_and_fetches_nothing(tmp_path: Path) -> None:
    lender = make_repository(tmp_path / "lender", SOURCE, bare=True)
    git(lender, "config", "uploadpack.allowFilter", "true")
    options = ["--filter=blob:none", "--bare", "--template="]
    git(tmp_path, "clone", "-q", *options, lender.as_uri(), "partial")
    before = everything(tmp_path / "partial")
    host = make_host(tmp_path / "partial", tmp_path / "state")
    with pytest.raises(UserError, match="partial") as caught:
        await host.tree((await host.repository()).head_sha)
    assert "git fetch --refetch --no-filter" in caught.value.remedy
    assert everything(tmp_path / "partial") == before


def unpacked(folder: Path) -> Path:
    """The clone `borrower`, its branch `theirs` in a file of its own."""
    place = folder / "borrower"
    git(place, "symbolic-ref", "HEAD", "refs/heads/main")
    (place / "refs/heads/theirs").write_text(git(place, "rev-parse", "theirs") + "\n")
    return place


def has_tables(place: Path) -> bool:
    """Make an empty repository with reftable, if this git can."""
    command = ["git", "init", "-q", "-b", "main", "--ref-format=reftable", str(place)]
    done = subprocess.run(command, env=PERSON, capture_output=True, check=False)
    return done.returncode == 0


async def test_works_where_git_keeps_references_in_tables_or_says_that_it_cannot(
    tmp_path: Path,
) -> None:
    place = tmp_path / "repo"
    if has_tables(place):
        commit_files(place, "main", SOURCE)
        assert (await open_pull(make_host(place, tmp_path / "state"))).number == 1
        return
    make_repository(place, SOURCE)
    git(place, "config", "core.repositoryFormatVersion", "1")
    git(place, "config", "extensions.refStorage", "reftable")
    with pytest.raises(UserError, match="cannot read") as caught:
        await make_host(place, tmp_path / "state").repository()
    assert "update git" in caught.value.remedy


async def test_does_not_merge_into_a_branch_that_is_checked_out(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo", SOURCE)
    host = make_host(place, tmp_path / "state")
    pull = await open_pull(host)
    before = everything(place)
    blocked = await host.merge(pull.number, pull.head_sha)
    assert isinstance(blocked, NotMerged)
    assert str(place) in blocked.why
    assert f"git merge --no-ff {BRANCH}" in blocked.why
    assert everything(place) == before


@pytest.mark.parametrize("how", ["--no-ff", "--ff-only"])
async def test_sees_and_undoes_what_a_person_has_merged(how: str, tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo", SOURCE)
    host = make_host(place, tmp_path / "state")
    pull = await open_pull(host)
    if how == "--no-ff":
        for number in range(5):
            commit_files(place, "main", {"lib/other.py": f"b = {number}\n"})
        git(place, "reset", "-q", "--hard")
    git(place, "merge", "-q", how, BRANCH)
    merge = git(place, "rev-parse", "main")
    for number in range(5):
        commit_files(place, "main", {"lib/other.py": f"a = {number}\n"})
    seen = await host.pull_request(pull.number)
    assert seen is not None
    assert (seen.state, seen.merge_sha) == (PullState.MERGED, merge)
    assert await host.merge(pull.number, pull.head_sha) == Merged(merge)
    opened = await host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened)
    tree = await host.tree(opened.pull.head_sha)
    assert (tree.text("app.py"), tree.text("lib/other.py")) == (OLD, "a = 4\n")


@pytest.mark.parametrize("file", ["rebase-merge/head-name", "rebase-apply/head-name"])
async def test_does_not_move_a_branch_that_is_being_rebased(file: str, tmp_path: Path) -> None:
    place = at_work(tmp_path / "repo")
    (place / ".git" / file).parent.mkdir()
    (place / ".git" / file).write_text("refs/heads/main\n")
    host = make_host(place, tmp_path / "state")
    pull = await open_pull(host)
    assert isinstance(await host.merge(pull.number, pull.head_sha), NotMerged)


async def test_follows_a_branch_that_stands_for_another(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo.git", SOURCE, bare=True)
    git(place, "branch", "-q", "-m", "main", "trunk")
    git(place, "symbolic-ref", "refs/heads/main", "refs/heads/trunk")
    host = make_host(place, tmp_path / "state")
    pull = await open_pull(host)
    merged = await host.merge(pull.number, pull.head_sha)
    assert isinstance(merged, Merged)
    assert git(place, "rev-parse", "trunk") == merged.sha
    assert git(place, "symbolic-ref", "refs/heads/main") == "refs/heads/trunk"


async def test_its_records_go_where_the_repository_goes(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo.git", SOURCE, bare=True)
    pull = await open_pull(make_host(place, tmp_path / "state"))
    git(place, "gc", "--quiet", "--prune=now", "--aggressive")
    place.rename(tmp_path / "moved.git")
    host = make_host(tmp_path / "moved.git", tmp_path / "another state")
    assert await host.pull_requests() == [pull]
    assert (await host.tree(pull.head_sha)).text("app.py") == NEW


async def test_reads_a_detached_head_and_has_nothing_to_merge_into(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo", SOURCE)
    git(place, "checkout", "-q", "--detach")
    git(place, "branch", "-q", "-D", "main")
    host = make_host(place, tmp_path / "state")
    repository = await host.repository()
    assert (repository.default_branch, "detached" in repository.notes) == ("HEAD", True)
    pull = await open_pull(host)
    assert (pull.state, pull.mergeable) == (PullState.OPEN, None)
    assert isinstance(await host.merge(pull.number, pull.head_sha), NotMerged)


async def test_takes_the_branch_that_the_remote_calls_its_default(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo", SOURCE)
    git(place, "branch", "-q", "develop")
    git(place, "update-ref", "refs/remotes/origin/develop", "HEAD")
    git(place, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop")
    host = make_host(place, tmp_path / "state")
    assert (await host.repository()).default_branch == "develop"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda place: None, "not a folder"),
        (lambda place: place.write_text(""), "not a folder"),
        (lambda place: place.mkdir(), "not in a git repository"),
        (lambda place: git(place.parent, "init", "-q", str(place)), "no commit yet"),
    ],
    ids=["nothing", "a file", "a folder", "an empty repository"],
)
async def test_says_what_is_wrong_with_what_is_no_repository(
    make: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    make(tmp_path / "repo")
    with pytest.raises(UserError, match=problem) as caught:
        await make_host(tmp_path / "repo", tmp_path / "state").repository()
    assert caught.value.remedy


async def test_asks_for_git_when_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="not installed") as caught:
        await make_host(tmp_path, tmp_path / "state").repository()
    assert "apt install git" in caught.value.remedy


async def test_asks_for_a_newer_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.34.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"2\.34\.1 is too old: 2\.38"):
        await make_host(tmp_path, tmp_path / "state").repository()


async def test_says_so_when_it_may_not_write(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo.git", SOURCE, bare=True)
    # A file where a folder must come stops even root, whom no permission stops.
    (place / "refs" / "ironclaw").write_text("")
    with pytest.raises(UserError, match="could not write") as caught:
        await open_pull(make_host(place, tmp_path / "state"))
    assert caught.value.remedy
    assert BRANCH not in git(place, "branch", "--list")


async def test_says_which_lock_is_in_the_way(tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo.git", SOURCE, bare=True)
    host = make_host(place, tmp_path / "state")
    pull = await open_pull(host)
    (place / "refs" / "heads" / "main.lock").write_text("")
    with pytest.raises(UserError, match="refs/heads/main") as caught:
        await host.merge(pull.number, pull.head_sha)
    assert "main.lock" in caught.value.remedy
    (place / "refs" / "heads" / "main.lock").unlink()
    assert isinstance(await host.merge(pull.number, pull.head_sha), Merged)


@pytest.mark.parametrize("name", ["ironclaw", "ironclaw/rule", f"{BRANCH}/more"])
async def test_says_which_branch_is_in_the_way(name: str, tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo.git", SOURCE, bare=True)
    git(place, "branch", "-q", name)
    with pytest.raises(UserError, match=f"there is a branch {name}"):
        await open_pull(make_host(place, tmp_path / "state"))


@pytest.mark.parametrize("data", ["", "{}", "[]", "not json", '{"version": 9}'])
async def test_refuses_a_record_that_it_did_not_write(data: str, tmp_path: Path) -> None:
    place = make_repository(tmp_path / "repo.git", SOURCE, bare=True)
    blob = git(place, "hash-object", "-w", "--stdin", stdin=data)
    git(place, "update-ref", "refs/ironclaw/pulls/1", blob)
    with pytest.raises(UserError, match="not a record") as caught:
        await make_host(place, tmp_path / "state").pull_requests()
    assert "git update-ref -d refs/ironclaw/pulls/1" in caught.value.remedy


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_works_for_root_on_the_repository_of_another(tmp_path: Path) -> None:
    place = at_work(tmp_path / "repo")
    for path in (place, *place.rglob("*")):
        os.lchown(path, 65534, 65534)
    await tour(touring_host(place, tmp_path / "state"), place / ".git")
