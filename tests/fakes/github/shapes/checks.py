"""Check runs, check suites, statuses and workflow runs."""

import hashlib
import zlib
from datetime import timedelta

from tests.fakes.github.git import Commit
from tests.fakes.github.shapes import pulls
from tests.fakes.github.shapes.basic import Json, app, node_id, person, shown_person, when
from tests.fakes.github.shapes.repositories import address, simple
from tests.fakes.github.state import Artifact, CheckRun, CheckSuite, Repository, Status, WorkflowRun


def pulls_of(web: str, repo: Repository, sha: str) -> list[Json]:
    """Open pull requests whose head this is."""
    return [
        pulls.minimal(web, repo, issue)
        for issue in repo.pulls()
        if issue.pull and issue.pull.head_sha == sha and issue.state == "open"
    ]


def suite_result(repo: Repository, suite: CheckSuite) -> tuple[str, str | None]:
    """Status and conclusion of a suite, from its latest runs."""
    runs = [run for run in repo.runs.values() if run.suite is suite]
    if not runs:
        return "queued", None
    if any(run.status != "completed" for run in runs):
        return "in_progress", None
    found = {run.conclusion for run in runs}
    for worst in ("failure", "timed_out", "action_required", "cancelled", "success", "neutral"):
        if worst in found:
            return "completed", worst
    return "completed", "skipped"


def check_run(web: str, repo: Repository, run: CheckRun) -> Json:
    url = f"{address(web, repo)}/check-runs/{run.id}"
    page = f"{web}/{repo.full_name}/runs/{run.id}"
    return {
        "id": run.id,
        "node_id": node_id("CheckRun", run.id),
        "name": run.name,
        "head_sha": run.sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": when(run.started_at),
        "completed_at": when(run.completed_at),
        "output": {
            "title": run.output.get("title"),
            "summary": run.output.get("summary"),
            "text": run.output.get("text"),
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite.id},
        "app": app(web, run.suite.app),
        "pull_requests": pulls_of(web, repo, run.sha),
    }


def simple_commit(one: Commit) -> Json:
    """A commit as events name it."""
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "message": one.message.rstrip("\n"),
        "timestamp": when(one.committer.at),
        "author": {"name": one.author.name, "email": one.author.email},
        "committer": {"name": one.committer.name, "email": one.committer.email},
    }


def suite(web: str, repo: Repository, one: CheckSuite) -> Json:
    url = f"{address(web, repo)}/check-suites/{one.id}"
    status, conclusion = suite_result(repo, one)
    commit = repo.git.commit(one.sha)
    assert commit
    return {
        "id": one.id,
        "node_id": node_id("CheckSuite", one.id),
        "head_branch": one.branch,
        "head_sha": one.sha,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": commit.parents[0] if commit.parents else "0" * 40,
        "after": one.sha,
        "pull_requests": pulls_of(web, repo, one.sha),
        "app": app(web, one.app),
        "created_at": when(one.at),
        "updated_at": when(one.at),
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": sum(run.suite is one for run in repo.runs.values()),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": simple_commit(commit),
        "repository": simple(web, repo),
    }


def status(web: str, repo: Repository, one: Status) -> Json:
    return {
        "id": one.id,
        "node_id": node_id("StatusContext", one.id),
        "url": f"{address(web, repo)}/statuses/{one.sha}",
        "avatar_url": f"{web}/avatars/{one.by.id}",
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": when(one.at),
        "updated_at": when(one.at),
        "creator": person(web, one.by),
    }


def _workflow_id(run: WorkflowRun) -> int:
    return zlib.crc32(run.path.encode()) + 1


def workflow(web: str, repo: Repository, run: WorkflowRun) -> Json:
    """The workflow that a run is of."""
    page = f"{web}/{repo.full_name}"
    return {
        "id": _workflow_id(run),
        "node_id": node_id("Workflow", _workflow_id(run)),
        "name": run.name,
        "path": run.path,
        "state": "active",
        "created_at": when(repo.created_at),
        "updated_at": when(repo.created_at),
        "url": f"{address(web, repo)}/actions/workflows/{_workflow_id(run)}",
        "html_url": f"{page}/blob/{repo.default_branch}/{run.path}",
        "badge_url": f"{page}/workflows/{run.name}/badge.svg",
    }


def _head_repository(web: str, repo: Repository, run: WorkflowRun) -> Json:
    other = {"id": repo.id + pulls.FORK, "fork": True} if run.from_fork else {}
    return {**simple(web, repo), **other}


def workflow_run(web: str, repo: Repository, run: WorkflowRun) -> Json:
    url = f"{address(web, repo)}/actions/runs/{run.id}"
    workflow_id = _workflow_id(run)
    commit = repo.git.commit(run.sha)
    assert commit
    ends = ["jobs", "logs", "artifacts", "cancel", "rerun"]
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("WorkflowRun", run.id),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "path": run.path,
        "display_title": commit.headline,
        "run_number": run.number,
        "run_attempt": 1,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": workflow_id,
        "check_suite_id": run.suite.id,
        "check_suite_node_id": node_id("CheckSuite", run.suite.id),
        "url": url,
        "html_url": f"{web}/{repo.full_name}/actions/runs/{run.id}",
        "pull_requests": [pulls.minimal(web, repo, repo.issues[number]) for number in run.pulls],
        "created_at": when(run.at),
        "updated_at": when(run.at),
        "run_started_at": when(run.at),
        "actor": shown_person(web, run.by),
        "triggering_actor": shown_person(web, run.by),
        "referenced_workflows": [],
        **{f"{end}_url": f"{url}/{end}" for end in ends},
        "check_suite_url": f"{address(web, repo)}/check-suites/{run.suite.id}",
        "previous_attempt_url": None,
        "workflow_url": f"{address(web, repo)}/actions/workflows/{workflow_id}",
        "head_commit": simple_commit(commit),
        "repository": simple(web, repo),
        "head_repository": _head_repository(web, repo, run),
    }


def artifact(web: str, repo: Repository, run: WorkflowRun, one: Artifact) -> Json:
    url = f"{address(web, repo)}/actions/artifacts/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("Artifact", one.id),
        "name": one.name,
        "size_in_bytes": len(one.data),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": False,
        "digest": f"sha256:{hashlib.sha256(one.data).hexdigest()}",
        "created_at": when(one.at),
        "expires_at": when(one.at + timedelta(days=90)),
        "updated_at": when(one.at),
        "workflow_run": {
            "id": run.id,
            "repository_id": repo.id,
            "head_repository_id": _head_repository(web, repo, run)["id"],
            "head_branch": run.branch,
            "head_sha": run.sha,
        },
    }
