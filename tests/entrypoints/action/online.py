"""A repository on the fake GitHub whose workflow uses our action, on a runner that has it ready."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.entrypoints.action.machine import ROOT, have_packages
from tests.fakes.github import FakeGitHub
from tests.fakes.runner import Done

NAME = "octo/shop"
PAGE = (ROOT / "docs/how-to/action.md").read_text(encoding="utf-8")
_ACTION = "ironclaw/ironclaw@v1"


@contextmanager
def on_github(folder: Path, files: Mapping[str, str]) -> Iterator[FakeGitHub]:
    """The fake with one repository; the packages that the action would install are there."""
    with FakeGitHub(folder) as fake:
        fake.know_action(_ACTION, ROOT)
        fake.hub.on_machine.append(have_packages)
        fake.create_repository(NAME, files, installed=False)
        fake.hub.jobs.clear()
        yield fake


def of_page(name: str) -> dict[str, str]:
    """A workflow that our page shows, word for word but for what a reader fills in."""
    shown = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    text = dict(shown)[f".github/workflows/{name}.yml"].replace("FULL_COMMIT_SHA", "v1")
    return {f".github/workflows/{name}.yml": text.replace("OWNER/ironclaw", "ironclaw/ironclaw")}


def workflow(
    on: str, inputs: Mapping[str, str], permissions: Mapping[str, str], before: str = "true"
) -> dict[str, str]:
    """The page's workflow on another event, in another mode, with a step before our own."""
    ((path, text),) = of_page("ironclaw").items()
    document = yaml.safe_load(text)
    (job,) = document["jobs"].values()
    job["permissions"] = dict(permissions)
    checkout, ours, keep = job["steps"]
    ours["with"] = dict(inputs)
    job["steps"] = [checkout, {"run": before}, ours, keep]
    del document[True]
    return {path: yaml.safe_dump({"on": on, **document}, sort_keys=False)}


def last(fake: FakeGitHub) -> tuple[Done, dict[str, str]]:
    """The last job, and the outputs of our action."""
    assert fake.run_workflows() == 1
    done = fake.jobs_done[-1]
    assert "Traceback" not in done.log.text
    return done, done.outputs("ironclaw") if "ironclaw" in done.steps else {}


def kept(fake: FakeGitHub) -> dict[str, Any]:
    """The report that the last run has kept."""
    (one,) = fake.repository(NAME).workflow_runs[-1].artifacts
    assert one.name == "ironclaw-report"
    found: dict[str, Any] = json.loads(one.read("ironclaw-report.json"))
    return found
