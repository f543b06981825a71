"""Python's own functions and methods, as far as route tables are built with them."""

from collections.abc import Callable

from bot.adapters.routes.expressions import LONGEST_LIST, LONGEST_TEXT, better, iterate
from bot.adapters.routes.interface import Walk
from bot.adapters.routes.values import (
    UNKNOWN,
    Call,
    Function,
    Method,
    Scope,
    Super,
    Value,
)

NAMES = frozenset(
    {
        "classmethod", "dict", "enumerate", "getattr", "list", "map", "property", "reversed",
        "set", "sorted", "staticmethod", "str", "super", "tuple", "zip",
    }
)  # fmt: skip


def call(path: str, call: Call, walk: Walk) -> Value:
    """What a function of the standard library gives; NotImplemented if it is not known here."""
    if path in _WALKING:
        return _WALKING[path](call, walk)
    return _FUNCTIONS[path](call) if path in _FUNCTIONS else NotImplemented


def method(owner: Value, name: str, call: Call) -> Value:
    """What a method of a text, list or dict gives; NotImplemented if it is not known here."""
    if isinstance(owner, str):
        return _text_method(owner, name, call)
    if isinstance(owner, list):
        return _list_method(owner, name, call)
    if isinstance(owner, dict):
        return _dict_method(owner, name, call)
    return NotImplemented


def _super(call: Call) -> Value:
    scope: Scope | None = call.scope
    while scope is not None and scope.function is None:
        scope = scope.parent
    if scope is None or scope.function is None or scope.function.owner is None:
        return UNKNOWN
    arguments = scope.function.node.args
    first = [*arguments.posonlyargs, *arguments.args][:1]
    owner = scope.names.get(first[0].arg, UNKNOWN) if first else UNKNOWN
    return Super(scope.function.owner, owner)


def _getattr(call: Call, walk: Walk) -> Value:
    name = call.get(1, "name")
    if not isinstance(name, str):
        return UNKNOWN
    return better(walk.attribute(call.get(0, "object"), name), call.get(2, "default", UNKNOWN))


def _import_module(call: Call, walk: Walk) -> Value:
    name = call.text(0, "name")
    package = call.text(1, "package")
    if not name:
        return UNKNOWN
    if name.startswith(".") and package:
        name = package + name
    return walk.module(name, call) or UNKNOWN


def _import_string(call: Call, walk: Walk) -> Value:
    name = (call.text(0, "dotted_path") or "").replace(":", ".")
    module, _, attribute = name.rpartition(".")
    found = walk.module(module, call) if module else None
    return walk.attribute(found, attribute) if found else UNKNOWN


def _environment(call: Call) -> Value:
    return call.get(1, "default", UNKNOWN)


def _first(call: Call) -> Value:
    return call.get(0, "", UNKNOWN)


def _second(call: Call) -> Value:
    return call.get(1, "", UNKNOWN)


def _wraps(call: Call) -> Value:
    return Method(call.get(0, "wrapped"), "__wraps__")


def _update_wrapper(call: Call) -> Value:
    wrapper = call.get(0, "wrapper")
    if isinstance(wrapper, Function):
        wrapper.wraps = call.get(1, "wrapped")
    return wrapper


def _list(call: Call) -> Value:
    items = iterate(call.get(0, "", ()))
    return UNKNOWN if items is None else items


def _reversed(call: Call) -> Value:
    items = _list(call)
    return items[::-1] if isinstance(items, list) else items


def _enumerate(call: Call) -> Value:
    items = _list(call)
    return list(enumerate(items)) if isinstance(items, list) else items


def _zip(call: Call) -> Value:
    columns = [iterate(value) for value in call.positional]
    if any(column is None for column in columns):
        return UNKNOWN
    return list(zip(*[column or [] for column in columns], strict=False))


def _map(call: Call, walk: Walk) -> Value:
    items = iterate(call.get(1, "")) or []
    function = call.get(0, "")
    return [walk.call(function, Call((one,), {}, call.place, call.scope)) for one in items[:300]]


def _chain(call: Call) -> Value:
    found: list[Value] = []
    for value in call.positional:
        found += iterate(value) or []
    return found[:LONGEST_LIST]


def _dict(call: Call) -> Value:
    first = call.get(0, "", {})
    return {**(first if isinstance(first, dict) else {}), **call.named}


def _str(call: Call) -> Value:
    value = call.get(0, "object")
    return str(value) if isinstance(value, str | int) else UNKNOWN


def _text_method(text: str, name: str, call: Call) -> Value:
    if name == "format":
        return _format(text, call)
    if name == "join":
        parts = iterate(call.get(0, ""))
        known = parts is not None and all(isinstance(part, str) for part in parts)
        return text.join(parts or [])[:LONGEST_TEXT] if known else UNKNOWN
    plain = all(isinstance(value, str | int) for value in call.positional) and not call.named
    if name not in _TEXT or not plain:
        return UNKNOWN
    try:
        found = getattr(text, name)(*call.positional)
    except (TypeError, ValueError):
        return UNKNOWN
    return found[:LONGEST_TEXT] if isinstance(found, str) else found


def _format(text: str, call: Call) -> Value:
    values = [*call.positional, *call.named.values()]
    simple = all(isinstance(value, str | int) for value in values)
    # A width such as {:>999999999} or an attribute of a value is not worth the risk.
    if not simple or _has_specification(text):
        return UNKNOWN
    try:
        return text.format(*call.positional, **call.named)[:LONGEST_TEXT]
    except (IndexError, KeyError, ValueError):
        return UNKNOWN


def _has_specification(text: str) -> bool:
    inside = False
    for character in text:
        if character in "{}":
            inside = character == "{"
        elif inside and character in ":!.[":
            return True
    return False


def _list_method(items: list[Value], name: str, call: Call) -> Value:
    if len(items) > LONGEST_LIST:
        return UNKNOWN
    if name == "append":
        items.append(call.get(0, "object"))
    elif name == "extend":
        items.extend(iterate(call.get(0, "iterable")) or [])
    elif name == "insert":
        items.insert(0, call.get(1, "object"))
    elif name == "copy":
        return list(items)
    else:
        return UNKNOWN
    return None


def _dict_method(items: dict[Value, Value], name: str, call: Call) -> Value:
    key = call.get(0, "key")
    if name == "items":
        return list(items.items())
    if name == "values":
        return list(items.values())
    if name == "keys":
        return list(items)
    if name in ("get", "pop", "setdefault") and isinstance(key, str | int):
        return items.get(key, call.get(1, "default"))
    if name == "update" and isinstance(key, dict):
        items.update(key)
        return None
    return UNKNOWN


_TEXT = frozenset(
    {
        "lower", "upper", "strip", "lstrip", "rstrip", "replace", "removeprefix", "removesuffix",
        "split", "rsplit", "partition", "rpartition", "title", "capitalize",
    }
)  # fmt: skip
_WALKING: dict[str, Callable[[Call, Walk], Value]] = {
    "builtins.getattr": _getattr,
    "builtins.map": _map,
    "importlib.import_module": _import_module,
    "django.utils.module_loading.import_string": _import_string,
    "werkzeug.utils.import_string": _import_string,
}
_FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "builtins.super": _super,
    "builtins.list": _list,
    "builtins.tuple": _list,
    "builtins.set": _list,
    "builtins.sorted": _list,
    "builtins.reversed": _reversed,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.dict": _dict,
    "builtins.str": _str,
    "itertools.chain": _chain,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "functools.partial": _first,
    "functools.wraps": _wraps,
    "functools.update_wrapper": _update_wrapper,
    "typing.cast": _second,
    "copy.copy": _first,
}
