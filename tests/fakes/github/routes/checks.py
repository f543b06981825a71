"""Check runs, check suites and commit statuses."""

from tests.fakes.github.acts import checks as acts
from tests.fakes.github.acts import mergeability
from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routes.commits import resolved
from tests.fakes.github.routes.pulls import app_of
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import checks as shapes
from tests.fakes.github.shapes import repositories
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import CheckRun, Status

_BASE = "/repos/{owner}/{repo}"
_READ, _WRITE = "checks:read", "checks:write"


def _run(request: Request) -> CheckRun:
    run = request.repo.runs.get(request.number("id"))
    if run is None:
        raise not_found()
    return run


@route("POST", f"{_BASE}/check-runs", _WRITE)
def create(hub: Hub, request: Request) -> Answer:
    app = app_of(request)
    if app is None:
        raise HttpError(403, "You must authenticate via a GitHub App.")
    name, sha = request.required("name"), request.required("head_sha")
    if request.repo.git.commit(sha) is None:
        raise HttpError(422, f"No commit found for SHA: {sha}")
    run = acts.create_run(hub, request.repo, app, request.actor.by, name, sha, request.json)
    return Answer(201, shapes.check_run(hub.web, request.repo, run))


@route("PATCH", f"{_BASE}/check-runs/{{id}}", _WRITE)
def update(hub: Hub, request: Request) -> Json:
    run = _run(request)
    if run.suite.app is not app_of(request):
        raise HttpError(
            403,
            "Invalid app_id `" + str(run.suite.app.id) + "` - check run was made by another app.",
        )
    acts.update_run(hub, request.repo, run, request.actor.by, request.json)
    return shapes.check_run(hub.web, request.repo, run)


@route("GET", f"{_BASE}/check-runs/{{id}}", _READ)
def check_run(hub: Hub, request: Request) -> Json:
    return shapes.check_run(hub.web, request.repo, _run(request))


@route("GET", f"{_BASE}/check-runs/{{id}}/annotations", _READ)
def annotations(hub: Hub, request: Request) -> Page:
    blob = f"{repositories.address(hub.web, request.repo)}/git/blobs"
    empty = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
    return Page([{**empty, **one, "blob_href": blob} for one in _run(request).annotations])


@route("GET", f"{_BASE}/commits/{{ref}}/check-runs", _READ)
def check_runs(hub: Hub, request: Request) -> Page:
    repo, query = request.repo, request.query
    sha = resolved(repo, request.params["ref"])
    if query.get("filter", "latest") == "latest":
        listed = mergeability.latest_runs(repo, sha)
    else:
        listed = [run for run in repo.runs.values() if run.sha == sha]
    if "check_name" in query:
        listed = [run for run in listed if run.name == query["check_name"]]
    if "app_id" in query:
        listed = [run for run in listed if str(run.suite.app.id) == query["app_id"]]
    if "status" in query:
        listed = [run for run in listed if run.status == query["status"]]
    return Page([shapes.check_run(hub.web, repo, run) for run in listed], "check_runs")


@route("GET", f"{_BASE}/commits/{{ref}}/check-suites", _READ)
def check_suites(hub: Hub, request: Request) -> Page:
    repo, query = request.repo, request.query
    sha = resolved(repo, request.params["ref"])
    listed = [suite for suite in repo.suites if suite.sha == sha]
    if "app_id" in query:
        listed = [suite for suite in listed if str(suite.app.id) == query["app_id"]]
    return Page([shapes.suite(hub.web, repo, suite) for suite in listed], "check_suites")


def _statuses(request: Request) -> tuple[str, list[Status]]:
    sha = resolved(request.repo, request.params["ref"])
    return sha, [one for one in request.repo.statuses if one.sha == sha]


@route("GET", f"{_BASE}/commits/{{ref}}/statuses", "statuses:read")
def statuses(hub: Hub, request: Request) -> Page:
    _, listed = _statuses(request)
    return Page([shapes.status(hub.web, request.repo, one) for one in reversed(listed)])


@route("GET", f"{_BASE}/commits/{{ref}}/status", "statuses:read")
def combined_status(hub: Hub, request: Request) -> Json:
    repo = request.repo
    sha, listed = _statuses(request)
    latest = {one.context: one for one in listed}
    states = {one.state for one in latest.values()}
    state = "failure" if states & {"failure", "error"} else "pending"
    state = "success" if states == {"success"} else state
    url = f"{repositories.address(hub.web, repo)}/commits/{sha}"
    shown = [shapes.status(hub.web, repo, one) for one in latest.values()]
    for one in shown:
        one.pop("creator")
    return {
        "state": state,
        "sha": sha,
        "total_count": len(latest),
        "statuses": shown,
        "repository": repositories.simple(hub.web, repo),
        "commit_url": url,
        "url": f"{url}/status",
    }


@route("POST", f"{_BASE}/statuses/{{sha}}", "statuses:write")
def create_status(hub: Hub, request: Request) -> Answer:
    sha = request.params["sha"]
    if request.repo.git.commit(sha) is None:
        raise HttpError(422, f"No commit found for SHA: {sha}")
    made = acts.set_status(
        hub,
        request.repo,
        request.actor.by,
        sha,
        request.json.get("context") or "default",
        request.required("state"),
        request.json.get("description"),
        request.json.get("target_url"),
    )
    return Answer(201, shapes.status(hub.web, request.repo, made))
