"""Which function answers which method of a route, also where a class answers."""

from collections.abc import Iterator

from bot.adapters.routes.interface import Walk
from bot.adapters.routes.values import (
    VERBS,
    Bound,
    Class,
    Function,
    Value,
    View,
    unwrapped,
)
from bot.domain.routes import CodeFunction, Framework

Answer = tuple[tuple[str, ...], CodeFunction]
"""Methods (none means every one) and who answers them."""
_PLAIN = frozenset({"APIView", "HTTPEndpoint", "MethodView", "Resource", "View", "MethodResource"})
"""Library classes that answer with nothing of their own."""
_DISPATCH = ("dispatch_request", "dispatch")
_DEFAULT = {Framework.FLASK: ("GET",), Framework.STARLETTE: ("GET",)}


def answers(
    handler: Value, methods: tuple[str, ...], framework: Framework, walk: Walk
) -> Iterator[Answer]:
    """Who answers a registration's methods."""
    handler = unwrapped(handler)
    if isinstance(handler, Bound):
        handler = unwrapped(handler.function)
    if isinstance(handler, Function):
        marked: tuple[str, ...] = handler.marks.get("api_view", ())
        yield methods or marked or _DEFAULT.get(framework, ()), handler.place
    elif isinstance(handler, Class):
        yield from _of_class(handler, methods, framework, walk)
    elif isinstance(handler, View):
        own = _actions(handler, walk)
        yield from own if handler.actions else _of_class(handler.cls, methods, framework, walk)


def member_place(cls: Class, name: str, walk: Walk) -> CodeFunction:
    """Where a class's function stands; the class itself where a library's base has it."""
    found = unwrapped(walk.member(cls, name))
    return found.place if isinstance(found, Function) else cls.place


def _actions(view: View, walk: Walk) -> Iterator[Answer]:
    for name, action in (view.actions or {}).items():
        if isinstance(name, str) and isinstance(action, str):
            yield (name.upper(),), member_place(view.cls, action, walk)


def _of_class(
    cls: Class, methods: tuple[str, ...], framework: Framework, walk: Walk
) -> Iterator[Answer]:
    own = [name for name in VERBS if isinstance(unwrapped(walk.member(cls, name)), Function)]
    wanted = [name for name in own if not methods or name.upper() in methods]
    for name in wanted:
        yield (name.upper(),), member_place(cls, name, walk)
    rest = tuple(
        name.upper() for name in VERBS if name not in own and name.upper() in (methods or _ALL)
    )
    if rest and _answers_more(cls, own, walk):
        yield _whole(cls, methods if not own else rest, framework, walk)


_ALL = tuple(name.upper() for name in VERBS)


def _answers_more(cls: Class, own: list[str], walk: Walk) -> bool:
    """Whether a class answers more than its own functions say."""
    bases = [path.rpartition(".")[2] for path in walk.ancestors(cls)]
    return not own or any(base not in _PLAIN and not base.endswith("Mixin") for base in bases)


def _whole(cls: Class, methods: tuple[str, ...], framework: Framework, walk: Walk) -> Answer:
    for name in _DISPATCH if framework is Framework.FLASK else ():
        found = unwrapped(walk.member(cls, name))
        if isinstance(found, Function):
            declared = walk.member(cls, "methods")
            names = declared if isinstance(declared, list | tuple) else ("GET",)
            return methods or tuple(one for one in names if isinstance(one, str)), found.place
    return methods, cls.place
