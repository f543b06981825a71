import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patch import FileChange, Patch
from bot.domain.tree import FileKind, Tree, TreeFile


def tree(*files: TreeFile) -> Tree:
    return Tree.of("abc", files)


def regular(path: str, data: bytes = b"x\n", kind: FileKind = FileKind.REGULAR) -> TreeFile:
    return TreeFile(path, kind, data)


def patch(path: str, after: str) -> Patch:
    return Patch((FileChange(path, "x\n", after),))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_comes_back_exactly_as_it_was_put_in(text: str) -> None:
    assert tree(regular("a.py")).with_patch(patch("a.py", text)).text("a.py") == text


@pytest.mark.parametrize("kind", list(FileKind))
def test_only_files_have_a_text(kind: FileKind) -> None:
    found = tree(regular("a.py", kind=kind)).text("a.py")
    assert found == ("x\n" if kind in (FileKind.REGULAR, FileKind.EXECUTABLE) else None)


def test_what_is_missing_or_not_utf_8_has_no_text() -> None:
    assert tree().text("a.py") is None
    assert tree(regular("a.py", b"\xff")).text("a.py") is None


def test_a_patch_keeps_kinds_other_files_and_the_tree_it_is_put_on() -> None:
    base = tree(regular("bin/run.py", kind=FileKind.EXECUTABLE), regular("b.py"))
    after = base.with_patch(patch("bin/run.py", "y\n"))
    assert after.files["bin/run.py"] == regular("bin/run.py", b"y\n", FileKind.EXECUTABLE)
    assert after.files["b.py"] == base.files["b.py"]
    assert base.text("bin/run.py") == "x\n"
    assert [file.path for file in after] == ["bin/run.py", "b.py"]
    assert base.with_patch(patch("new/c.py", "z")).files["new/c.py"].kind is FileKind.REGULAR


@pytest.mark.parametrize("kind", [FileKind.SYMLINK, FileKind.SUBMODULE])
def test_a_patch_never_goes_through_a_link_or_a_submodule(kind: FileKind) -> None:
    base = tree(regular("a.py", kind=kind), regular("lib/pkg", kind=kind), regular("b"))
    for path in ("a.py", "lib/pkg/c.py", "lib/pkg/deep/c.py", "b/c.py"):
        with pytest.raises(ValueError, match="no plain file"):
            base.with_patch(patch(path, "../../outside"))
