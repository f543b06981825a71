"""Apps, installations and their tokens."""

from urllib.parse import unquote

from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.authentication import can_see, issue_token
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import apps as shapes
from tests.fakes.github.shapes import basic, repositories
from tests.fakes.github.shapes.basic import Json, when
from tests.fakes.github.state import Installation


@route("GET", "/app", auth="app")
def app(hub: Hub, request: Request) -> Json:
    one = hub.apps[request.actor.app_id or 0]
    count = len(_installations(hub, request))
    return {**basic.app(hub.web, one), "installations_count": count}


@route("GET", "/app/hook/config", auth="app")
def hook_config(hub: Hub, request: Request) -> Json:
    one = hub.apps[request.actor.app_id or 0]
    secret = {"secret": "********"} if one.webhook_secret else {}
    return {
        "content_type": "json",
        "insecure_ssl": "0",
        "url": hub.webhooks.url,
        **secret,
    }


def _installations(hub: Hub, request: Request) -> list[Installation]:
    mine = request.actor.app_id
    return [one for one in hub.installations.values() if one.app.id == mine and not one.deleted]


def _installation(hub: Hub, request: Request) -> Installation:
    wanted = request.number("id")
    for one in _installations(hub, request):
        if one.id == wanted:
            return one
    raise not_found()


@route("GET", "/users/{login}", auth="any")
def user(hub: Hub, request: Request) -> Json:
    found = hub.people.find(unquote(request.params["login"]))
    if found is None:
        raise not_found()
    now = when(hub.now())
    unsaid = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    shown = basic.shown_person(hub.web, found)
    return {**shown, **unsaid, **counts, "blog": "", "created_at": now, "updated_at": now}


@route("GET", "/app/installations", auth="app")
def installations(hub: Hub, request: Request) -> Page:
    return Page([shapes.installation(hub.web, one) for one in _installations(hub, request)])


@route("GET", "/app/installations/{id}", auth="app")
def installation(hub: Hub, request: Request) -> Json:
    return shapes.installation(hub.web, _installation(hub, request))


@route("GET", "/repos/{owner}/{repo}/installation", auth="app")
def of_repository(hub: Hub, request: Request) -> Json:
    for one in _installations(hub, request):
        if request.repo.id in one.repositories:
            return shapes.installation(hub.web, one)
    raise not_found()


@route("POST", "/app/installations/{id}/access_tokens", auth="app")
def token(hub: Hub, request: Request) -> Answer:
    one = _installation(hub, request)
    if one.suspended_at is not None:
        raise HttpError(403, "This installation has been suspended")
    made = issue_token(hub, one, request.json)
    body: Json = {
        "token": made.text,
        "expires_at": when(made.expires_at),
        "permissions": made.permissions,
        "repository_selection": "selected",
    }
    if made.repositories is not None:
        body["repositories"] = [
            repositories.full(hub.web, repo)
            for repo in hub.repositories.values()
            if repo.id in made.repositories
        ]
    return Answer(201, body)


@route("DELETE", "/installation/token")
def revoke(hub: Hub, request: Request) -> Answer:
    text = request.headers.get("authorization", "").partition(" ")[2]
    hub.tokens.pop(text, None)
    return Answer(204)


@route("GET", "/installation/repositories")
def installed_repositories(hub: Hub, request: Request) -> Page:
    shown = [repo for repo in hub.repositories.values() if can_see(request.actor, repo)]
    return Page([repositories.full(hub.web, repo) for repo in shown], "repositories")


@route("POST", "/app-manifests/{code}/conversions", auth="none")
def convert_manifest(hub: Hub, request: Request) -> Answer:
    found = hub.manifests.pop(request.params["code"], None)
    if found is None:
        raise not_found()
    return Answer(201, found)
