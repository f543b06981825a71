"""A machine of GitHub Actions that has our action, and events as GitHub tells of them."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.runner import Done, Runner

ROOT = Path(__file__).parent.parent.parent.parent
OURS = "ironclaw/ironclaw@v1"
_WORKFLOW = """on: push
jobs:
  perf:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: ironclaw
        uses: ironclaw/ironclaw@v1
        with: {inputs}
"""
_PLACE = """
import pathlib, runpy, sys
setup = runpy.run_path(sys.argv[1])
print(*setup["place"](pathlib.Path(sys.argv[2]), packages=True), setup["DONE"], sep="\\n")
"""
TOKEN = "ghs_token_of_the_job_that_nobody_sees"


def pull_request(
    number: int = 7, *, fork: bool = False, base: str = "", branch: str = "topic"
) -> dict[str, Any]:
    """The part of the event that the action looks at."""
    repo = {"id": 1, "full_name": "octo/shop"}
    head = {"id": 2, "full_name": "eve/shop"} if fork else repo
    return {
        "pull_request": {
            "number": number,
            "head": {"ref": branch, "sha": "", "repo": head},
            "base": {"ref": "main", "sha": base, "repo": repo},
        }
    }


def run_action(
    tmp_path: Path,
    inputs: Mapping[str, str],
    *,
    event: str = "push",
    payload: Mapping[str, Any] | None = None,
    workspace: Path | None = None,
    path: str = "",
    packages: bool = False,
    job: Mapping[str, Any] | None = None,
    identity: tuple[str, str] | None = None,
    **github: str,
) -> Done:
    """Run our action once in a job of its own; `job` is what the workflow says of it besides."""
    root = tmp_path / "runner"
    folder = workspace or tmp_path
    root.mkdir(exist_ok=True)
    file = root / "event.json"
    file.write_text(json.dumps(payload or {}), encoding="utf-8")
    given = {
        "event_name": event,
        "event_path": str(file),
        "repository": "octo/shop",
        "run_id": "12",
        "sha": "a" * 40,
        "server_url": "https://github.example",
        "token": TOKEN,
        **github,
    }
    actions = {"actions/checkout@v7": None, OURS: ROOT}
    runner = Runner(
        root, folder, given, actions, path=path or os.environ["PATH"], identity=identity
    )
    if packages:
        have_packages(root)
    document = yaml.safe_load(_WORKFLOW.replace("{inputs}", json.dumps(dict(inputs))))
    document["jobs"]["perf"] |= job or {}
    return runner.run(yaml.safe_dump({"on": document.pop(True), **document}, sort_keys=False))


def have_packages(machine: Path) -> None:
    """What the first step of our action would do with a network: put the packages there."""
    setup = str(ROOT / "scripts/action_setup.py")
    command = ["python3", "-I", "-c", _PLACE, setup, str(machine / "temp")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    folder, python, done = told.splitlines()
    if Path(python).exists():
        return
    Path(python).parent.mkdir(parents=True)
    Path(python).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    Path(python).chmod(0o755)
    (Path(folder) / done).touch()


def report_of(done: Done) -> dict[str, Any]:
    """The report file."""
    path = Path(done.outputs("ironclaw")["report-path"])
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
