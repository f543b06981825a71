"""Workflow runs, and asking for another run of a check."""

from tests.fakes.github.acts import checks as acts
from tests.fakes.github.answers import Answer, Page, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import checks as shapes
from tests.fakes.github.shapes.basic import Json

_BASE = "/repos/{owner}/{repo}"


@route("GET", f"{_BASE}/actions/runs", "actions:read")
def workflow_runs(hub: Hub, request: Request) -> Page:
    """Newest first."""
    listed = request.repo.workflow_runs[::-1]
    for name, key in (("head_sha", "sha"), ("branch", "branch"), ("event", "event")):
        if name in request.query:
            listed = [run for run in listed if getattr(run, key) == request.query[name]]
    shown = [shapes.workflow_run(hub.web, request.repo, run) for run in listed]
    return Page(shown, "workflow_runs")


@route("GET", f"{_BASE}/actions/runs/{{id}}", "actions:read")
def workflow_run(hub: Hub, request: Request) -> Json:
    for run in request.repo.workflow_runs:
        if run.id == request.number("id"):
            return shapes.workflow_run(hub.web, request.repo, run)
    raise not_found()


@route("POST", f"{_BASE}/check-runs/{{id}}/rerequest", "checks:write")
def rerequest_run(hub: Hub, request: Request) -> Answer:
    run = request.repo.runs.get(request.number("id"))
    if run is None:
        raise not_found()
    with hub.effect("rerequest", request.repo, request.actor.by, id=run.id):
        acts.rerequest(hub, request.repo, run, request.actor.by)
    return Answer(201, {})
