"""What a tag must be to become a release, and what the release is made by."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import __version__

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "scripts/release_check.py"
CHECK: dict[str, Any] = runpy.run_path(str(SCRIPT))
CHANGES = """# Changelog

## [Unreleased]

- Later.

## [1.2.0] - 2026-11-01

- This.

## [1.1.0] - 2026-10-01

- That.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/__init__.py").write_text('"""Doc."""\n\n__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    return tmp_path


def test_a_tag_of_the_programs_version_has_the_changelogs_notes(project: Path) -> None:
    assert CHECK["version_of"]("v1.2.0", project) == "1.2.0"
    assert CHECK["notes_of"]("1.2.0", project) == "- This.\n"


@pytest.mark.parametrize("tag", ["1.2.0", "v1.2", "v1.2.1", "v1.2.0rc1", "", "v1.2.0\nv1.2.0"])
def test_any_other_tag_is_no_release(project: Path, tag: str) -> None:
    with pytest.raises(CHECK["NoReleaseError"]):
        CHECK["version_of"](tag, project)


@pytest.mark.parametrize("version", ["1.3.0", "Unreleased", "1.2"])
def test_a_version_that_nobody_describes_is_none(project: Path, version: str) -> None:
    with pytest.raises(CHECK["NoReleaseError"], match=r"CHANGELOG\.md has nothing"):
        CHECK["notes_of"](version, project)


def test_it_ends_with_a_sentence_for_the_workflow(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "v999.0.0"],
        env={**os.environ, "GITHUB_OUTPUT": str(tmp_path / "output")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"bot/__init__.py says {__version__}" in done.stdout
    assert not (tmp_path / "output").exists()


def test_the_changelog_names_the_version_or_what_is_not_released_yet() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{__version__}]" in text


def test_a_release_is_checked_before_anything_is_published() -> None:
    file = ROOT / ".github/workflows/release.yml"
    jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert jobs["release"]["needs"] == "check"
    for job in jobs.values():
        commands = [step.get("run", "") for step in job["steps"]]
        assert any("scripts/release_check.py" in command for command in commands)
