"""Workflow files, as much of them as the runner understands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import yaml

from tests.fakes.github.state import Job, Pull, Repository

FOLDER = ".github/workflows/"


@dataclass(frozen=True)
class Step:
    """One `run:` step, or an action: GitHub's own do nothing here, others fail."""

    name: str
    run: str
    uses: str
    env: Mapping[str, str]
    folder: str
    may_fail: bool


@dataclass(frozen=True)
class WorkflowJob:
    """One job, which is one check run."""

    key: str
    name: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Workflow:
    """One file; `broken` says what is wrong with it."""

    path: str
    name: str
    jobs: tuple[WorkflowJob, ...]
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
            jobs = tuple(_job(key, one, document) for key, one in document["jobs"].items())
            yield Workflow(path, str(document.get("name") or path), jobs)
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        yield Workflow(path, path, (), f"{type(error).__name__}: {error}")


def _events(given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        return {given: None}
    if isinstance(given, list):
        return dict.fromkeys(given)
    return dict(given or {})


def _starts(events: dict[str, Any], job: Job) -> bool:
    if job.event not in events:
        return False
    branches = (events[job.event] or {}).get("branches")
    return branches is None or any(fnmatchcase(_branch(job), one) for one in branches)


def _branch(job: Job) -> str:
    """The branch that filters go by: a pull request's base, else the branch itself."""
    for issue in pulls_of(job.repo, job.branch) if job.event == "pull_request" else []:
        return issue.base_ref
    return job.branch


def pulls_of(repo: Repository, branch: str) -> list[Pull]:
    """The open pull requests of a branch."""
    return [
        issue.pull
        for issue in repo.pulls()
        if issue.pull and issue.pull.head_ref == branch and issue.state == "open"
    ]


def _job(key: str, given: dict[str, Any], document: dict[str, Any]) -> WorkflowJob:
    env = {**(document.get("env") or {}), **(given.get("env") or {})}
    needs = given.get("needs") or []
    steps = tuple(_step(one, env) for one in given.get("steps") or [])
    listed = (needs,) if isinstance(needs, str) else tuple(needs)
    return WorkflowJob(key, str(given.get("name") or key), listed, steps)


def _step(given: dict[str, Any], env: dict[str, Any]) -> Step:
    run, uses = str(given.get("run") or ""), str(given.get("uses") or "")
    merged = {**env, **(given.get("env") or {})}
    return Step(
        str(given.get("name") or run.partition("\n")[0] or uses),
        run,
        uses,
        {name: str(value) for name, value in merged.items()},
        str(given.get("working-directory") or "."),
        bool(given.get("continue-on-error")),
    )
