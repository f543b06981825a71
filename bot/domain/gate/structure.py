"""What must stay as it is around the functions that are rewritten."""

import ast
from collections.abc import Iterator

from bot.domain.gate.module import Definition, Function, Module, dotted, last_name, same

_CACHES = frozenset({"cache", "lru_cache"})
_MAKES_CONSTANTS = frozenset(
    {
        "re.compile",
        "frozenset",
        "set",
        "tuple",
        "list",
        "dict",
        "range",
        "str.maketrans",
        "bytes.maketrans",
        "bytes",
        "itemgetter",
        "attrgetter",
        "methodcaller",
        "Struct",
        "object",
        "Decimal",
        "Fraction",
        "TypeVar",
        "dict.fromkeys",
        "MappingProxyType",
        "len",
        "min",
        "max",
        "sorted",
        "float",
        "int",
        "enumerate",
        "zip",
    }
)
_LARGEST_TABLE = 1_000


def refusals(old: Module, new: Module, functions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Missing and changed definitions, signatures, and what runs at import."""
    for qualname in functions:
        if qualname not in old.functions:
            yield "no-such-function", f"`{qualname}` is not in the code before"
        elif qualname not in new.functions:
            yield "signature", f"`{qualname}` is gone"
        else:
            yield from _signature(qualname, old.functions[qualname], new.functions[qualname])
    yield from _around(old, new, functions)
    yield from _imports(old, new)
    yield from _import_time(old, new)


def _signature(name: str, old: Function, new: Function) -> Iterator[tuple[str, str]]:
    if type(old) is not type(new):
        yield "signature", f"`{name}` is no longer {_kind(old)}"
    elif not same(old.args, new.args) or not same(old.returns, new.returns):
        yield "signature", f"`{name}` takes or promises something else"
    added = [one for one in new.decorator_list if not any(same(one, o) for o in old.decorator_list)]
    gone = [one for one in old.decorator_list if not any(same(one, n) for n in new.decorator_list)]
    strange = [one for one in added if _decorator(one) not in _CACHES]
    if gone or strange:
        named = ", ".join(ast.unparse(one) for one in [*gone, *strange])
        yield "decorators", f"those of `{name}` are others: {named}"


def _decorator(node: ast.expr) -> str:
    return last_name(node.func if isinstance(node, ast.Call) else node)


def _kind(function: Function) -> str:
    return "asynchronous" if isinstance(function, ast.AsyncFunctionDef) else "an ordinary function"


def _around(old: Module, new: Module, functions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Everything else is as it was, but for private helpers that only the rewrite uses."""
    for name, before in old.definitions.items():
        after = new.definitions.get(name)
        if name in functions or _holds(name, functions):
            if isinstance(before, ast.ClassDef) and not _same_shell(before, after):
                yield "changes-elsewhere", f"class `{name}` is another one"
            continue
        if after is None:
            if not _is_private(name) or _is_used(new, name):
                yield "changes-elsewhere", f"`{name}` is gone"
        elif not same(before, after):
            yield "changes-elsewhere", f"`{name}` is not what was to be rewritten"
    for name in new.definitions:
        if name not in old.definitions and not _is_private(name):
            yield "new-public-name", f"`{name}` is new, and not private"


def _holds(name: str, functions: tuple[str, ...]) -> bool:
    return any(one.startswith(f"{name}.") for one in functions)


def _same_shell(before: ast.ClassDef, after: Definition | None) -> bool:
    """A class without its methods: bases, decorators and attributes."""
    return isinstance(after, ast.ClassDef) and same(_shell(before), _shell(after))


def _shell(node: ast.ClassDef) -> ast.ClassDef:
    methods = (ast.FunctionDef, ast.AsyncFunctionDef)
    body: list[ast.stmt] = [one for one in node.body if not isinstance(one, methods)]
    parts = {name: getattr(node, name) for name in node._fields}
    return ast.ClassDef(**{**parts, "body": body})


def _is_private(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last.startswith("_") and not last.startswith("__")


def _is_used(module: Module, name: str) -> bool:
    last = name.rpartition(".")[2]
    return any(last_name(node) == last for node in ast.walk(module.tree))


def _imports(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    """A name that others import from here must not go: what was imported is public too."""
    gone = {name for name in old.names - new.names if not name.startswith("_")}
    used = {name for name in gone if name not in old.definitions}
    kept = {last_name(node) for node in ast.walk(new.tree)}
    missing = sorted(used & kept)
    if missing:
        yield "changes-elsewhere", f"`{missing[0]}` is used and no longer there"
    listed = _all(old), _all(new)
    if listed[0] != listed[1]:
        yield "changes-elsewhere", "`__all__` is another one"


def _all(module: Module) -> str:
    for statement in module.others:
        if isinstance(statement, ast.Assign) and dotted(statement.targets[0]) == "__all__":
            return ast.dump(statement.value)
    return ""


def _import_time(old: Module, new: Module) -> Iterator[tuple[str, str]]:
    """Every statement at the top is an old one, or binds a new private constant."""
    left = [ast.dump(one) for one in old.others]
    for statement in new.others:
        text = ast.dump(statement)
        if text in left:
            left.remove(text)
            continue
        if not _binds_constant(statement, old, new):
            yield "work-at-import", f"`{_shown(statement)}` is new at the top of the module"
    if left:
        yield "changes-elsewhere", "a statement at the top of the module is gone"
    for name, node in new.definitions.items():
        if name not in old.definitions and _runs_at_import(node, new):
            yield "work-at-import", f"`{name}` does something while it is defined"


def _binds_constant(statement: ast.stmt, old: Module, new: Module) -> bool:
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        return False
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) < len(targets) or any(name in old.names for name in names):
        return False
    return _is_constant(value, new)


def _is_constant(node: ast.expr, module: Module) -> bool:
    """Whether it is made of literals, and of calls that only put them together."""
    parts = list(ast.walk(node))
    loops = sum(isinstance(part, ast.comprehension) for part in parts)
    if len(parts) > 8 * _LARGEST_TABLE or loops > 1:
        return False
    runs = (ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    return not any(
        isinstance(part, runs)
        or (isinstance(part, ast.Call) and not _makes_constant(part, module))
        or (isinstance(part, ast.BinOp) and not _is_small(part))
        for part in parts
    )


def _is_small(node: ast.BinOp) -> bool:
    """Whether nothing large is made of little: no long repetition, no huge power."""
    if isinstance(node.op, ast.Pow | ast.LShift):
        # What a loop counts is bounded by its range.
        return isinstance(node.right, ast.Name) or _is_few(node.right)
    if isinstance(node.op, ast.Mult):
        sides = (node.left, node.right)
        repeats = [one for one in sides if isinstance(one, ast.List | ast.Tuple) or _is_text(one)]
        return not repeats or all(one in repeats or _is_few(one) for one in sides)
    return True


def _is_few(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int)
        and abs(node.value) <= _LARGEST_TABLE
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _makes_constant(call: ast.Call, module: Module) -> bool:
    name = module.full(call.func)
    if name == "range":
        return all(map(_is_few, call.args))
    if any(one.arg == "key" for one in call.keywords):
        # It would be called for each item.
        return False
    return name in _MAKES_CONSTANTS or name.rpartition(".")[2] in _MAKES_CONSTANTS


def _runs_at_import(node: Definition, module: Module) -> bool:
    """Whether defining it does more than that: defaults and class bodies are run at once."""
    if isinstance(node, ast.ClassDef):
        return bool(node.decorator_list) or not all(_only_defines(o, module) for o in node.body)
    defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
    strange = any(_decorator(one) not in _CACHES for one in node.decorator_list)
    return strange or not all(_is_constant(one, module) for one in defaults)


def _only_defines(statement: ast.stmt, module: Module) -> bool:
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return statement.value is None or _is_constant(statement.value, module)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass)


def _shown(statement: ast.stmt) -> str:
    text = ast.unparse(statement).splitlines()[0]
    return text if len(text) <= 60 else f"{text[:57]}..."
