"""What the code itself proves about the type of an expression; "" wherever it proves nothing."""

import ast
from collections.abc import Callable

from bot.adapters.rules.kind import UNKNOWN, Kind
from bot.adapters.rules.scopes import Scope
from bot.adapters.rules.source import Source

_DEPTH = 8
_PLAIN = frozenset(
    {"str", "bytes", "int", "float", "bool", "list", "dict", "set", "frozenset", "tuple"}
)
_MUTABLE = frozenset({"list", "dict", "set"})
IMMUTABLE = frozenset({"str", "bytes", "int", "float", "bool", "NoneType"})
SEQUENCES = frozenset({"str", "bytes", "list", "tuple", "range"})
_TO_STR = frozenset(
    {
        *("capitalize", "casefold", "center", "expandtabs", "format", "join", "ljust", "lower"),
        *("lstrip", "replace", "rjust", "rstrip", "strip", "swapcase", "title", "upper", "zfill"),
        *("removeprefix", "removesuffix"),
    }
)
_TO_BOOL = frozenset(
    {"startswith", "endswith", "isdigit", "isspace", "isalpha", "isupper", "islower"}
)
_FROM_BUILTIN = {
    **dict.fromkeys(("str", "repr", "chr", "ascii", "hex", "bin", "oct", "format"), "str"),
    **dict.fromkeys(("len", "ord", "hash", "id", "int"), "int"),
    **dict.fromkeys(("bool", "isinstance", "hasattr", "callable", "any", "all"), "bool"),
    **{name: name for name in ("float", "bytes", "list", "tuple", "set", "frozenset", "dict")},
    **{name: name for name in ("range", "enumerate", "zip")},
    "sorted": "list",
}


def kind_of(source: Source, node: ast.AST | None, depth: int = _DEPTH) -> Kind:
    """The kind of an expression as far as literals, builtins and single-typed locals prove it."""
    if node is None or depth <= 0:
        return UNKNOWN
    found = _HANDLERS.get(type(node))
    return found(source, node, depth - 1) if found is not None else UNKNOWN


def item_of(source: Source, node: ast.AST, depth: int = _DEPTH) -> Kind:
    """The kind of the elements that iterating over an expression yields."""
    kind = kind_of(source, node, depth)
    if kind.name in ("str", "range"):
        return Kind("str") if kind.name == "str" else Kind("int")
    if kind.name == "bytes":
        return Kind("int")
    return kind.item or UNKNOWN


def _constant(_: Source, node: ast.AST, __: int) -> Kind:
    assert isinstance(node, ast.Constant)  # noqa: S101 - what the table of handlers says
    return Kind(type(node.value).__name__)


def _joined(_: Source, __: ast.AST, ___: int) -> Kind:
    return Kind("str")


def _display(source: Source, node: ast.AST, depth: int) -> Kind:
    elements: list[ast.expr] = getattr(node, "elts", [])
    item = common([kind_of(source, element, depth) for element in elements])
    return Kind(type(node).__name__.lower(), item if item.name else None)


def _dict(source: Source, node: ast.AST, depth: int) -> Kind:
    keys: list[ast.expr | None] = getattr(node, "keys", [])
    item = common([kind_of(source, key, depth) for key in keys])
    return Kind("dict", item if item.name else None)


def _comprehension(source: Source, node: ast.AST, depth: int) -> Kind:
    name = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}[type(node)]
    element = getattr(node, "elt", None) or getattr(node, "key", None)
    item = kind_of(source, element, depth)
    return Kind(name, item if item.name else None)


def _conditional(source: Source, node: ast.AST, depth: int) -> Kind:
    assert isinstance(node, ast.IfExp)  # noqa: S101 - what the table of handlers says
    return common([kind_of(source, node.body, depth), kind_of(source, node.orelse, depth)])


def _binary(source: Source, node: ast.AST, depth: int) -> Kind:
    assert isinstance(node, ast.BinOp)  # noqa: S101 - what the table of handlers says
    left, right = kind_of(source, node.left, depth), kind_of(source, node.right, depth)
    if left.name == "str" and isinstance(node.op, ast.Mod):
        return Kind("str")
    if left.name == right.name == "int" and not isinstance(node.op, (ast.Div, ast.Pow)):
        return Kind("int")
    if isinstance(node.op, ast.Add) and left.name == right.name and left.name in SEQUENCES:
        return common([left, right])
    return UNKNOWN


