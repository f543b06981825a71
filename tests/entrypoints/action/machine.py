"""A machine of GitHub Actions that has our action, and events as GitHub tells of them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    **github: str,
) -> Done:
    """Run our action once in a job of its own."""
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
    return Runner(root, folder, given, actions, path=path or os.environ["PATH"]).run(
        _WORKFLOW.replace("{inputs}", json.dumps(dict(inputs)))
    )


def report_of(done: Done) -> dict[str, Any]:
    """The report file."""
    path = Path(done.outputs("ironclaw")["report-path"])
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
