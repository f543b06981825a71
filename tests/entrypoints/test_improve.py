"""`ironclaw improve` as a person runs it: a process, a repository, what is printed and left."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.projects import FAILING, SLOW, TESTS, git, make, shop


def run(folder: Path, *arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.entrypoints.cli", "improve", *arguments]
    surroundings = os.environ | {"IRONCLAW_DATA_DIR": str(data), "COLUMNS": "200"}
    return subprocess.run(
        command,
        cwd=folder,
        env=surroundings,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def improve_json(project: Path, data: Path, *more: str, code: int = 0) -> dict[str, Any]:
    arguments = (".", "--json", "--python", sys.executable, "--rules", "seen-as-list", *more)
    done = run(project, *arguments, data=data)
    assert done.returncode == code, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_paths_that_match_nothing_are_said_to(tmp_path: Path) -> None:
    project = shop(tmp_path / "project")
    done = run(project, ".", "--paths", "shpo/*", data=tmp_path / "data")
    assert done.returncode == 0
    assert "Not looked at: no Python file matches shpo/*." in done.stdout


def test_what_is_no_python_is_wrong_usage(tmp_path: Path) -> None:
    project = shop(tmp_path / "project")
    done = run(project, ".", "--python", str(tmp_path / "nowhere"), data=tmp_path / "data")
    assert done.returncode == 2
    assert "there is no Python at" in done.stderr


def test_a_quadratic_function_becomes_one_branch_that_is_faster(tmp_path: Path) -> None:
    project = shop(tmp_path / "project", TESTS + FAILING)
    before = git(project, "status", "--porcelain=v2", "--branch", "--ignored")
    refs = git(project, "for-each-ref")

    # A dry run leaves no branch, and a person may run it again.
    (one,) = improve_json(project, tmp_path / "data", "--dry-run")["improvements"]
    assert one["state"] == "held"
    assert "dry run" in one["reason"]
    assert one["sandbox"]["benchmark"]["verdict"] == "faster"
    assert git(project, "for-each-ref") == refs

    document = improve_json(project, tmp_path / "data")
    (one,) = document["improvements"]
    assert document["schema"] == 1
    assert document["base"] == git(project, "rev-parse", "main").strip()
    assert one["state"] == "open", one
    assert one["branch"] == f"ironclaw/seen-as-list/{one['finding']}"
    assert one["commit"] == git(project, "rev-parse", one["branch"]).strip()
    # What failed before is not blamed on the candidate.
    assert one["sandbox"]["tests"]["verdict"] == "passed"
    assert one["sandbox"]["tests"]["passed"] == 2
    assert one["sandbox"]["tests"]["failed"] == 1
    assert one["sandbox"]["tests"]["newly_failed"] == []
    assert one["sandbox"]["equivalence"]["verdict"] == "equivalent"
    assert one["sandbox"]["benchmark"]["verdict"] == "faster"
    assert one["sandbox"]["benchmark"]["low"] > 1
    assert git(project, "rev-list", "--count", f"main..{one['branch']}").strip() == "1"
    assert git(project, "diff", "main", one["branch"]).count("diff --git") == 1
    assert git(project, "status", "--porcelain=v2", "--branch", "--ignored") == before

    again = improve_json(project, tmp_path / "data")
    assert [found["commit"] for found in again["improvements"]] == [one["commit"]]

    # The commands that are offered work in the folder in which it was called.
    arguments = ("project", "--python", sys.executable, "--rules", "seen-as-list")
    done = run(tmp_path, *arguments, data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert "1 finding, 1 opened, 0 rejected, 0 held." in done.stdout
    assert "git -C project merge ironclaw/seen-as-list/" in done.stdout
    assert "\x1b[" not in done.stdout


def test_without_tests_nothing_is_opened(tmp_path: Path) -> None:
    project = shop(tmp_path / "project", tests="")

    document = improve_json(project, tmp_path / "data")

    assert [one["state"] for one in document["improvements"]] != ["open"]
    assert git(project, "branch", "--list", "ironclaw/*") == ""


def test_a_base_that_passes_none_of_its_tests_ends_with_3(tmp_path: Path) -> None:
    project = shop(tmp_path / "project", "def test_wrong() -> None:\n    assert False\n")

    document = improve_json(project, tmp_path / "data", code=3)

    assert document["improvements"] == []
    assert "none of the 1 tests" in document["base_problem"]


def test_nothing_found_is_a_success(tmp_path: Path) -> None:
    project = make(tmp_path / "project", {"a.py": "X = 1\n"})

    done = run(project, ".", data=tmp_path / "data")

    assert done.returncode == 0, done.stderr
    assert "Nothing found" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "does not exist"),
        ((".", "--rules", "no-such-rule"), "ironclaw rules"),
        ((".", "--max", "0"), "--max"),
        ((".", "--nonsense"), "--nonsense"),
    ],
)
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    project = make(tmp_path / "project", {"a.py": "X = 1\n"})

    done = run(project, *arguments, data=tmp_path / "data")

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_repository_is_explained(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()

    done = run(tmp_path / "plain", ".", data=tmp_path / "data")

    assert done.returncode == 1
    assert "not in a git repository" in done.stderr
    assert "to mend it" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_policy_is_shown_with_its_line(tmp_path: Path) -> None:
    policy = "version: 1\nscan:\n  max_opne: 3\n"
    files = {"shop/names.py": SLOW, ".github/ironclaw.yml": policy}
    project = make(tmp_path / "project", files)

    done = run(project, ".", data=tmp_path / "data")

    assert done.returncode == 1
    assert ".github/ironclaw.yml:3" in done.stderr
    assert "max_open" in done.stderr


def test_its_own_folder_is_kept_out_of_the_working_tree(tmp_path: Path) -> None:
    project = make(tmp_path / "project", {"a.py": "X = 1\n"})
    surroundings = {k: v for k, v in os.environ.items() if k != "IRONCLAW_DATA_DIR"}
    state = tmp_path / "state"

    done = subprocess.run(
        [sys.executable, "-m", "bot.entrypoints.cli", "improve", "."],
        cwd=project,
        env=surroundings | {"XDG_STATE_HOME": str(state)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in project.iterdir()) == [".git", "a.py"]
    assert (state / "ironclaw").is_dir()
