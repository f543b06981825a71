"""Workflows, policies and JSON of the pages, each held against what reads it."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from bot.adapters.policy_file import parse_policy
from bot.domain.policy import Policy
from tests.fakes.runner.planning import planned
from tests.test_agreements import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_PERMISSIONS = {
    "actions", "attestations", "checks", "contents", "deployments", "id-token", "issues",
    "packages", "pages", "pull-requests", "security-events", "statuses",
}  # fmt: skip


def read_yaml(text: str) -> None:
    """It is a workflow, a part of one, or a policy file."""
    document = yaml.safe_load(text)
    match document:
        case {"jobs": _}:
            _workflow(document)
        case {"steps": _}:
            _workflow({"jobs": {"job": {"runs-on": "ubuntu-latest", **document}}})
        case list():
            _workflow({"jobs": {"job": {"runs-on": "ubuntu-latest", "steps": document}}})
        case _:
            found = parse_policy(text.encode())
            assert isinstance(found, Policy), found


def _workflow(document: Mapping[str, Any]) -> None:
    jobs = planned(document)
    assert jobs
    for permissions in _permissions(document):
        assert permissions.keys() <= _PERMISSIONS, permissions
        assert set(permissions.values()) <= {"read", "write", "none"}
    for job in jobs:
        _steps(job.given["steps"])


def _permissions(document: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for part in (document, *document["jobs"].values()):
        yield part.get("permissions", {})


def _steps(steps: Sequence[Mapping[str, Any]]) -> None:
    for step in steps:
        assert ("uses" in step) != ("run" in step), step
        if step.get("uses", "").startswith("OWNER/ironclaw@"):
            given = step.get("with", {})
            assert given.keys() <= ACTION["inputs"].keys(), given
        if "run" in step:
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
        for reference in _outputs(step):
            assert reference in ACTION["outputs"], reference


def _outputs(step: Mapping[str, Any]) -> list[str]:
    words = json.dumps(step).replace("}", " ").replace('"', " ").split()
    mark = "steps.ironclaw.outputs."
    return [word.removeprefix(mark) for word in words if word.startswith(mark)]


def same_keys(shown: Any, printed: Any) -> None:
    """A sample has the keys of what was really printed; `null` and lists stand for anything."""
    if isinstance(shown, dict) and isinstance(printed, dict):
        assert shown.keys() == printed.keys()
        for name, value in shown.items():
            same_keys(value, printed[name])
