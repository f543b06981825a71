"""Flask: applications, blueprints, rules; and the resources of Flask-RESTful and Flask-RESTX."""

from bot.adapters.routes.values import (
    UNKNOWN,
    Call,
    Class,
    Fact,
    Mounted,
    Registration,
    Router,
    Value,
    is_view,
    verb,
)
from bot.domain.routes import Framework

_APPS = frozenset({"Flask", "Quart", "APIFlask", "OpenAPI"})
_BLUEPRINTS = frozenset({"Blueprint", "APIBlueprint"})
_RESOURCES = ("flask_restful", "flask_restx", "flask_restplus", "flask_rebar")


class Flask:
    """See https://flask.palletsprojects.com/en/stable/api/ and .../blueprints/."""

    framework = Framework.FLASK
    libraries: tuple[str, ...] = ("flask",)
    guessed = frozenset({"route", "add_url_rule", "register_blueprint"})

    def construct(self, path: str, call: Call) -> Value:
        top, last = path.partition(".")[0], path.rpartition(".")[2]
        if top in _RESOURCES and last in ("Api", "Namespace"):
            return self._resources(last, call)
        if "flask" not in top and "quart" not in top:
            return NotImplemented
        if last in _APPS:
            return Router(Framework.FLASK, "app", call.place)
        if last in _BLUEPRINTS:
            prefix = call.text(5, "url_prefix")
            return Router(Framework.FLASK, "blueprint", call.place, prefix)
        return NotImplemented

    def _resources(self, kind: str, call: Call) -> Value:
        if kind == "Namespace":
            name = call.text(0, "name")
            path = call.text(2, "path", f"/{name}")
            return Router(Framework.FLASK, "resources", call.place, path)
        api = Router(Framework.FLASK, "resources", call.place, call.text(-1, "prefix"))
        self._mount_api(call.get(0, "app"), api)
        return api

    def _mount_api(self, parent: Value, api: Router) -> None:
        if isinstance(parent, Router):
            parent.mounts.append(Mounted("", api))

    def method(self, router: Router, name: str, call: Call) -> Value:
        if router.framework is not Framework.FLASK:
            return UNKNOWN
        if router.kind == "resources":
            return self._resource_method(router, name, call)
        if name == "route":
            rule = call.text(0, "rule")
            return Registration(router, (rule,), call.texts(-1, "methods"), call.place)
        if verb(name):
            return Registration(router, (call.text(0, "rule"),), verb(name), call.place)
        if name == "add_url_rule":
            return self._add_rule(router, call)
        if name == "register_blueprint":
            return self._register(router, call)
        return UNKNOWN

    def _add_rule(self, router: Router, call: Call) -> Value:
        view = call.get(2, "view_func")
        if is_view(view) or isinstance(view, Class):
            methods = call.texts(-1, "methods")
            router.facts.append(Fact(call.text(0, "rule"), methods, view, call.place))
        return None

    def _register(self, router: Router, call: Call) -> Value:
        child = call.get(0, "blueprint")
        if isinstance(child, Router) and child is not router:
            given = call.named.get("url_prefix")
            prefix = call.text(-1, "url_prefix")
            router.mounts.append(Mounted(prefix, child, replaces=given is not None))
        return None

    def _resource_method(self, router: Router, name: str, call: Call) -> Value:
        if name == "route":
            return Registration(router, _texts(call.positional), (), call.place)
        if name == "add_resource":
            resource, *urls = call.positional or (UNKNOWN,)
            for url in _texts(urls):
                router.facts.append(Fact(url, (), resource, call.place))
        elif name == "add_namespace" and isinstance(call.get(0, "ns"), Router):
            path = call.text(1, "path")
            child = call.get(0, "ns")
            router.mounts.append(Mounted(path, child, replaces=bool(path)))
        elif name == "init_app":
            self._mount_api(call.get(0, "app"), router)
        else:
            return UNKNOWN
        return None


def _texts(values: "tuple[Value, ...] | list[Value]") -> tuple[str | None, ...]:
    return tuple(value if isinstance(value, str) else None for value in values)
