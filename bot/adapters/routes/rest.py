"""The routes that a router of Django REST framework makes of a viewset."""

from collections.abc import Iterator

from bot.adapters.routes.handlers import Answer, member_place
from bot.adapters.routes.interface import Walk
from bot.adapters.routes.values import Class, Fact, Function, Router, Value, unwrapped

_LIST = {"list": "GET", "create": "POST"}
_DETAIL = {
    "retrieve": "GET",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
}
_PROVIDED = {
    "ModelViewSet": frozenset(_LIST | _DETAIL),
    "ReadOnlyModelViewSet": frozenset({"list", "retrieve"}),
    "ListModelMixin": frozenset({"list"}),
    "CreateModelMixin": frozenset({"create"}),
    "RetrieveModelMixin": frozenset({"retrieve"}),
    "UpdateModelMixin": frozenset({"update", "partial_update"}),
    "DestroyModelMixin": frozenset({"destroy"}),
}
_ANY_VALUE = "[^/.]+"


def router_prefix(router: Router, walk: Walk) -> str:
    """The path of the parent's object below which a nested router's routes lie."""
    parent = router.attributes.get("parent")
    if not isinstance(parent, tuple):
        return ""
    above, prefix = parent
    viewset = next((one.handler for one in above.facts if one.pattern == prefix), None)
    field, value = _lookup(viewset, walk) if isinstance(viewset, Class) else ("pk", _ANY_VALUE)
    name = f"{router.attributes.get('lookup')}_{field}"
    return f"{router_prefix(above, walk)}{prefix}/(?P<{name}>{value})/"


def viewset_routes(router: Router, fact: Fact, walk: Walk) -> Iterator[tuple[str | None, Answer]]:
    """Every route of one `register()` as pattern, method and function."""
    cls = fact.handler
    if not isinstance(cls, Class):
        return
    if fact.pattern is None:
        return
    slash = router.attributes.get("trailing_slash", "/")
    field, value = _lookup(cls, walk)
    start = f"^{router_prefix(router, walk)}{fact.pattern}"
    if not fact.pattern and not router_prefix(router, walk):
        start = "^"
    below = f"{start}/" if not start.endswith(("/", "^")) else start
    many, one = f"{start}{slash}$", f"{below}(?P<{field}>{value}){slash}$"
    yield from ((many, answer) for answer in _standard(cls, _LIST, walk))
    yield from ((one, answer) for answer in _standard(cls, _DETAIL, walk))
    for function, action in _actions(cls, walk):
        path = action.get("url_path", function.qualname.rpartition(".")[2])
        base = f"{below}(?P<{field}>{value})/" if action.get("detail") else below
        pattern = f"{base}{path}{slash}$" if isinstance(path, str) else None
        yield pattern, (_methods(action), function.place)


def _lookup(cls: Class, walk: Walk) -> tuple[str, str]:
    names = (walk.member(cls, "lookup_url_kwarg"), walk.member(cls, "lookup_field"))
    field = next((name for name in names if isinstance(name, str)), "pk")
    value = walk.member(cls, "lookup_value_regex")
    return field, value if isinstance(value, str) else _ANY_VALUE


def _standard(cls: Class, names: dict[str, str], walk: Walk) -> Iterator[Answer]:
    bases = {path.rpartition(".")[2] for path in walk.ancestors(cls)}
    provided = frozenset[str]().union(*(_PROVIDED.get(base, frozenset()) for base in bases))
    for name, method in names.items():
        if name in provided or isinstance(unwrapped(walk.member(cls, name)), Function):
            yield (method,), member_place(cls, name, walk)


def _actions(cls: Class, walk: Walk) -> Iterator[tuple[Function, dict[str, Value]]]:
    for name in walk.member_names(cls):
        found = walk.member(cls, name)
        if isinstance(found, Function) and isinstance(found.marks.get("action"), dict):
            yield found, found.marks["action"]


def _methods(action: dict[str, Value]) -> tuple[str, ...]:
    methods = action.get("methods")
    named = methods if isinstance(methods, list | tuple) else ("get",)
    return tuple(one.upper() for one in named if isinstance(one, str))
