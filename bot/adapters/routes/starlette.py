"""Starlette and FastAPI: applications, routers, mounts, and lists of routes."""

from collections.abc import Iterable

from bot.adapters.routes.values import (
    UNKNOWN,
    Call,
    Class,
    Entry,
    Fact,
    Mounted,
    Registration,
    Router,
    Value,
    is_view,
    verb,
)
from bot.domain.routes import Framework

_STARLETTE = Framework.STARLETTE
_APPS = frozenset({"FastAPI", "Starlette"})
_ROUTES = frozenset({"Route", "APIRoute"})
_SOCKETS = frozenset({"WebSocketRoute", "APIWebSocketRoute"})
WEBSOCKET = ("WEBSOCKET",)
"""A websocket is opened by a GET, but metrics and route tables keep them apart."""
_GUESSED = frozenset(
    {"include_router", "add_api_route", "add_websocket_route", "api_route", "mount"}
)
_ADD_SOCKET = frozenset({"add_api_websocket_route", "add_websocket_route"})


class Starlette:
    """See https://www.starlette.io/routing/ and https://fastapi.tiangolo.com/reference/apirouter/."""

    framework = _STARLETTE
    libraries: tuple[str, ...] = ("fastapi", "starlette")
    guessed = _GUESSED

    def construct(self, path: str, call: Call) -> Value:
        top, last = path.partition(".")[0], path.rpartition(".")[2]
        if top not in ("fastapi", "starlette"):
            return NotImplemented
        if last in _APPS or last in ("APIRouter", "Router"):
            kind = "app" if last in _APPS else "router"
            router = Router(_STARLETTE, kind, call.place, call.text(-1, "prefix"))
            _add_entries(router, call.get(-1 if kind == "app" else 0, "routes"))
            return router
        if last in _ROUTES:
            methods = call.texts(-1, "methods")
            return Entry(
                _STARLETTE, call.text(0, "path"), methods, call.get(1, "endpoint"), call.place
            )
        if last in _SOCKETS:
            endpoint = call.get(1, "endpoint")
            return Entry(_STARLETTE, call.text(0, "path"), WEBSOCKET, endpoint, call.place)
        if last == "Mount":
            target = call.get(1, "app")
            below = target if target is not None else call.get(2, "routes")
            return Entry(_STARLETTE, call.text(0, "path"), (), below, call.place, mount=True)
        return NotImplemented

    def method(self, router: Router, name: str, call: Call) -> Value:
        if router.framework is not _STARLETTE:
            return UNKNOWN
        if verb(name):
            return Registration(router, (call.text(0, "path"),), verb(name), call.place)
        if name in ("api_route", "route"):
            methods = call.texts(-1 if name == "api_route" else 1, "methods")
            return Registration(router, (call.text(0, "path"),), methods, call.place)
        if name in ("websocket", "websocket_route"):
            return Registration(router, (call.text(0, "path"),), WEBSOCKET, call.place)
        return self._add(router, name, call)

    def _add(self, router: Router, name: str, call: Call) -> Value:
        if name in ("add_api_route", "add_route") or name in _ADD_SOCKET:
            handler = call.get(1, "route" if name == "add_route" else "endpoint")
            methods = call.texts(2 if name == "add_route" else -1, "methods")
            methods = WEBSOCKET if name in _ADD_SOCKET else methods
            if is_view(handler) or isinstance(handler, Class):
                router.facts.append(Fact(call.text(0, "path"), methods, handler, call.place))
        elif name == "include_router":
            _mount(router, call.text(-1, "prefix"), call.get(0, "router"))
        elif name == "mount":
            _mount(router, call.text(0, "path"), call.get(1, "app"))
        elif name in ("routes.append", "routes.insert"):
            _add_entries(router, call.positional)
        elif name == "routes.extend":
            _add_entries(router, call.get(0, ""))
        else:
            return UNKNOWN
        return None


def _mount(router: Router, prefix: str | None, child: Value) -> None:
    if isinstance(child, Router | list | tuple) and child is not router:
        router.mounts.append(Mounted(prefix, child))


def _add_entries(router: Router, entries: Value) -> None:
    """Add `Route` and `Mount` objects; what else is in the list is none."""
    if isinstance(entries, Router):
        _mount(router, "", entries)
    for entry in entries if isinstance(entries, Iterable) and not isinstance(entries, str) else ():
        if not isinstance(entry, Entry):
            continue
        if entry.mount:
            _mount(router, entry.pattern, entry.target)
        elif is_view(entry.target) or isinstance(entry.target, Class):
            router.facts.append(Fact(entry.pattern, entry.methods, entry.target, entry.place))
