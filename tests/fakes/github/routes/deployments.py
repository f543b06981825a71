"""Deployments and their statuses."""

from tests.fakes.github.acts import deployments as acts
from tests.fakes.github.answers import Answer, Page, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routes.pulls import app_of
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import deployments as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import Deployment

_BASE = "/repos/{owner}/{repo}/deployments"
_READ, _WRITE = "deployments:read", "deployments:write"


def _found(request: Request) -> Deployment:
    one = request.repo.deployments.get(request.number("id"))
    if one is None:
        raise not_found()
    return one


@route("GET", _BASE, _READ)
def deployments(hub: Hub, request: Request) -> Page:
    """Newest first."""
    listed = list(request.repo.deployments.values())[::-1]
    for name in ("sha", "ref", "task", "environment"):
        wanted = request.query.get(name, "none")
        if wanted != "none":
            listed = [one for one in listed if getattr(one, name) == wanted]
    return Page([shapes.deployment(hub.web, request.repo, one) for one in listed])


@route("POST", _BASE, _WRITE)
def create(hub: Hub, request: Request) -> Answer:
    repo, who, app = request.repo, request.actor.by, app_of(request)
    made = acts.create(hub, repo, who, request.required("ref"), request.json, app)
    return Answer(201, shapes.deployment(hub.web, request.repo, made))


@route("GET", f"{_BASE}/{{id}}", _READ)
def deployment(hub: Hub, request: Request) -> Json:
    return shapes.deployment(hub.web, request.repo, _found(request))


@route("GET", f"{_BASE}/{{id}}/statuses", _READ)
def statuses(hub: Hub, request: Request) -> Page:
    """Newest first."""
    of = _found(request)
    return Page([shapes.status(hub.web, request.repo, of, one) for one in reversed(of.statuses)])


@route("POST", f"{_BASE}/{{id}}/statuses", _WRITE)
def set_state(hub: Hub, request: Request) -> Answer:
    of, state = _found(request), request.required("state")
    made = acts.set_state(hub, request.repo, of, request.actor.by, state, request.json)
    return Answer(201, shapes.status(hub.web, request.repo, of, made))
