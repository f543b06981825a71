"""Small git repositories that the command line is tried on."""

import os
import subprocess
from pathlib import Path

_PERSON = {
    f"GIT_{role}_{what}": f"tester@{role}.example"
    for role in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}

SLOW = '''\
"""Names of customers."""


def distinct(rows: list[str]) -> list[str]:
    """The distinct names in order."""
    seen = []
    found = []
    for row in rows:
        name = row.strip().lower()
        if name not in seen:
            seen.append(name)
            found.append(name.title())
    return found


def total(numbers: list[int]) -> int:
    """Their sum."""
    return sum(numbers)
'''

TESTS = """\
from shop.names import distinct, total


def test_distinct() -> None:
    assert distinct(["Ann ", "ann", "Bob"]) == ["Ann", "Bob"]
    assert len(distinct([f"name {i % 500}" for i in range(2000)])) == 500


def test_total() -> None:
    assert total([1, 2]) == 3
"""

FAILING = """\

def test_fails_already() -> None:
    assert total([1]) == 2
"""


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` as a tester, and return what it prints."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _PERSON
    surroundings |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=surroundings,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def make(folder: Path, files: dict[str, str]) -> Path:
    """A repository whose one commit on main holds `files`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    return folder


def shop(folder: Path, tests: str = TESTS) -> Path:
    """A package with one quadratic function, and its tests."""
    files = {"shop/__init__.py": "", "shop/names.py": SLOW}
    if tests:
        files["tests/test_names.py"] = tests
    return make(folder, files)
