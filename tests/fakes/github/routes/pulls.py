"""Pull requests: open, change, review, merge."""

from tests.fakes.github.acts import mergeability, merging
from tests.fakes.github.acts import pulls as acts
from tests.fakes.github.answers import Answer, Page, not_found
from tests.fakes.github.authentication import allow
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import pulls as shapes
from tests.fakes.github.shapes import repositories
from tests.fakes.github.shapes.basic import Json
from tests.fakes.github.state import App, Issue, Pull

_BASE = "/repos/{owner}/{repo}/pulls"
_READ, _WRITE = "pull_requests:read", "pull_requests:write"


def app_of(request: Request) -> App | None:
    """The app that a request comes from."""
    return request.actor.installation.app if request.actor.installation else None


def found(request: Request) -> tuple[Issue, Pull]:
    """The pull request of the path."""
    issue = request.repo.issues.get(request.number())
    if issue is None or issue.pull is None:
        raise not_found()
    return issue, issue.pull


def shown(hub: Hub, request: Request, issue: Issue) -> Json:
    """A pull request alone, whose mergeability GitHub starts to find out when it is looked at."""
    can = mergeability.look(request.repo, issue, hub.lazy_reads)
    state = mergeability.state(request.repo, issue)
    return shapes.with_merge_state(hub.web, request.repo, issue, mergeable=can, state=state)


@route("GET", _BASE, _READ)
def pulls(hub: Hub, request: Request) -> Page:
    query, repo = request.query, request.repo
    wanted = query.get("state", "open")
    issues = [one for one in repo.pulls() if wanted in {"all", one.state}]
    if "head" in query:
        owner, _, ref = query["head"].partition(":")
        mine = owner == repo.owner.login
        issues = [one for one in issues if mine and one.pull and one.pull.head_ref == ref]
    if "base" in query:
        issues = [one for one in issues if one.pull and one.pull.base_ref == query["base"]]
    updated = query.get("sort") == "updated"
    issues.sort(key=lambda one: (one.updated_at if updated else one.created_at, one.number))
    if query.get("direction", "desc") == "desc":
        issues.reverse()
    return Page([shapes.simple(hub.web, repo, one) for one in issues])


@route("POST", _BASE, _WRITE)
def create(hub: Hub, request: Request) -> Answer:
    made = acts.create(
        hub,
        request.repo,
        request.actor.by,
        title=request.required("title"),
        head=request.required("head"),
        base=request.required("base"),
        body=request.json.get("body"),
        draft=bool(request.json.get("draft")),
        app=app_of(request),
    )
    return Answer(201, shown(hub, request, made))


@route("GET", f"{_BASE}/{{number}}", _READ)
def pull(hub: Hub, request: Request) -> Json:
    return shown(hub, request, found(request)[0])


@route("PATCH", f"{_BASE}/{{number}}", _WRITE)
def update(hub: Hub, request: Request) -> Json:
    issue, _ = found(request)
    acts.update(hub, request.repo, issue, request.actor.by, request.json)
    return shown(hub, request, issue)


@route("GET", f"{_BASE}/{{number}}/files", _READ)
def files(hub: Hub, request: Request) -> Page:
    _, pull = found(request)
    git = request.repo.git
    start = git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    return Page(
        [
            repositories.file_diff(hub.web, request.repo, pull.head_sha, one)
            for one in git.diff(start, pull.head_sha)
        ]
    )


@route("GET", f"{_BASE}/{{number}}/commits", _READ)
def commits(hub: Hub, request: Request) -> Page:
    _, pull = found(request)
    listed = request.repo.git.between(pull.base_sha, pull.head_sha)
    return Page([repositories.commit(hub.web, hub.people, request.repo, one) for one in listed])


@route("GET", f"{_BASE}/{{number}}/merge", _READ)
def is_merged(hub: Hub, request: Request) -> Answer:
    if found(request)[1].merged_at is None:
        raise not_found()
    return Answer(204)


@route("PUT", f"{_BASE}/{{number}}/merge", "contents:write")
def merge(hub: Hub, request: Request) -> Json:
    issue, _ = found(request)
    sha = merging.merge(
        hub,
        request.repo,
        issue,
        request.actor.by,
        sha=request.json.get("sha") or "",
        method=request.json.get("merge_method") or "merge",
        title=request.json.get("commit_title") or "",
        message=request.json.get("commit_message") or "",
    )
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@route("PUT", f"{_BASE}/{{number}}/update-branch", _WRITE)
def update_branch(hub: Hub, request: Request) -> Answer:
    allow(request.actor, request.repo, (("contents", "write"),))
    issue, _ = found(request)
    expected = request.json.get("expected_head_sha") or ""
    acts.update_branch(hub, request.repo, issue, request.actor.by, expected)
    url = f"{hub.web}/repos/{request.repo.full_name}/pulls/{issue.number}"
    return Answer(202, {"message": "Updating pull request branch.", "url": url})


@route("GET", f"{_BASE}/{{number}}/reviews", _READ)
def reviews(hub: Hub, request: Request) -> Page:
    issue, pull = found(request)
    return Page([shapes.review(hub.web, request.repo, issue, one) for one in pull.reviews])


@route("POST", f"{_BASE}/{{number}}/reviews", _WRITE)
def review(hub: Hub, request: Request) -> Json:
    issue, _ = found(request)
    words = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    state = words.get(request.json.get("event", ""), "COMMENTED")
    body = request.json.get("body") or ""
    made = acts.review(hub, request.repo, issue, request.actor.by, state, body)
    return shapes.review(hub.web, request.repo, issue, made)


@route("GET", f"{_BASE}/{{number}}/requested_reviewers", _READ)
def requested_reviewers(hub: Hub, request: Request) -> Json:
    found(request)
    return {"users": [], "teams": []}
