"""Which workflow files of a commit an event starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import yaml

from tests.fakes.github.state import Job, Pull, Repository
from tests.fakes.runner.actions import BrokenWorkflowError
from tests.fakes.runner.planning import Planned, planned

FOLDER = ".github/workflows/"


@dataclass(frozen=True)
class Workflow:
    """One file; `broken` says what is wrong with it."""

    path: str
    name: str
    document: Mapping[str, Any] = field(default_factory=dict)
    jobs: tuple[Planned, ...] = ()
    broken: str = ""


def started_by(job: Job) -> Iterator[Workflow]:
    """The workflows of a commit that its event starts."""
    repo = job.repo
    for path, entry in sorted(repo.git.files(job.sha).items()):
        if path.startswith(FOLDER) and path.endswith((".yml", ".yaml")):
            yield from _parsed(path, repo.git.objects.read(entry.sha)[1], job)


def _parsed(path: str, data: bytes, job: Job) -> Iterator[Workflow]:
    try:
        document = yaml.safe_load(data)
        # YAML takes the word `on` for a truth.
        events = _events(document.get("on", document.get(True)))
        if _starts(events, job):
            name = str(document.get("name") or path)
            yield Workflow(path, name, document, tuple(planned(document)))
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, BrokenWorkflowError) as error:
        yield Workflow(path, path, broken=f"{type(error).__name__}: {error}")


def _events(given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        return {given: None}
    if isinstance(given, list):
        return dict.fromkeys(given)
    return dict(given or {})


def _starts(events: dict[str, Any], job: Job) -> bool:
    if job.event not in events:
        return False
    filters = events[job.event]
    branches = filters.get("branches") if isinstance(filters, dict) else None
    return branches is None or any(fnmatchcase(_branch(job), one) for one in branches)


def _branch(job: Job) -> str:
    """The branch that filters go by: a pull request's base, else the branch itself."""
    for pull in pulls_of(job.repo, job.branch) if job.event == "pull_request" else []:
        return pull.base_ref
    return job.branch


def pulls_of(repo: Repository, branch: str) -> list[Pull]:
    """The open pull requests of a branch."""
    return [
        issue.pull
        for issue in repo.pulls()
        if issue.pull and issue.pull.head_ref == branch and issue.state == "open"
    ]
