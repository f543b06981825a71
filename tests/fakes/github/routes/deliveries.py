"""The app's own view of its webhook deliveries, and asking for another attempt."""

from datetime import timedelta
from typing import Any

from tests.fakes.github.answers import Answer, HttpError, not_found
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes.basic import Json, when
from tests.fakes.github.webhooks import Delivery

KEPT = timedelta(days=3)


def _shown(one: Delivery) -> Json:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": when(one.delivered_at),
        "redelivery": one.redelivery,
        "duration": one.duration,
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": one.installation_id,
        "repository_id": one.repository_id,
        "throttled_at": None,
    }


def _kept(hub: Hub, request: Request) -> list[Delivery]:
    """What GitHub still remembers, newest first."""
    start = hub.now() - KEPT
    mine = request.actor.app_id
    log = [one for one in hub.webhooks.log if one.app_id == mine and one.delivered_at >= start]
    return log[::-1]


@route("GET", "/app/hook/deliveries", auth="app")
def deliveries(hub: Hub, request: Request) -> Answer:
    """A page by cursor, which is the id to go on from."""
    listed = _kept(hub, request)
    wanted = request.query.get("status")
    if wanted:
        listed = [one for one in listed if one.ok == (wanted == "success")]
    size = min(int(request.query.get("per_page", "30")), 100)
    cursor = request.query.get("cursor", "")
    if cursor:
        listed = [one for one in listed if one.id <= int(cursor.removeprefix("v1_"))]
    page, rest = listed[:size], listed[size:]
    headers = {}
    if rest:
        query = {**request.query, "per_page": str(size), "cursor": f"v1_{rest[0].id}"}
        text = "&".join(f"{name}={value}" for name, value in query.items())
        headers["Link"] = f'<{hub.web}/app/hook/deliveries?{text}>; rel="next"'
    return Answer(200, [_shown(one) for one in page], headers)


def _found(hub: Hub, request: Request) -> Delivery:
    wanted = request.number("id")
    for one in _kept(hub, request):
        if one.id == wanted:
            return one
    raise not_found()


@route("GET", "/app/hook/deliveries/{id}", auth="app")
def delivery(hub: Hub, request: Request) -> Json:
    one = _found(hub, request)
    sent: dict[str, Any] = {"headers": one.headers, "payload": one.payload}
    answer = {"headers": {}, "payload": one.answer}
    return {**_shown(one), "url": hub.webhooks.url, "request": sent, "response": answer}


@route("POST", "/app/hook/deliveries/{id}/attempts", auth="app")
def redeliver(hub: Hub, request: Request) -> Answer:
    one = _found(hub, request)
    with hub.effect("redelivery", None, None, guid=one.guid):
        if not hub.webhooks.again(one.id):
            raise HttpError(422, "This delivery cannot be redelivered")
    return Answer(202, {})
