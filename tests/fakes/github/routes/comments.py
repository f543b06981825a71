"""Comments and reactions."""

from datetime import datetime

from tests.fakes.github.acts import issues as acts
from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routes.issues import found
from tests.fakes.github.routes.pulls import app_of
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import issues as shapes
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import Comment, Issue

_BASE = "/repos/{owner}/{repo}/issues"
_READ, _WRITE = "issues:read|pull_requests:read", "issues:write|pull_requests:write"


def _comment(request: Request) -> tuple[Issue, Comment]:
    wanted = request.number("id")
    for issue in request.repo.issues.values():
        for one in issue.comments:
            if one.id == wanted:
                return issue, one
    raise not_found()


def _since(request: Request, listed: list[Comment]) -> list[Comment]:
    if "since" not in request.query:
        return listed
    try:
        start = datetime.fromisoformat(request.query["since"])
    except ValueError as error:
        raise HttpError(422, "since is not a valid date") from error
    return [one for one in listed if one.updated_at >= start]


@route("GET", f"{_BASE}/{{number}}/comments", _READ)
def comments(hub: Hub, request: Request) -> Page:
    issue = found(request)
    listed = _since(request, issue.comments)
    return Page([shapes.comment(hub.web, request.repo, issue, one) for one in listed])


@route("POST", f"{_BASE}/{{number}}/comments", _WRITE)
def create(hub: Hub, request: Request) -> Answer:
    issue, body = found(request), str(request.required("body"))
    who, app = request.actor.by, app_of(request)
    made = acts.comment(hub, request.repo, issue, who, body, app)
    return Answer(201, shapes.comment(hub.web, request.repo, issue, made))


@route("GET", f"{_BASE}/comments", _READ)
def every_comment(hub: Hub, request: Request) -> Page:
    repo = request.repo
    listed = [(issue, one) for issue in repo.issues.values() for one in issue.comments]
    kept = _since(request, [one for _, one in listed])
    shown = [shapes.comment(hub.web, repo, issue, one) for issue, one in listed if one in kept]
    return Page(sorted(shown, key=lambda one: str(one["created_at"])))


@route("GET", f"{_BASE}/comments/{{id}}", _READ)
def comment(hub: Hub, request: Request) -> Json:
    return shapes.comment(hub.web, request.repo, *_comment(request))


@route("PATCH", f"{_BASE}/comments/{{id}}", _WRITE)
def edit(hub: Hub, request: Request) -> Json:
    issue, one = _comment(request)
    body = str(request.required("body"))
    acts.edit_comment(hub, request.repo, issue, one, request.actor.by, body)
    return shapes.comment(hub.web, request.repo, issue, one)


@route("DELETE", f"{_BASE}/comments/{{id}}", _WRITE)
def delete(hub: Hub, request: Request) -> Answer:
    issue, one = _comment(request)
    acts.delete_comment(hub, request.repo, issue, one, request.actor.by)
    return Answer(204)


def _listed(hub: Hub, request: Request, target: Issue | Comment) -> Page:
    wanted = request.query.get("content")
    given = [one for one in target.reactions if wanted in {None, one.content}]
    return Page([shapes.reaction(hub.web, one) for one in given])


def _react(hub: Hub, request: Request, target: Issue | Comment) -> Answer:
    content = request.required("content")
    made, new = acts.react(hub, request.repo, target, request.actor.by, content)
    return Answer(201 if new else 200, shapes.reaction(hub.web, made))


@route("GET", f"{_BASE}/{{number}}/reactions", _READ)
def reactions(hub: Hub, request: Request) -> Page:
    return _listed(hub, request, found(request))


@route("POST", f"{_BASE}/{{number}}/reactions", _WRITE)
def react(hub: Hub, request: Request) -> Answer:
    return _react(hub, request, found(request))


@route("GET", f"{_BASE}/comments/{{id}}/reactions", _READ)
def comment_reactions(hub: Hub, request: Request) -> Page:
    return _listed(hub, request, _comment(request)[1])


@route("POST", f"{_BASE}/comments/{{id}}/reactions", _WRITE)
def react_to_comment(hub: Hub, request: Request) -> Answer:
    return _react(hub, request, _comment(request)[1])