def _call(source: Source, node: ast.AST, depth: int) -> Kind:
    assert isinstance(node, ast.Call)  # noqa: S101 - what the table of handlers says
    function = node.func
    if isinstance(function, ast.Name) and source.is_builtin(function, *_FROM_BUILTIN):
        return _builtin_call(source, node, function.id, depth)
    if isinstance(function, ast.Attribute):
        return _method_call(source, function, depth)
    return UNKNOWN


def _builtin_call(source: Source, node: ast.Call, name: str, depth: int) -> Kind:
    kind = _FROM_BUILTIN[name]
    first = node.args[0] if node.args else None
    if kind in ("list", "tuple", "set", "frozenset", "dict") and first is not None:
        item = item_of(source, first, depth)
        return Kind(kind, item if item.name and kind != "dict" else None)
    if kind == "enumerate" and len(node.args) == 1:
        return Kind("enumerate", Kind("tuple"))
    return Kind(kind)


def _method_call(source: Source, function: ast.Attribute, depth: int) -> Kind:
    owner = kind_of(source, function.value, depth)
    if owner.name == "str":
        if function.attr in _TO_STR:
            return Kind("str")
        if function.attr in ("split", "rsplit", "splitlines"):
            return Kind("list", Kind("str"))
        if function.attr in ("partition", "rpartition"):
            return Kind("tuple", Kind("str"))
        if function.attr in ("find", "rfind", "index", "count"):
            return Kind("int")
        return Kind("bool") if function.attr in _TO_BOOL else UNKNOWN
    if owner.name == "dict" and function.attr == "keys":
        return Kind("keys", owner.item)
    if owner.name in ("list", "dict", "set") and function.attr == "copy":
        return owner
    return UNKNOWN


def _subscript(source: Source, node: ast.AST, depth: int) -> Kind:
    assert isinstance(node, ast.Subscript)  # noqa: S101 - what the table of handlers says
    owner = kind_of(source, node.value, depth)
    if isinstance(node.slice, ast.Slice):
        return owner if owner.name in SEQUENCES else UNKNOWN
    if owner.name == "str":
        return Kind("str")
    return owner.item or UNKNOWN if owner.name in ("list", "tuple") else UNKNOWN


def _name(source: Source, node: ast.AST, depth: int) -> Kind:
    assert isinstance(node, ast.Name)  # noqa: S101 - what the table of handlers says
    if node not in source.names.of_name:
        return UNKNOWN
    scope = source.names.resolve(node)
    if scope is None or scope.is_class or node.id in scope.shared or source.names.star_import:
        return UNKNOWN
    bindings = scope.bindings.get(node.id, [])
    if scope.parent is None and len(bindings) > 1:
        return UNKNOWN
    place = (scope, node.id)
    if place in source.assumed:
        return source.assumed[place]
    kind = _settled(source, scope, node.id, bindings, depth)
    if kind.item and kind.name in _MUTABLE and not _only_read(source, scope, node.id):
        return Kind(kind.name)
    return kind


def _settled(source: Source, scope: Scope, name: str, bindings: list[ast.AST], depth: int) -> Kind:
    """The kind that every binding gives, assuming inside them what the first one says.

    `s = ""` and `s = s + "x"` prove each other: what is assumed must come out in the end.
    """
    place = (scope, name)
    source.assumed[place] = UNKNOWN
    try:
        plain = [one for one in bindings if not isinstance(source.parents.get(one), ast.AugAssign)]
        if not plain:
            return UNKNOWN
        source.assumed[place] = _bound(source, plain[0], depth)
        if not source.assumed[place].name:
            return UNKNOWN
        kind = common([_bound(source, one, depth) for one in plain])
        if kind != source.assumed[place]:
            source.assumed[place] = kind
            if common([_bound(source, one, depth) for one in plain]) != kind:
                return UNKNOWN
        grown = [one for one in bindings if one not in plain]
        return kind if all(_keeps(source, one, kind, depth) for one in grown) else UNKNOWN
    finally:
        del source.assumed[place]


