"""Issues and labels."""

from tests.fakes.github.acts import issues as acts
from tests.fakes.github.answers import Answer, Page, invalid, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routes.pulls import app_of
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import issues as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import Issue

_BASE = "/repos/{owner}/{repo}/issues"
_READ, _WRITE = "issues:read|pull_requests:read", "issues:write|pull_requests:write"


def found(request: Request) -> Issue:
    """The issue or pull request of the path."""
    issue = request.repo.issues.get(request.number())
    if issue is None:
        raise not_found()
    return issue


@route("GET", _BASE, _READ)
def issues(hub: Hub, request: Request) -> Page:
    query = request.query
    wanted = query.get("state", "open")
    listed = [one for one in request.repo.issues.values() if wanted in {"all", one.state}]
    names = [name.lower() for name in query.get("labels", "").split(",") if name]
    listed = [one for one in listed if set(names) <= {label.lower() for label in one.labels}]
    if "creator" in query:
        listed = [one for one in listed if one.author.login == query["creator"]]
    if "since" in query:
        listed = [one for one in listed if one.updated_at.isoformat() >= query["since"][:19]]
    updated = query.get("sort") == "updated"
    listed.sort(key=lambda one: (one.updated_at if updated else one.created_at, one.number))
    if query.get("direction", "desc") == "desc":
        listed.reverse()
    return Page([shapes.issue(hub.web, request.repo, one) for one in listed])


@route("POST", _BASE, "issues:write")
def create(hub: Hub, request: Request) -> Answer:
    made = acts.create(
        hub,
        request.repo,
        request.actor.by,
        str(request.required("title")),
        request.json.get("body"),
        request.json.get("labels"),
        app_of(request),
    )
    return Answer(201, shapes.issue(hub.web, request.repo, made))


@route("GET", f"{_BASE}/{{number}}", _READ)
def issue(hub: Hub, request: Request) -> Json:
    return shapes.issue(hub.web, request.repo, found(request))


@route("PATCH", f"{_BASE}/{{number}}", _WRITE)
def update(hub: Hub, request: Request) -> Json:
    one = found(request)
    acts.update(hub, request.repo, one, request.actor.by, request.json)
    return shapes.issue(hub.web, request.repo, one)


@route("GET", f"{_BASE}/{{number}}/labels", _READ)
def labels_of(hub: Hub, request: Request) -> Page:
    return Page(shapes.labels(hub.web, request.repo, found(request)))


@route("POST", f"{_BASE}/{{number}}/labels", _WRITE)
def add_labels(hub: Hub, request: Request) -> list[Json]:
    one = found(request)
    acts.add_labels(hub, request.repo, one, request.actor.by, list(request.required("labels")))
    return shapes.labels(hub.web, request.repo, one)


@route("DELETE", f"{_BASE}/{{number}}/labels/{{name}}", _WRITE)
def remove_label(hub: Hub, request: Request) -> list[Json]:
    one, name = found(request), request.params["name"]
    if name.lower() not in {label.lower() for label in one.labels}:
        raise not_found()
    acts.remove_label(hub, request.repo, one, request.actor.by, name)
    return shapes.labels(hub.web, request.repo, one)


@route("GET", "/repos/{owner}/{repo}/labels", _READ)
def labels(hub: Hub, request: Request) -> Page:
    known = request.repo.labels.values()
    return Page([shapes.label(hub.web, request.repo, one) for one in known])


@route("GET", "/repos/{owner}/{repo}/labels/{name}", _READ)
def label(hub: Hub, request: Request) -> Json:
    one = request.repo.labels.get(request.params["name"].lower())
    if one is None:
        raise not_found()
    return shapes.label(hub.web, request.repo, one)


@route("POST", "/repos/{owner}/{repo}/labels", _WRITE)
def create_label(hub: Hub, request: Request) -> Answer:
    name = request.required("name")
    if name.lower() in request.repo.labels:
        raise invalid("Label", "name", code="already_exists")
    with hub.effect("label", request.repo, request.actor.by, name=name):
        color = (request.json.get("color") or "ededed").removeprefix("#")
        made = acts.ensure_label(hub, request.repo, name, color, request.json.get("description"))
    return Answer(201, shapes.label(hub.web, request.repo, made))
