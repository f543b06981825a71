"""Django: `path()`, `re_path()`, `include()`; and the routers of Django REST framework."""

from bot.adapters.routes.values import (
    UNKNOWN,
    Call,
    Class,
    Entry,
    Fact,
    Imported,
    Method,
    Module,
    Router,
    Value,
    is_view,
)
from bot.domain.routes import Framework

_DJANGO = Framework.DJANGO
_REST = ("rest_framework", "rest_framework_nested", "rest_framework_extensions", "drf_")


class Django:
    """See https://docs.djangoproject.com/en/stable/ref/urls/ and DRF's api-guide/routers/."""

    framework = _DJANGO
    libraries: tuple[str, ...] = ("django",)
    guessed: frozenset[str] = frozenset()

    def construct(self, path: str, call: Call) -> Value:
        top, last = path.partition(".")[0], path.rpartition(".")[2]
        if path.startswith(_REST):
            return self._rest(last, call)
        if top != "django":
            return NotImplemented
        if last in ("path", "re_path", "url") and path.startswith(("django.urls", "django.conf")):
            return self._path(call)
        if last == "include":
            return self._include(call)
        if last == "i18n_patterns":
            return [Entry(_DJANGO, "", (), list(call.positional), call.place, mount=True)]
        if path == "django.conf.urls.static.static" or last == "staticfiles_urlpatterns":
            return []
        return NotImplemented

    def _path(self, call: Call) -> Value:
        route = call.text(0, "regex" if "regex" in call.named else "route")
        target = call.get(1, "view")
        mount = isinstance(target, list | tuple | Module | Router)
        return Entry(_DJANGO, route, (), target, call.place, mount=mount)

    def _include(self, call: Call) -> Value:
        target = call.get(0, "arg")
        if isinstance(target, tuple) and target and not isinstance(target[0], Entry):
            target = target[0]
        if isinstance(target, str):
            return Imported(target, "", call.scope.module)
        return target

    def _rest(self, last: str, call: Call) -> Value:
        if last.endswith("Router"):
            router = Router(_DJANGO, "rest", call.place)
            slash = call.get(-1, "trailing_slash", True)
            router.attributes["trailing_slash"] = "" if slash is False else "/"
            parent = call.get(0, "parent_router")
            if "Nested" in last and isinstance(parent, Router):
                router.attributes["parent"] = (parent, call.text(1, "parent_prefix"))
                router.attributes["lookup"] = call.text(-1, "lookup", "nested_0")
            return router
        if last == "action":
            return Method({"action": dict(call.named)}, "__mark__")
        if last == "api_view":
            return Method({"api_view": call.texts(0, "http_method_names") or ("GET",)}, "__mark__")
        if last == "format_suffix_patterns":
            return call.get(0, "urlpatterns")
        return NotImplemented

    def method(self, router: Router, name: str, call: Call) -> Value:
        if router.framework is not _DJANGO:
            return UNKNOWN
        if name == "register":
            viewset = call.get(1, "viewset")
            if is_view(viewset) or isinstance(viewset, Class):
                router.facts.append(Fact(call.text(0, "prefix"), (), viewset, call.place))
            return None
        return UNKNOWN
