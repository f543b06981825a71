"""Workflow runs, and asking for another run of a check."""

from tests.fakes.github.acts import checks as acts
from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import checks as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import WorkflowRun

_BASE = "/repos/{owner}/{repo}"


@route("GET", f"{_BASE}/actions/runs", "actions:read")
def workflow_runs(hub: Hub, request: Request) -> Page:
    """Newest first."""
    listed = request.repo.workflow_runs[::-1]
    for name, key in (
        ("head_sha", "sha"),
        ("branch", "branch"),
        ("event", "event"),
        ("status", "status"),
    ):
        if name in request.query:
            listed = [run for run in listed if getattr(run, key) == request.query[name]]
    if "check_suite_id" in request.query:
        listed = [run for run in listed if str(run.suite.id) == request.query["check_suite_id"]]
    shown = [shapes.workflow_run(hub.web, request.repo, run) for run in listed]
    return Page(shown, "workflow_runs")


@route("GET", f"{_BASE}/actions/runs/{{id}}", "actions:read")
def workflow_run(hub: Hub, request: Request) -> Json:
    return shapes.workflow_run(hub.web, request.repo, _run(request))


@route("GET", f"{_BASE}/actions/runs/{{id}}/artifacts", "actions:read")
def artifacts(hub: Hub, request: Request) -> Page:
    run = _run(request)
    listed = [one for one in run.artifacts if one.name == request.query.get("name", one.name)]
    shown = [shapes.artifact(hub.web, request.repo, run, one) for one in listed]
    return Page(shown, "artifacts")


@route("GET", f"{_BASE}/actions/artifacts/{{id}}/zip", "actions:read")
def artifact_zip(hub: Hub, request: Request) -> Answer:
    """It lies elsewhere, where a link that ends soon is the only key."""
    for run in request.repo.workflow_runs:
        for one in run.artifacts:
            if one.id == request.number("id"):
                # Another name, so that clients take it for another server.
                web = hub.web.replace("127.0.0.1", "localhost")
                place = f"{web}/_storage/{request.repo.id}/{one.id}"
                return Answer(302, b"", {"Location": place})
    raise not_found()


@route("GET", "/_storage/{repository}/{id}", auth="nobody")
def stored(hub: Hub, request: Request) -> Answer:
    """The storage, which refuses a token as the real one does."""
    if "authorization" in request.headers:
        raise HttpError(400, "InvalidAuthenticationInfo")
    for repo in hub.repositories.values():
        for run in repo.workflow_runs if repo.id == request.number("repository") else ():
            for one in run.artifacts:
                if one.id == request.number("id"):
                    return Answer(200, one.data, kind="application/zip")
    raise not_found()


def _run(request: Request) -> WorkflowRun:
    for run in request.repo.workflow_runs:
        if run.id == request.number("id"):
            return run
    raise not_found()


@route("POST", f"{_BASE}/check-runs/{{id}}/rerequest", "checks:write")
def rerequest_run(hub: Hub, request: Request) -> Answer:
    run = request.repo.runs.get(request.number("id"))
    if run is None:
        raise not_found()
    with hub.effect("rerequest", request.repo, request.actor.by, id=run.id):
        acts.rerequest(hub, request.repo, run, request.actor.by)
    return Answer(201, {})
