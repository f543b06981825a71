import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain.patch import (
    FileChange,
    Kept,
    Limits,
    Patch,
    Refused,
    changed_ranges,
    check_limits,
    is_illustration,
    is_path_allowed,
    is_test_path,
)

LIMITS = Limits()


def patch(path: str = "app/a.py", before: str = "old\n", after: str = "new\n") -> Patch:
    return Patch((FileChange(path, before, after),))


def refusal(path: str, allowed: tuple[str, ...] = (), denied: tuple[str, ...] = ()) -> str:
    found = check_limits(patch(path), LIMITS, allowed, denied)
    assert is_path_allowed(path, allowed, denied) == isinstance(found, Kept)
    return "" if isinstance(found, Kept) else found.rule


@pytest.mark.parametrize(
    "path",
    [
        "a.py",
        "app/a.py",
        "src/my pkg/a.py",
        "größe/é.py",
        "app/latest.py",
        "app/contest/a.py",
        "app/attestation.py",
        "app/specification/a.py",
        "app/tasks.py",
    ],
)
def test_plain_python_files_may_be_changed(path: str) -> None:
    assert refusal(path) == ""


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("examples/a.py", True),
        ("Docs/conf.py", True),
        ("app/examples/a.py", False),
        ("a.py", False),
    ],
)
def test_what_only_shows_how_a_project_is_used_lies_at_the_top(path: str, shows: bool) -> None:
    assert is_illustration(path) is shows
    assert refusal(path) == ""


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("", "unsafe-path"),
        ("/etc/a.py", "unsafe-path"),
        ("../a.py", "unsafe-path"),
        ("app/../a.py", "unsafe-path"),
        ("app//a.py", "unsafe-path"),
        ("app/", "unsafe-path"),
        ("app\\a.py", "unsafe-path"),
        ("C:/a.py", "unsafe-path"),
        ("a.py:stream.py", "unsafe-path"),
        ('"a.py', "unsafe-path"),
        ("a\0.py", "unsafe-path"),
        ("a\n+++ b/tests/x.py", "unsafe-path"),
        ("a\t.py", "unsafe-path"),
        ("\u200c.git/a.py", "unsafe-path"),
        ("app/\u202eyp.a.py", "unsafe-path"),
        ("app/\ud800.py", "unsafe-path"),
        (".github/a.py", "dot-folder"),
        (".GitHub/a.py", "dot-folder"),
        ("\u2024github/a.py", "dot-folder"),
        ("./a.py", "dot-folder"),
        ("app/.hidden.py", "dot-folder"),
        (".git/a.py", "dot-folder"),
        ("tests/a.py", "edits-tests"),
        ("TESTS/a.py", "edits-tests"),
        ("te\u017fts/a.py", "edits-tests"),
        ("\uff54\uff45\uff53\uff54\uff53/a.py", "edits-tests"),
        ("app/tests_api/a.py", "edits-tests"),
        ("app/integration-tests/a.py", "edits-tests"),
        ("app/test_a.py", "edits-tests"),
        ("app/Test_A.py", "edits-tests"),
        ("app/testshop.py", "edits-tests"),
        ("app/a_test.py", "edits-tests"),
        ("app/a_tests.py", "edits-tests"),
        ("app/tests.py", "edits-tests"),
        ("conftest.py", "edits-tests"),
        ("app/conftest.py", "edits-tests"),
        ("setup.py", "edits-build"),
        ("SETUP.py", "edits-build"),
        ("packages/one/setup.py", "edits-build"),
        ("noxfile.py", "edits-build"),
        ("tasks.py", "edits-build"),
        ("poetry.lock", "edits-build"),
        ("sub/uv.lock", "edits-build"),
        ("pyproject.toml", "edits-build"),
        ("setup.cfg", "edits-build"),
        ("tox.ini", "edits-build"),
        ("requirements-dev.txt", "edits-build"),
        ("web/package-lock.json", "not-python"),
        ("package-lock.json", "edits-build"),
        ("Makefile", "edits-build"),
        ("Dockerfile.dev", "edits-build"),
        ("docs/CODEOWNERS", "edits-build"),
        ("README.md", "not-python"),
        ("app/a.pyc", "not-python"),
        ("app/a.py ", "not-python"),
        ("app/a.PY", "not-python"),
    ],
)
def test_what_may_never_be_changed(path: str, rule: str) -> None:
    assert refusal(path) == rule
    if rule != "not-python":
        assert refusal(path, allowed=("*", path)) == rule


def test_the_policy_narrows_and_never_widens() -> None:
    assert refusal("app/a.py", allowed=("lib/*",)) == "path-not-allowed"
    assert refusal("app/a.py", allowed=("lib/*", "app/*.py")) == ""
    assert refusal("app/a.py", denied=("app/*",)) == "denied-path"
    assert refusal("app/a.py", denied=("APP/*",)) == "denied-path"
    assert refusal("app/a.py", allowed=("app/*",), denied=("*/a.py",)) == "denied-path"
    assert refusal("tests/a.py", allowed=("tests/*",)) == "edits-tests"


