"""Check suites, check runs and statuses."""

from typing import Any

from tests.fakes.github.answers import HttpError, invalid
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import checks as shapes
from tests.fakes.github.shapes import repositories
from tests.fakes.github.state import App, CheckRun, CheckSuite, Job, Person, Repository, Status

TEXT_LIMIT = 65_535
ANNOTATIONS = 50


def commit_arrived(hub: Hub, repo: Repository, branch: str, sha: str) -> None:
    """Every app that can write checks gets a suite for a new commit, and is told to fill it."""
    for one in hub.installed(repo):
        if one.permissions.get("checks") == "write" and not _has_suite(repo, sha, one.app):
            made = suite(hub, repo, one.app, sha, branch)
            shown = shapes.suite(hub.web, repo, made)
            body = {"action": "requested", "check_suite": shown}
            hub.emit("check_suite", repo, one.app.bot, only=one.app, **body)


def _has_suite(repo: Repository, sha: str, app: App) -> bool:
    return any(suite.sha == sha and suite.app is app for suite in repo.suites)


def suite(hub: Hub, repo: Repository, app: App, sha: str, branch: str | None) -> CheckSuite:
    """The suite of an app on a commit, made when it is not there."""
    for one in repo.suites:
        if one.sha == sha and one.app is app:
            return one
    made = CheckSuite(hub.next_id(), app, sha, branch, hub.now())
    repo.suites.append(made)
    return made


def create_run(
    hub: Hub,
    repo: Repository,
    app: App,
    who: Person,
    name: str,
    sha: str,
    values: dict[str, Any],
    *,
    into: CheckSuite | None = None,
) -> CheckRun:
    """A check run of an app, as `values` say, in a suite if it has one of its own."""
    check(values)
    branch = next((name for name, head in repo.git.branches().items() if head == sha), None)
    with hub.effect("check run", repo, who, name=name, sha=sha) as detail:
        of = into or suite(hub, repo, app, sha, branch)
        run = CheckRun(hub.next_id(), of, name, sha, "queued", hub.now())
        repo.runs[run.id] = run
        detail["id"] = run.id
        _set(hub, run, values)
        changed(hub, repo, run, who, "created")
        _completed(hub, repo, run, who)
    return run


def update_run(
    hub: Hub, repo: Repository, run: CheckRun, who: Person, values: dict[str, Any]
) -> None:
    """Change what a check run says; annotations are added to those that are there."""
    check(values)
    with hub.effect("check run update", repo, who, name=run.name, sha=run.sha, id=run.id):
        was = run.status
        _set(hub, run, values)
        if was != "completed":
            _completed(hub, repo, run, who)


def check(values: dict[str, Any]) -> None:
    """Refuse what is over GitHub's limits."""
    output = values.get("output") or {}
    for name in ("summary", "text"):
        if len(output.get(name) or "") > TEXT_LIMIT:
            raise invalid("CheckRun", name, f"{name} exceeds a maximum of {TEXT_LIMIT} characters")
    if len(output.get("annotations") or []) > ANNOTATIONS:
        raise HttpError(422, f"Invalid request.\n\nNo more than {ANNOTATIONS} items are allowed.")
    if output and not (output.get("title") and output.get("summary")):
        raise HttpError(422, 'Invalid request.\n\n"title", "summary" weren\'t supplied.')
    _check_actions(values.get("actions") or [])
    if values.get("status") == "completed" and not values.get("conclusion"):
        raise HttpError(422, 'Invalid request.\n\n"conclusion" wasn\'t supplied.')


def _check_actions(actions: list[dict[str, str]]) -> None:
    limits = {"label": 20, "description": 40, "identifier": 20}
    if len(actions) > 3:
        raise HttpError(422, "Invalid request.\n\nNo more than 3 items are allowed.")
    for action in actions:
        for name, limit in limits.items():
            if not 0 < len(action.get(name, "")) <= limit:
                raise invalid("CheckRun", "actions", f"{name} must have 1 to {limit} characters")


def _set(hub: Hub, run: CheckRun, values: dict[str, Any]) -> None:
    run.name = values.get("name") or run.name
    run.external_id = values.get("external_id") or run.external_id
    run.details_url = values.get("details_url") or run.details_url
    run.actions = values.get("actions") or run.actions
    run.status = values.get("status") or run.status
    if values.get("conclusion"):
        run.status, run.conclusion = "completed", values["conclusion"]
        run.completed_at = hub.now()
    elif run.status != "completed":
        run.conclusion = run.completed_at = None
    output = values.get("output") or {}
    run.output.update(
        {name: output[name] for name in ("title", "summary", "text") if name in output}
    )
    run.annotations += output.get("annotations") or []


def _completed(hub: Hub, repo: Repository, run: CheckRun, who: Person) -> None:
    if run.status == "completed":
        changed(hub, repo, run, who, "completed")
        if shapes.suite_result(repo, run.suite)[0] == "completed":
            shown = shapes.suite(hub.web, repo, run.suite)
            hub.emit("check_suite", repo, who, action="completed", check_suite=shown)
        hub.settle(repo)


def changed(
    hub: Hub,
    repo: Repository,
    run: CheckRun,
    who: Person,
    action: str,
    *,
    only: App | None = None,
    **more: Any,
) -> None:
    """Tell of a check run."""
    shown = shapes.check_run(hub.web, repo, run)
    shown["check_suite"] = shapes.suite(hub.web, repo, run.suite)
    hub.emit("check_run", repo, who, only=only, action=action, check_run=shown, **more)


def rerequest(hub: Hub, repo: Repository, run: CheckRun, who: Person) -> None:
    """Ask an app to run a check again; Actions does it by itself."""
    if run.suite.app is hub.actions:
        branch = run.suite.branch or repo.default_branch
        pulls = [one for one in repo.pulls() if one.pull and one.pull.head_sha == run.sha]
        event = "pull_request" if pulls else "push"
        hub.jobs.append(Job(repo, event, branch, run.sha, who, pulls[-1].number if pulls else 0))
    changed(hub, repo, run, who, "rerequested", only=run.suite.app)


def set_status(
    hub: Hub,
    repo: Repository,
    who: Person,
    sha: str,
    context: str,
    state: str,
    description: str | None = None,
    target_url: str | None = None,
) -> Status:
    """A commit status."""
    if state not in {"error", "failure", "pending", "success"}:
        raise invalid("Status", "state", "state is not included in the list")
    if description is not None and len(description) > 140:
        raise invalid(
            "Status", "description", "description is too long (maximum is 140 characters)"
        )
    with hub.effect("status", repo, who, sha=sha, context=context, state=state):
        made = Status(hub.next_id(), sha, context, state, description, target_url, who, hub.now())
        repo.statuses.append(made)
        commit = repo.git.commit(sha)
        assert commit
        shown = shapes.status(hub.web, repo, made)
        heads = [(name, head) for name, head in repo.git.branches().items() if head == sha]
        page = f"{hub.web}/repos/{repo.full_name}"
        hub.emit(
            "status",
            repo,
            who,
            id=made.id,
            sha=sha,
            name=repo.full_name,
            avatar_url=shown["avatar_url"],
            target_url=target_url,
            context=context,
            description=description,
            state=state,
            commit=repositories.commit(hub.web, hub.people, repo, commit),
            branches=[
                {
                    "name": name,
                    "commit": {"sha": head, "url": f"{page}/commits/{head}"},
                    "protected": name in repo.rules,
                }
                for name, head in heads
            ],
            created_at=shown["created_at"],
            updated_at=shown["updated_at"],
        )
        hub.settle(repo)
    return made
