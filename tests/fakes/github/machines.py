"""The machine that one job gets: what it knows of the event, its token, and GitHub's actions."""

import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fakes.github import authentication
from tests.fakes.github.acts import branches, mergeability
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import basic, pulls, repositories
from tests.fakes.github.state import Artifact, Installation, Issue, Job, Person, Token, WorkflowRun
from tests.fakes.github.workflow_files import Workflow
from tests.fakes.runner.actions import Action, FailedActionError, Use
from tests.fakes.runner.job import Runner
from tests.fakes.runner.planning import Planned

_LEVELS = {"read-all": "read", "write-all": "write"}
_ALL = ("actions", "checks", "contents", "deployments", "issues", "pull-requests", "statuses")


@contextmanager
def machine(
    hub: Hub, job: Job, run: WorkflowRun, workflow: Workflow, one: Planned
) -> Iterator[Runner]:
    """A machine of its own, with a token that ends with the job."""
    with tempfile.TemporaryDirectory(prefix="fake-runner-") as name:
        root, workspace = Path(name, "runner"), Path(name, "work")
        workspace.mkdir()
        with hub.lock:
            token = _token(hub, job, workflow.document, one)
            github = _context(hub, job, run, workflow, token.text)
        actions = {**hub.actions_known, **_ours(hub, job, run)}
        secrets = {} if job.is_fork else dict(job.repo.secrets)
        made = Runner(root, workspace, github, actions, secrets, os.environ.get("PATH", ""))
        for prepare in hub.on_machine:
            prepare(root)
        yield made
        hub.tokens.pop(token.text)


def _token(hub: Hub, job: Job, document: Mapping[str, Any], one: Planned) -> Token:
    """What the job may do, by its own word or the workflow's; for a fork to read at most."""
    given = one.given.get("permissions", document.get("permissions", {"contents": "read"}))
    if isinstance(given, str):
        given = dict.fromkeys(_ALL, _LEVELS[given])
    levels = {
        name.replace("-", "_"): "read" if job.is_fork and level == "write" else str(level)
        for name, level in (given or {}).items()
    }
    permissions = {"metadata": "read", **levels}
    by = Installation(
        hub.next_id(), hub.actions, job.repo.owner, hub.now(), permissions, {job.repo.id}
    )
    return authentication.issue_token(hub, by, {})


def _context(
    hub: Hub, job: Job, run: WorkflowRun, workflow: Workflow, token: str
) -> dict[str, Any]:
    """The context `github`, which is in the environment as well."""
    repo, ref = job.repo, f"refs/heads/{job.branch}"
    ends = {"base_ref": "", "head_ref": ""}
    if job.pull:
        ref = f"refs/pull/{job.pull}/merge"
        pull = repo.issues[job.pull].pull
        assert pull
        ends = {"base_ref": pull.base_ref, "head_ref": pull.head_ref}
    return {
        "event_name": job.event,
        "event": {**job.payload, **_event(hub, job)},
        "sha": job.tested_sha,
        "ref": ref,
        "ref_name": ref.removeprefix("refs/heads/").removeprefix("refs/"),
        "repository": repo.full_name,
        "repository_id": str(repo.id),
        "repository_owner": repo.owner.login,
        "actor": job.by.login,
        "workflow": workflow.name,
        "run_id": str(run.id),
        "run_number": str(run.number),
        "run_attempt": "1",
        "server_url": hub.web,
        "api_url": hub.web,
        "token": token,
        **ends,
    }


def _event(hub: Hub, job: Job) -> dict[str, Any]:
    """The payload that the runner keeps in a file."""
    repo = job.repo
    shared = {
        "repository": repositories.full(hub.web, repo),
        "sender": basic.shown_person(hub.web, job.by),
    }
    if not job.pull:
        return {**shared, "ref": f"refs/heads/{job.branch}"}
    issue = repo.issues[job.pull]
    return {**shared, "number": job.pull, "pull_request": _shown(hub, job, issue)}


def _shown(hub: Hub, job: Job, issue: Issue) -> dict[str, Any]:
    assert issue.pull
    state = mergeability.state(job.repo, issue)
    known = mergeability.known(job.repo, issue.pull)
    return pulls.with_merge_state(hub.web, job.repo, issue, mergeable=known, state=state)


def merge_commit(hub: Hub, job: Job, who: Person) -> str | None:
    """What is checked out for a pull request: its head merged into its base, None on conflict."""
    issue = job.repo.issues[job.pull]
    pull, git = issue.pull, job.repo.git
    base = git.head(pull.base_ref) if pull else None
    tree = git.merged_tree(base, job.sha) if base else None
    if not base or not tree:
        return None
    text = f"Merge {job.sha} into {base}"
    made = git.write_commit(tree, (base, job.sha), branches.signature(hub, who), text)
    git.refs.write(f"refs/pull/{job.pull}/merge", made.sha)
    return made.sha


def _ours(hub: Hub, job: Job, run: WorkflowRun) -> dict[str, Action]:
    """GitHub's own actions, as much of them as workflows here need."""

    def upload(use: Use) -> dict[str, str]:
        return _uploaded(hub, run, use)

    def check_out(use: Use) -> dict[str, str]:
        return _checked_out(job, use)

    return {
        "actions/checkout@*": check_out,
        "actions/upload-artifact@*": upload,
        # They set the machine up.
        "actions/*": None,
    }


def _checked_out(job: Job, use: Use) -> dict[str, str]:
    folder = use.workspace / use.given("path", ".")
    folder.mkdir(parents=True, exist_ok=True)
    wanted, depth = use.given("ref", str(use.github["sha"])), use.given("fetch-depth", "1")
    source = job.repo.git.folder.as_uri()
    limit = [] if depth == "0" else [f"--depth={depth}"]
    specs = ["+refs/heads/*:refs/remotes/origin/*"] if depth == "0" else []
    _git(folder, "init", "--quiet", "--template=", f"--initial-branch={job.branch}")
    _git(folder, "fetch", "--quiet", "--no-tags", *limit, source, *specs, wanted)
    _git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", "FETCH_HEAD")
    return {"commit": _git(folder, "rev-parse", "HEAD").strip(), "ref": wanted}


def _git(folder: Path, *arguments: str) -> str:
    surroundings = {
        "PATH": os.environ.get("PATH", ""),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise FailedActionError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def _uploaded(hub: Hub, run: WorkflowRun, use: Use) -> dict[str, str]:
    """Keep files below the folder that they share, as a zip."""
    found = [path for line in use.given("path").splitlines() if line for path in _below(use, line)]
    if not found:
        if use.given("if-no-files-found", "warn") == "error":
            raise FailedActionError(
                f"No files were found with the provided path: {use.given('path')}"
            )
        return {}
    top = Path(os.path.commonpath([path.parent for path in found]))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in found:
            archive.write(path, path.relative_to(top).as_posix())
    with hub.lock:
        one = Artifact(hub.next_id(), use.given("name", "artifact"), made.getvalue(), hub.now())
        run.artifacts.append(one)
    return {"artifact-id": str(one.id)}


def _below(use: Use, line: str) -> list[Path]:
    start = use.workspace / line
    if start.is_file():
        return [start]
    pattern = line if "*" in line else f"{line}/**/*"
    return [path for path in sorted(use.workspace.glob(pattern)) if path.is_file()]