def rule_of(candidate: Patch, limits: Limits = LIMITS) -> str:
    found = check_limits(candidate, limits, ())
    return found.rule if isinstance(found, Refused) else ""


def test_sizes_are_kept_to_the_line_and_the_byte() -> None:
    assert rule_of(Patch(())) == "empty-patch"
    assert rule_of(patch(after="old\n")) == "empty-patch"
    two = Patch((FileChange("a.py", "x\n", "y\n"), FileChange("b.py", "x\n", "y\n")))
    assert rule_of(two) == "too-many-files"
    assert rule_of(two, Limits(files=2)) == ""
    assert rule_of(Patch(patch().changes * 2), Limits(files=2)) == "same-file-twice"
    long = patch(before="", after="x\n" * 120)
    assert rule_of(long) == ""
    assert rule_of(patch(before="", after="x\n" * 121)) == "too-many-lines"
    size = len(long.diff().encode())
    assert rule_of(long, Limits(bytes=size)) == ""
    assert rule_of(long, Limits(bytes=size - 1)) == "too-large"


@pytest.mark.parametrize("strange", [chr(0), chr(0xD800), chr(0xDFFF)])
def test_what_no_text_file_holds_is_refused(strange: str) -> None:
    assert rule_of(patch(after=f"x = '{strange}'\n")) == "not-text"
    assert rule_of(patch(before=f"x = '{strange}'\n")) == ""


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\n", "b\n", 2),
        ("", "a\nb", 2),
        ("-- a comment of SQL\n", "", 1),
        ("", "++ counted too\n", 1),
        ("a\x0c+b\n", "a\x0c-b\u2028-c\n", 2),
        ("a", "a\n", 2),
    ],
)
def test_every_changed_line_counts_whatever_it_begins_with(
    before: str, after: str, lines: int
) -> None:
    assert patch(before=before, after=after).changed_lines() == lines


LINE = st.text(st.sampled_from("ab +-@\\\t\r\x0c\x0b\x1c\x85\u2028\u2029é"), max_size=6)
TEXT = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(LINE, max_size=12),
    st.sampled_from(["", "\n", "\r\n", "\n\n"]),
)
PATHS = st.sampled_from(["a.py", "a b/c d.py", "ü/é.py", "it's.py", "x 2026-01-01.py"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


@given(PATHS, TEXT, TEXT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("a.py", "", "new file\n")
@example("a.py", "old\n", "")
@example("a.py", "no end", "no end either")
@example("a.py", "-- sql\n", "++ sql\n")
@example("a.py", "a\r\nb\r\n", "a\r\nc\r\n")
@example("a.py", "a\x0c\nb\u2028c\n", "a\x0c\nb\u2028d")
def test_git_applies_the_diff_and_gets_exactly_the_text_after(
    checkout: Path, path: str, before: str, after: str
) -> None:
    file = checkout / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(before.encode())
    diff = patch(path, before, after).diff()
    assert (diff == "") == (before == after)
    if diff:
        command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
        subprocess.run(command, input=diff.encode(), cwd=checkout, check=True)
    assert (file.read_bytes() if file.exists() else b"") == after.encode()


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), st.data())
def test_changed_ranges_hold_every_change_and_nothing_far_from_one(
    lines: list[str], data: st.DataObject
) -> None:
    after = data.draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
    change = FileChange("a.py", "\n".join(lines) + "\n", "\n".join(after) + "\n")
    old, new = changed_ranges(change)
    assert len(old) == len(new)
    assert bool(old) == (lines != after)
    for ranges, length in ((old, len(lines)), (new, len(after))):
        assert all(1 <= first <= last <= length for first, last in ranges)
    kept = [n for n in range(1, len(lines) + 1) if not any(a <= n <= b for a, b in old)]
    assert [lines[n - 1] for n in kept] == subsequence(kept, lines, after)


def subsequence(kept: list[int], lines: list[str], after: list[str]) -> list[str]:
    """Those of the kept old lines that the new text holds in this order."""
    rest = iter(after)
    return [line for line in (lines[n - 1] for n in kept) if line in rest]


@pytest.mark.parametrize(
    ("before", "after", "ranges"),
    [
        ("a\nb\nc\n", "a\nX\nc\n", (((2, 2),), ((2, 2),))),
        ("a\nb\n", "a\nX\nY\nb\n", (((1, 1),), ((2, 3),))),
        ("a\nb\nc\n", "a\nc\n", (((2, 2),), ((1, 1),))),
        ("a\n", "X\na\n", (((1, 1),), ((1, 1),))),
        ("", "a\n", (((1, 1),), ((1, 1),))),
        ("a\x0cb\nc\n", "a\x0cb\nd\n", (((2, 2),), ((2, 2),))),
    ],
)
def test_changed_ranges_by_example(before: str, after: str, ranges: tuple[object, object]) -> None:
    assert changed_ranges(FileChange("a.py", before, after)) == ranges


def test_tests_are_known_by_folder_or_name_alone() -> None:
    assert is_test_path("Specs/a.py")
    assert is_test_path("a/b/testing/c.py")
    assert not is_test_path("a/protest/c.py")
