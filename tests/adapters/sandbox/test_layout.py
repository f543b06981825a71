from pathlib import Path

import pytest

from bot.adapters.sandbox.layout import objection, write_tree
from bot.domain.tree import FileKind, Tree, TreeFile


def _tree(*files: tuple[str, FileKind, bytes]) -> Tree:
    return Tree("0" * 40, {path: TreeFile(path, kind, data) for path, kind, data in files})


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        ".git/config",
        "sub/.GIT/hooks/x",
        "a/.git./x",
        "a/.g\u200cit/x",
        "GIT~1/x",
        "nul\0byte",
        "lone\ud800",
        "x" * 256,
        "/".join(["long"] * 1000),
    ],
)
def test_refuses_hostile_names(path: str) -> None:
    assert objection(path)


@pytest.mark.parametrize("path", ["a", "a/b.py", ".gitignore", ".github/x", "é/ü", "a b/c", "..a"])
def test_takes_ordinary_names(path: str) -> None:
    assert objection(path) == ""


def test_writes_each_kind(tmp_path: Path) -> None:
    left_out = write_tree(
        _tree(
            ("a/run", FileKind.EXECUTABLE, b"#!"),
            ("a/text", FileKind.REGULAR, b"x\r\n\xff"),
            ("link", FileKind.SYMLINK, b"a/text"),
            ("module", FileKind.SUBMODULE, b""),
        ),
        tmp_path,
    )
    assert left_out == {}
    assert (tmp_path / "a/run").stat().st_mode & 0o111
    assert (tmp_path / "link").read_bytes() == b"x\r\n\xff"
    assert list((tmp_path / "module").iterdir()) == []


def test_leaves_out_what_leads_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    left_out = write_tree(
        _tree(
            ("absolute", FileKind.SYMLINK, b"/etc/passwd"),
            ("up", FileKind.SYMLINK, b"../x"),
            ("here", FileKind.SYMLINK, b"."),
            ("chain", FileKind.SYMLINK, b"deep/../.."),
            ("d/e/deep", FileKind.SYMLINK, b"../../../root/../x"),
            ("far", FileKind.SYMLINK, b"d/hop/../../y"),
            ("d/hop", FileKind.SYMLINK, b".."),
            ("here/file", FileKind.REGULAR, b"x"),
        ),
        root,
    )
    assert {"absolute", "up", "chain", "d/e/deep"} <= left_out.keys()
    # `far` stays inside by its text and leaves by way of `hop`.
    assert "far" in left_out
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    for path in root.rglob("*"):
        assert path.resolve().is_relative_to(root)


def test_two_entries_of_one_name_do_not_meet(tmp_path: Path) -> None:
    left_out = write_tree(
        _tree(
            ("a", FileKind.REGULAR, b"file"),
            ("a/b", FileKind.REGULAR, b"below a file"),
            ("c/d", FileKind.REGULAR, b"x"),
            ("c", FileKind.SYMLINK, b"a"),
        ),
        tmp_path,
    )
    assert left_out.keys() == {"a/b", "c"}
