"""From a request to its answer: who asks, what they may, limits, pages and ETags."""

import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from tests.fakes.github import authentication
from tests.fakes.github.answers import Answer, HttpError, Page
from tests.fakes.github.git import MovedError
from tests.fakes.github.hub import Hub
from tests.fakes.github.limits import CORE, GRAPHQL, Bucket
from tests.fakes.github.routing import Actor, Request, find

VERSIONS = ("2022-11-28", "2026-03-10")
GRAPHQL_PATHS = ("/graphql", "/api/graphql")


def parse(method: str, target: str, headers: dict[str, str], raw: bytes) -> Request:
    """A request as it came in."""
    path, _, query = target.partition("?")
    path = path.removeprefix("/api/v3") or "/"
    body: Any = {}
    if raw and "json" in headers.get("content-type", "application/json"):
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
    if isinstance(body, list):
        body = {"labels": body}
    values = dict(parse_qsl(query, keep_blank_values=True))
    good = isinstance(body, dict)
    return Request(method, path, values, headers, raw, body if good else {}, well_formed=good)


def answer(hub: Hub, request: Request) -> Answer:
    """What GitHub says to this."""
    resource = GRAPHQL if request.path in GRAPHQL_PATHS else CORE
    bucket = None
    try:
        request.actor = authentication.actor(hub, request.headers.get("authorization", ""))
        bucket = _count(hub, request.actor, resource)
        made = _routed(hub, request, resource)
    except HttpError as error:
        made = error.answer()
    except MovedError:
        made = HttpError(409, "Reference has moved").answer()
    if bucket is not None:
        made = _unchanged(request, made, bucket)
        made.headers = {**bucket.headers(resource), **made.headers}
    made.headers.setdefault("X-GitHub-Media-Type", "github.v3; format=json")
    made.headers["x-github-api-version-selected"] = _version(request)
    made.headers["X-GitHub-Request-Id"] = f"FAKE:{hub.next_id():X}"
    return made


def _version(request: Request) -> str:
    return request.headers.get("x-github-api-version", VERSIONS[0])


def _count(hub: Hub, who: Actor, resource: str) -> Bucket:
    """Count the request, or refuse it."""
    name = f"installation {who.installation.id}" if who.installation else "others"
    secondary = hub.limits.hit(name, hub.now())
    if secondary is not None:
        headers = {}
        if secondary.retry_after:
            left = secondary.until - hub.now()
            headers["retry-after"] = str(max(1, int(left.total_seconds())))
        text = "You have exceeded a secondary rate limit. Please wait a few minutes."
        raise HttpError(secondary.status, text, headers=headers)
    bucket = hub.limits.bucket(name, resource, hub.now())
    if bucket.remaining == 0 and resource == CORE:
        text = f"API rate limit exceeded for {name}."
        raise HttpError(403, text, headers=bucket.headers(resource))
    bucket.used += 1
    return bucket


def _routed(hub: Hub, request: Request, resource: str) -> Answer:
    if _version(request) not in VERSIONS:
        raise HttpError(400, "The requested API version is not supported.")
    if not request.well_formed:
        raise HttpError(400, "Problems parsing JSON")
    if resource == GRAPHQL:
        return hub.graphql(request)
    one, request.params = find(request.method, unquote(request.path).rstrip("/"))
    request.template = one.template
    authentication.authorise(hub, one, request)
    with hub.calling():
        found = one.handler(hub, request)
    if isinstance(found, Page):
        return _paged(hub, request, found)
    return found if isinstance(found, Answer) else Answer(200, found)


def _paged(hub: Hub, request: Request, page: Page) -> Answer:
    """One page of a list, with links to the others."""
    try:
        size = min(max(int(request.query.get("per_page", "30")), 1), 100)
        number = max(int(request.query.get("page", "1")), 1)
    except ValueError as error:
        raise HttpError(422, "page and per_page must be numbers") from error
    last = max(1, -(-len(page.items) // size))
    shown = page.items[(number - 1) * size : number * size]
    places = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        places.pop("next")
        places.pop("last")
    if number <= 1:
        places.pop("prev")
        places.pop("first")
    links = [
        f"<{hub.web}{request.path}?{urlencode({**request.query, 'page': place})}>; rel=\"{name}\""
        for name, place in places.items()
    ]
    body: Any = shown
    if page.key:
        body = {"total_count": len(page.items), page.key: shown}
    return Answer(200, body, {"Link": ", ".join(links)} if links else {})


def _unchanged(request: Request, made: Answer, bucket: Bucket) -> Answer:
    """304 to somebody who has this already; such a request does not count."""
    if request.method != "GET" or made.status != 200 or isinstance(made.body, bytes):
        return made
    text = json.dumps(made.body, sort_keys=True).encode()
    tag = f'W/"{hashlib.sha256(text).hexdigest()}"'
    headers = {**made.headers, "ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
    if request.headers.get("if-none-match") == tag:
        bucket.used -= 1
        return Answer(304, b"", headers)
    return Answer(200, made.body, headers, made.kind)
