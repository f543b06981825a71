"""aiohttp: applications, route tables, resources and applications below others."""

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

_AIOHTTP = Framework.AIOHTTP
_GUESSED = frozenset(
    {
        "add_delete", "add_get", "add_head", "add_patch", "add_post", "add_put", "add_resource",
        "add_route", "add_routes", "add_subapp", "add_view",
    }
)  # fmt: skip


class Aiohttp:
    """See https://docs.aiohttp.org/en/stable/web_reference.html."""

    framework = _AIOHTTP
    libraries: tuple[str, ...] = ("aiohttp",)
    guessed = _GUESSED

    def construct(self, path: str, call: Call) -> Value:
        top, last = path.partition(".")[0], path.rpartition(".")[2]
        if top != "aiohttp":
            return NotImplemented
        if last in ("Application", "RouteTableDef", "UrlDispatcher"):
            kind = "table" if last == "RouteTableDef" else "app"
            return Router(_AIOHTTP, kind, call.place)
        if verb(last):
            methods = verb(last)
            return Entry(
                _AIOHTTP, call.text(0, "path"), methods, call.get(1, "handler"), call.place
            )
        if last == "route":
            methods = _methods(call.text(0, "method"))
            handler = call.get(2, "handler")
            return Entry(_AIOHTTP, call.text(1, "path"), methods, handler, call.place)
        if last == "view":
            return Entry(_AIOHTTP, call.text(0, "path"), (), call.get(1, "handler"), call.place)
        return NotImplemented

    def method(self, router: Router, name: str, call: Call) -> Value:
        if router.framework is not _AIOHTTP:
            return UNKNOWN
        if router.kind == "table":
            return self._table(router, name, call)
        if router.kind == "resource" and name == "add_route":
            methods = _methods(call.text(0, "method"))
            return _add(router, "", methods, call.get(1, "handler"), call)
        return self._application(router, name, call)

    def _table(self, router: Router, name: str, call: Call) -> Value:
        if verb(name) or name == "view":
            return Registration(router, (call.text(0, "path"),), verb(name), call.place)
        if name == "route":
            methods = _methods(call.text(0, "method"))
            return Registration(router, (call.text(1, "path"),), methods, call.place)
        return UNKNOWN

    def _application(self, router: Router, name: str, call: Call) -> Value:
        if name == "add_routes":
            add_entries(router, call.get(0, "routes"))
            return None
        if name == "add_route":
            methods = _methods(call.text(0, "method"))
            return _add(router, call.text(1, "path"), methods, call.get(2, "handler"), call)
        if name == "add_view" or (name.startswith("add_") and verb(name[4:])):
            methods = verb(name[4:])
            return _add(router, call.text(0, "path"), methods, call.get(1, "handler"), call)
        if name == "add_resource":
            resource = Router(_AIOHTTP, "resource", call.place)
            router.mounts.append(Mounted(call.text(0, "path"), resource))
            return resource
        if name == "add_subapp":
            child = call.get(1, "subapp")
            if isinstance(child, Router) and child is not router:
                router.mounts.append(Mounted(call.text(0, "prefix"), child))
            return None
        return UNKNOWN


def add_entries(router: Router, entries: Value) -> None:
    """Add what `web.get()` and friends made, or a whole route table."""
    if isinstance(entries, Router) and entries is not router:
        router.mounts.append(Mounted("", entries))
    known = isinstance(entries, Iterable) and not isinstance(entries, str)
    for entry in entries if known else ():
        if isinstance(entry, Entry) and (is_view(entry.target) or isinstance(entry.target, Class)):
            router.facts.append(Fact(entry.pattern, entry.methods, entry.target, entry.place))
        elif isinstance(entry, Router) and entry is not router:
            router.mounts.append(Mounted("", entry))


def _add(
    router: Router, path: str | None, methods: tuple[str, ...], handler: Value, call: Call
) -> Value:
    if is_view(handler) or isinstance(handler, Class):
        router.facts.append(Fact(path, methods, handler, call.place))
    return None


def _methods(method: str | None) -> tuple[str, ...]:
    return (method.upper(),) if method and method != "*" else ()
