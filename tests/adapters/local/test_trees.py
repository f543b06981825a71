"""Files of any name and trees of any form are read, kept and laid out as they are, or left out."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.adapters.local.trees import lay_out, read_tree
from bot.adapters.local.workshop import Workshop
from bot.domain.patch import FileChange, Patch
from bot.domain.pulls import Merged, PullDraft
from bot.domain.tree import FileKind, Tree, TreeFile
from bot.ports import UserError
from tests.adapters.codehost_contract import BRANCH
from tests.adapters.local.repos import git, make_host, make_repository
from tests.adapters.local.watching import NEW, OLD, SOURCE, open_pull

ODD = [
    b"new\nline.py",
    b'quo"te.py',
    b"back\\slash.py",
    b"-rf",
    b"-",
    b" leading",
    b"trailing ",
    b"caf\xc3\xa9.py",
    b"cafe\xcc\x81.py",
    b"\xff\xfe.py",
    b"tab\there",
    b"*?[a]",
    b":(top)x",
    b"#comment",
    b"con",
    b"n" * 250,
    "\N{RIGHT-TO-LEFT OVERRIDE}yp.x".encode(),
]
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def raw_tree(place: Path, entries: Sequence[tuple[bytes, bytes, str]]) -> str:
    """A tree object exactly as given, which git itself would never make."""
    data = b"".join(b"%s %s\0%s" % (mode, name, bytes.fromhex(sha)) for mode, name, sha in entries)
    kind = ("-t", "tree", "--literally", "-w", "--stdin")
    return git(place, "hash-object", *kind, stdin=data)


def main_at(place: Path, tree: str) -> str:
    """A commit of that tree on main."""
    commit = git(place, "commit-tree", tree, "-m", "hostile")
    git(place, "update-ref", "refs/heads/main", commit)
    return commit


def blob(place: Path, text: str) -> str:
    return git(place, "hash-object", "-w", "--stdin", stdin=text)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo.git", SOURCE, bare=True)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def test_keeps_files_of_any_name(place: Path, state: Path) -> None:
    app, other = blob(place, OLD), blob(place, "odd\n")
    entries = sorted([(b"100644", name, other) for name in ODD] + [(b"100644", b"app.py", app)])
    main_at(place, raw_tree(place, sorted(entries, key=lambda entry: entry[1])))
    host = make_host(place, state)
    pull = await open_pull(host)
    tree = await host.tree(pull.head_sha)
    assert {path.encode("utf-8", "surrogateescape") for path in tree.files} == {*ODD, b"app.py"}
    assert tree.text("app.py") == NEW
    said = git(place, "diff-tree", "-r", "--name-only", pull.head_sha + "~1", pull.head_sha)
    assert said == "app.py"


async def test_changes_files_of_any_name(place: Path, state: Path) -> None:
    names = [name.decode() for name in ODD if b"\xff" not in name]
    texts = dict.fromkeys(names, "old\r\n")
    oid = blob(place, "old\r\n")
    entries = [(b"100644", name.encode(), oid) for name in sorted(names, key=str.encode)]
    base = main_at(place, raw_tree(place, entries))
    patch = Patch(tuple(FileChange(name, texts[name], "new\r\n") for name in names))
    host = make_host(place, state)
    draft = PullDraft(BRANCH, "main", base, "t", "b", "m", patch)
    pull = await host.open_pull_request(draft)
    tree = await host.tree(pull.head_sha)
    assert {file.path: file.data for file in tree} == dict.fromkeys(names, b"new\r\n")
    assert isinstance(await host.merge(pull.number, pull.head_sha), Merged)


async def test_leaves_out_what_leads_outside(place: Path, state: Path, tmp_path: Path) -> None:
    app, evil = blob(place, OLD), blob(place, "evil\n")
    inner = raw_tree(place, [(b"100644", b"x", evil)])
    hooks = raw_tree(place, [(b"40000", b"hooks", raw_tree(place, [(b"100755", b"p", evil)]))])
    names = [b"..", b".", b".GIT", b".git", b".git ", b".g\xe2\x80\x8cit", b"GIT~1"]
    entries = [(b"40000", name, hooks if b"g" in name.lower() else inner) for name in names]
    entries += [(b"100644", b"app.py", app)]
    entries += [(b"120000", b"link", blob(place, str(tmp_path))), (b"40000", b"link", inner)]
    entries += [(b"100644", b"twice", app), (b"100755", b"twice", evil), (b"40000", b"d", inner)]
    entries += [(b"100644", b"d", evil), (b"160000", b"module", "1" * 40)]
    main_at(place, raw_tree(place, entries))
    host = make_host(place, state)
    pull = await open_pull(host)
    tree = await host.tree(pull.head_sha)
    assert set(tree.files) == {"app.py", "link", "twice", "d", "module"}
    assert tree.text("app.py") == NEW
    assert tree.files["module"] == TreeFile("module", FileKind.SUBMODULE, b"")
    laid = tmp_path / "laid" / "out"
    laid.mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    lay_out(tree, laid)
    new = set(tmp_path.rglob("*")) - before
    assert {path.relative_to(laid).as_posix() for path in new} == set(tree.files)


async def test_reads_but_never_repeats_a_name_with_slashes(place: Path, state: Path) -> None:
    entries = [(b"100644", b"a/../../b", blob(place, "evil\n"))]
    head = main_at(place, raw_tree(place, [*entries, (b"100644", b"app.py", blob(place, OLD))]))
    host = make_host(place, state)
    assert set((await host.tree(head)).files) == {"app.py"}
    with pytest.raises(UserError, match="contains slash"):
        await open_pull(host)


async def test_keeps_the_kinds_of_files(place: Path, state: Path, tmp_path: Path) -> None:
    app, target = blob(place, OLD), blob(place, "/etc/passwd")
    entries = [(b"100755", b"app.py", app), (b"120000", b"link", target)]
    entries += [(b"100664", b"old-style", app)]
    main_at(place, raw_tree(place, entries))
    host = make_host(place, state)
    tree = await host.tree((await open_pull(host)).head_sha)
    kinds = {file.path: file.kind for file in tree}
    assert kinds == {
        "app.py": FileKind.EXECUTABLE,
        "link": FileKind.SYMLINK,
        "old-style": FileKind.REGULAR,
    }
    lay_out(tree, tmp_path / "state")
    assert (tmp_path / "state" / "link").readlink() == Path("/etc/passwd")
    assert (tmp_path / "state" / "app.py").stat().st_mode & 0o111


@pytest.mark.parametrize("path", ["link", "folder", "app.py/x", "../x", ".git/x", "", "a//b"])
async def test_changes_nothing_but_files(path: str, place: Path, state: Path) -> None:
    inner = raw_tree(place, [(b"100644", b"x", blob(place, "x"))])
    entries = [(b"100644", b"app.py", blob(place, OLD)), (b"40000", b"folder", inner)]
    base = main_at(place, raw_tree(place, [*entries, (b"120000", b"link", blob(place, ""))]))
    draft = PullDraft(BRANCH, "main", base, "t", "b", "m", Patch((FileChange(path, "", "new"),)))
    with pytest.raises(UserError):
        await make_host(place, state).open_pull_request(draft)
    assert git(place, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


async def test_changes_only_the_text_that_the_patch_was_made_for(place: Path, state: Path) -> None:
    host = make_host(place, state)
    base = (await host.repository()).head_sha
    patch = Patch((FileChange("app.py", "other\n", "new\n"),))
    with pytest.raises(UserError, match=r"app\.py"):
        await host.open_pull_request(PullDraft(BRANCH, "main", base, "t", "b", "m", patch))


async def test_adds_a_file_in_a_new_folder(place: Path, state: Path) -> None:
    host = make_host(place, state)
    base = (await host.repository()).head_sha
    patch = Patch((FileChange("new/deep/file.py", "", "x\n"),))
    pull = await host.open_pull_request(PullDraft(BRANCH, "main", base, "t", "b", "m", patch))
    assert (await host.tree(pull.head_sha)).text("new/deep/file.py") == "x\n"


async def test_refuses_a_tree_that_unfolds_without_end(place: Path, state: Path) -> None:
    tree = raw_tree(place, [(b"100644", b"x", blob(place, "x"))])
    for _ in range(12):
        names = [b"%d" % number for number in range(10)]
        tree = raw_tree(place, [(b"40000", name, tree) for name in names])
    commit = main_at(place, tree)
    with pytest.raises(UserError, match="too large"):
        await make_host(place, state).tree(commit)


def test_refuses_more_bytes_than_it_may_hold(place: Path, state: Path) -> None:
    workshop = Workshop.open(place, state)
    head = git(place, "rev-parse", "main")
    assert read_tree(workshop, head, max_bytes=len(OLD) + 6).text("app.py") == OLD
    with pytest.raises(UserError, match="too large"):
        read_tree(workshop, head, max_bytes=len(OLD) + 5)


async def test_reads_and_merges_beside_many_files(tmp_path: Path, state: Path) -> None:
    files = {f"pkg{n % 100}/mod{n}.py": f"x = {n}\n" for n in range(20_000)}
    place = make_repository(tmp_path / "large.git", {**files, **SOURCE}, bare=True)
    host = make_host(place, state)
    tree = await host.tree((await host.repository()).head_sha)
    pull = await open_pull(host)
    assert isinstance(await host.merge(pull.number, pull.head_sha), Merged)
    assert len(tree.files) == len(files) + len(SOURCE)


@pytest.mark.parametrize("sha", ["", "main", "HEAD", "--all", "0" * 40, "g" * 40, "a" * 7])
async def test_takes_full_names_of_commits_only(sha: str, place: Path, state: Path) -> None:
    with pytest.raises(UserError):
        await make_host(place, state).tree(sha)


async def test_a_tree_is_no_commit(place: Path, state: Path) -> None:
    with pytest.raises(UserError):
        await make_host(place, state).tree(git(place, "rev-parse", "main^{tree}"))


def test_lays_out_every_byte(tmp_path: Path) -> None:
    files = [TreeFile(f"a/{n}", FileKind.REGULAR, bytes([n, 13, 10])) for n in range(256)]
    lay_out(Tree.of("0" * 40, files), tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == {
        str(n): bytes([n, 13, 10]) for n in range(256)
    }
