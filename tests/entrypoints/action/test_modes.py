"""Modes that need packages, run in this environment: a repository, a fake GitHub, what is left."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.domain.action import inputs
from tests.entrypoints.action.machine import TOKEN, pull_request
from tests.entrypoints.projects import SLOW, TESTS, git, shop

FAST = SLOW.replace("seen = []", "seen = set()").replace("seen.append(name)", "seen.add(name)")


def run(
    tmp_path: Path, folder: Path, given: dict[str, str], payload: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any], str]:
    """Exit code, report and everything that was printed."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps(payload or {}), encoding="utf-8")
    for name in ("output", "summary.md"):
        (tmp_path / name).write_text("", encoding="utf-8")
    named = {inputs.variable(name): value for name, value in given.items()}
    environment = {
        **os.environ,
        **named,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "octo/shop",
    }
    done = subprocess.run(
        [sys.executable, "-I", "-m", "bot.entrypoints.action"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # Each run has a folder of its own whose name is made up: the newest is this run's.
    found = list((tmp_path / "temp").rglob("ironclaw-report.json"))
    newest = max(found, key=lambda path: path.stat().st_mtime_ns) if found else None
    report = json.loads(newest.read_text(encoding="utf-8")) if newest else {}
    assert "Traceback" not in done.stdout
    return done.returncode, report, done.stdout


def commit(project: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (project / name).write_text(text, encoding="utf-8")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "change")
    return git(project, "rev-parse", "HEAD~1").strip()


GIVEN = {"mode": "sandbox", "python": sys.executable, "github-token": TOKEN}


def test_a_faster_function_that_answers_alike_passes(tmp_path: Path) -> None:
    project = shop(tmp_path / "project")
    base = commit(project, {"shop/names.py": FAST})
    payload = pull_request(base=base, branch="ironclaw/seen-as-list/x")
    code, report, log = run(tmp_path, project, GIVEN, payload)
    assert (code, report["verdict"]) == (0, "pass"), log
    (function,) = report["details"]["functions"]
    assert function["function"] == "distinct"
    assert function["answers"].startswith("alike on")
    assert function["speed"].startswith("faster")
    assert report["details"]["preserves"] is True
    assert report["improvements"] == 1
    assert TOKEN not in log.replace(f"::add-mask::{TOKEN}", "")


@pytest.mark.soak
def test_a_new_test_that_fails_is_blamed_and_one_that_is_gone_is_not(tmp_path: Path) -> None:
    project = shop(tmp_path / "project")
    gone = TESTS[: TESTS.index("\n\ndef test_total")].replace(", total", "")
    base = commit(project, {"tests/test_names.py": gone})
    code, report, log = run(tmp_path, project, {**GIVEN, "base": base})
    assert (code, report["verdict"]) == (0, "pass"), log
    base = commit(project, {"tests/test_names.py": TESTS + "\n\ndef test_new():\n    assert 0\n"})
    code, report, log = run(tmp_path, project, {**GIVEN, "base": base})
    assert (code, report["verdict"]) == (4, "fail"), log
    assert report["details"]["tests"]["newly_failed"] == ["tests/test_names.py::test_new"]


def test_a_base_that_is_not_there_says_how_to_fetch_it(tmp_path: Path) -> None:
    project = shop(tmp_path / "project")
    code, _, log = run(tmp_path, project, {**GIVEN, "base": "b" * 40})
    assert code == 1
    assert "fetch-depth: 2" in log