def _keeps(source: Source, binding: ast.AST, kind: Kind, depth: int) -> bool:
    """Whether `x += value` leaves x of its kind."""
    statement = source.parents[binding]
    if not isinstance(statement, ast.AugAssign):
        return False
    value = kind_of(source, statement.value, depth).name
    if kind.name == "list":
        return isinstance(statement.op, ast.Add) and bool(value)
    same = value == kind.name and kind.item is None
    if kind.name == "int":
        return same and isinstance(
            statement.op, (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
        )
    return (
        same
        and isinstance(statement.op, ast.Add)
        and kind.name in ("str", "bytes", "tuple", "float")
    )


def _only_read(source: Source, scope: Scope, name: str) -> bool:
    """Whether nothing can have put elements of another kind into the container since."""
    return all(
        isinstance(name.ctx, ast.Store) or _is_read(source, name, source.parents[name])
        for name in source.names.references(scope, name)
    )


def _is_read(source: Source, name: ast.Name, parent: ast.AST) -> bool:
    match parent:
        case ast.For(iter=used) | ast.comprehension(iter=used) if used is name:
            return True
        case ast.Subscript(ctx=ast.Load()) | ast.Compare() | ast.If() | ast.While() | ast.BoolOp():
            return True
        case ast.Call():
            return source.is_builtin(parent.func, "len", "sorted", "set", "list", "tuple", "sum")
        case _:
            return False


def _bound(source: Source, binding: ast.AST, depth: int) -> Kind:
    """The kind that one binding gives to its name."""
    parent = source.parents.get(binding)
    match parent:
        case ast.arguments():
            return _parameter(source, parent, binding, depth)
        case ast.Assign(targets=[ast.Name()], value=value):
            return kind_of(source, value, depth)
        case ast.AnnAssign(value=ast.expr() as value):
            return kind_of(source, value, depth)
        case ast.For(target=target, iter=iterable) | ast.comprehension(
            target=target, iter=iterable
        ):
            return item_of(source, iterable, depth) if target is binding else UNKNOWN
        case ast.Tuple(elts=[first, *_]) if first is binding:
            return _first_of_pair(source, parent)
        case _:
            return UNKNOWN


def _first_of_pair(source: Source, pair: ast.AST) -> Kind:
    parent = source.parents.get(pair)
    if isinstance(parent, (ast.For, ast.comprehension)) and parent.target is pair:
        return Kind("int") if source.calls_builtin(parent.iter, "enumerate") else UNKNOWN
    return UNKNOWN


def _parameter(source: Source, arguments: ast.arguments, argument: ast.AST, depth: int) -> Kind:
    assert isinstance(argument, ast.arg)  # noqa: S101 - the parent is a list of parameters
    if argument is arguments.vararg:
        return Kind("tuple")
    if argument is arguments.kwarg:
        return Kind("dict", Kind("str"))
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    defaults.update(
        (name, value)
        for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value is not None
    )
    stated = annotated(source, argument.annotation)
    default = defaults.get(argument)
    if default is not None and kind_of(source, default, depth).name != stated.name:
        return UNKNOWN
    return stated


def annotated(source: Source, annotation: ast.expr | None) -> Kind:
    """The kind an annotation states, if it is a builtin type or a list, set or tuple of one."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        text = annotation.value
        return Kind(text) if text in _PLAIN else UNKNOWN
    if isinstance(annotation, ast.Name) and source.is_builtin(annotation, *_PLAIN):
        return Kind(annotation.id)
    if isinstance(annotation, ast.Subscript) and source.is_builtin(annotation.value, *_PLAIN):
        assert isinstance(annotation.value, ast.Name)  # noqa: S101 - is_builtin says so
        first = (
            annotation.slice.elts[0]
            if isinstance(annotation.slice, ast.Tuple)
            else annotation.slice
        )
        item = annotated(source, first) if annotation.value.id != "tuple" else UNKNOWN
        return Kind(annotation.value.id, item if item.name else None)
    return UNKNOWN


def common(kinds: list[Kind]) -> Kind:
    """The one kind that all are, without the item's kind where that differs."""
    if not kinds or len({kind.name for kind in kinds}) != 1:
        return UNKNOWN
    items = {kind.item for kind in kinds}
    return kinds[0] if len(items) == 1 else Kind(kinds[0].name)


_HANDLERS: dict[type[ast.AST], Callable[[Source, ast.AST, int], Kind]] = {
    ast.Constant: _constant,
    ast.JoinedStr: _joined,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.IfExp: _conditional,
    ast.BinOp: _binary,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Name: _name,
}
