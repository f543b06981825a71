"""Ways to look faster than one is: answers known beforehand, and answers kept from the last time.

Known from published accounts of programs that were rewarded for a benchmark: they answer its
inputs by heart, remember them between calls, or notice that they are watched.
"""

import ast
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from bot.domain.gate.module import Function, Module, last_name, parameters

_TRIVIAL_NUMBERS = 2
"""Comparisons with numbers up to this are how recursions and loops begin and end."""
_DIGESTS = frozenset({"hash", "id", "repr", "str", "ascii", "format", "crc32", "adler32", "sha256"})
_CHANGING = """
    add append appendleft extend insert pop popitem popleft remove clear update setdefault
    discard __setitem__ move_to_end sort reverse
"""
_GROWS = frozenset(_CHANGING.split())
_CACHES = frozenset({"cache", "lru_cache", "cached_property"})
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MAKES_MUTABLE = frozenset({"list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter"})


def refusals(old: Module, new: Module, qualname: str) -> Iterator[tuple[str, str]]:
    """Of one function, with what it calls in its module."""
    reached = new.reached(qualname)
    known = _constants(old.tree)
    for name, function in reached.items():
        yield from _special_cases(function, known, _tables(new, function))
        yield from _remembers(old, new, qualname, name, function)


# Answers known beforehand


def _special_cases(
    function: Function, known: Collection[str], tables: dict[str, ast.Dict]
) -> Iterator[tuple[str, str]]:
    inputs = _derived(function)
    for node in ast.walk(function):
        for test, answers in _branches(node):
            if _asks_for(test, inputs, known) and _is_by_heart(answers, known, tables, inputs):
                shown = ast.unparse(test)[:80]
                yield "special-cases-inputs", f"one input is answered by heart: `{shown}`"
            if _compares_digest(test, inputs, known):
                shown = ast.unparse(test)[:80]
                yield "special-cases-inputs", f"inputs are told apart by a digest: `{shown}`"
        if _looks_up(node, inputs, known, tables):
            shown = ast.unparse(node)[:80]
            yield "special-cases-inputs", f"answers stand in a table: `{shown}`"


def _derived(function: Function) -> frozenset[str]:
    """The parameters, and names that are set from them alone in one plain step."""
    found = set(parameters(function)) - {"self", "cls"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            used = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            target = node.targets[0]
            if isinstance(target, ast.Name) and used & found and not _has_loop(node.value):
                found.add(target.id)
    return frozenset(found)


def _has_loop(node: ast.AST) -> bool:
    loops = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return any(isinstance(part, loops) for part in ast.walk(node))


def _branches(node: ast.AST) -> Iterator[tuple[ast.expr, list[ast.expr | None]]]:
    """Conditions with what is returned at once where they hold."""
    if isinstance(node, ast.If):
        returned = [one.value for one in node.body if isinstance(one, ast.Return)]
        yielded = [
            one.value.value
            for one in node.body
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Yield)
        ]
        yield node.test, [*returned, *yielded]
    elif isinstance(node, ast.IfExp):
        yield node.test, [node.body]
    elif isinstance(node, ast.Match):
        for case in node.cases:
            returned = [one.value for one in case.body if isinstance(one, ast.Return)]
            for value in _literals(case.pattern):
                yield ast.Compare(node.subject, [ast.Eq()], [value]), list(returned)


def _literals(pattern: ast.pattern) -> Iterator[ast.expr]:
    for part in ast.walk(pattern):
        if isinstance(part, ast.MatchValue):
            yield part.value


def _asks_for(test: ast.expr, inputs: Collection[str], known: Collection[str]) -> bool:
    """Whether it compares something of the input with a constant that tells one input."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and _is_equality(node):
            sides = [node.left, *node.comparators]
            if any(_uses(side, inputs) for side in sides) and any(
                _is_telling(side, known) for side in sides
            ):
                return True
    return False


def _is_equality(node: ast.Compare) -> bool:
    return any(isinstance(op, ast.Eq | ast.In | ast.Is) for op in node.ops)


def _compares_digest(test: ast.expr, inputs: Collection[str], known: Collection[str]) -> bool:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and _is_equality(node):
            sides = [node.left, *node.comparators]
            digests = [
                call
                for side in sides
                for call in ast.walk(side)
                if isinstance(call, ast.Call)
                and last_name(call.func) in _DIGESTS
                and any(_uses(argument, inputs) for argument in call.args)
            ]
            if digests and any(_is_telling(side, known) for side in sides):
                return True
    return False


def _uses(node: ast.AST, inputs: Collection[str]) -> bool:
    return any(isinstance(part, ast.Name) and part.id in inputs for part in ast.walk(node))


def _is_telling(node: ast.expr, known: Collection[str]) -> bool:
    """A literal that the code before does not hold, and that is no usual beginning or end."""
    if not _is_literal(node):
        return False
    return any(
        not _is_trivial(part.value) and _key(part.value) not in known
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
    )


def _is_literal(node: ast.AST) -> bool:
    allowed = (
        ast.Constant,
        ast.Tuple,
        ast.List,
        ast.Set,
        ast.Dict,
        ast.UnaryOp,
        ast.USub,
        ast.UAdd,
        ast.Load,
    )
    return all(isinstance(part, allowed) for part in ast.walk(node))


def _is_trivial(value: Any) -> bool:
    if isinstance(value, bool) or value is None or value is ...:
        return True
    if isinstance(value, int | float):
        return abs(value) <= _TRIVIAL_NUMBERS
    return not value


def _is_by_heart(
    answers: Iterable[ast.expr | None],
    known: Collection[str],
    tables: dict[str, ast.Dict],
    inputs: Collection[str],
) -> bool:
    """Whether something that is returned is a literal, or stands in a table of literals."""
    for answer in answers:
        if answer is None:
            continue
        if _is_literal(answer):
            return True
        if _looks_up(answer, inputs, known, tables):
            return True
        made = isinstance(answer, ast.Call) and last_name(answer.func) in {*_MAKES_MUTABLE, "tuple"}
        if made and all(_is_literal(one) for one in getattr(answer, "args", [])):
            return True
    return False


def _tables(module: Module, function: Function) -> dict[str, ast.Dict]:
    """Names that stand for a dictionary of literals."""
    found: dict[str, ast.Dict] = {}
    for statement in [*module.others, *ast.walk(function)]:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(
            statement.value, ast.Dict
        ):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if statement.value.keys and _is_literal(statement.value):
                found |= {t.id: statement.value for t in targets if isinstance(t, ast.Name)}
    return found


def _looks_up(
    node: ast.AST | None,
    inputs: Collection[str],
    known: Collection[str],
    tables: dict[str, ast.Dict],
) -> bool:
    """Whether whole inputs are keys of a table whose answers the code before does not hold."""
    table: ast.expr | None = None
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        table, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_asked = node.func.attr in ("get", "pop", "setdefault") and node.args
        table, key = (node.func.value, node.args[0]) if is_asked else (None, None)
    if table is None or key is None or not _is_whole_input(key, inputs):
        return False
    literal = table if isinstance(table, ast.Dict) else tables.get(last_name(table))
    if literal is None or not _is_literal(literal):
        return False
    keys = [one for one in literal.keys if one is not None]
    is_new = [_is_telling(one, known) for one in [*keys, *literal.values]]
    return sum(is_new) > len(is_new) / 2


def _is_whole_input(node: ast.expr, inputs: Collection[str]) -> bool:
    if isinstance(node, ast.Tuple):
        return bool(node.elts) and all(_is_whole_input(one, inputs) for one in node.elts)
    if isinstance(node, ast.Call) and last_name(node.func) in {
        *_DIGESTS,
        "tuple",
        "frozenset",
        "len",
    }:
        return bool(node.args) and _is_whole_input(node.args[0], inputs)
    return isinstance(node, ast.Name) and node.id in inputs


def _constants(tree: ast.AST) -> frozenset[str]:
    return frozenset(_key(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant))


def _key(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


# Answers kept from the last time


def _remembers(
    old: Module, new: Module, qualname: str, name: str, function: Function
) -> Iterator[tuple[str, str]]:
    before = old.functions.get(name)
    added = _cache_decorators(function) - (_cache_decorators(before) if before else 0)
    if added > 0:
        why = _why_not_cached(old.functions[qualname], function)
        if why:
            yield "caches-across-calls", f"`{name}` {why}"
    known = _writes(before, old) if before is not None else set()
    for target in sorted(_writes(function, new) - known):
        yield "caches-across-calls", f"`{target}` outlives the call and is changed by it"


def _cache_decorators(function: Function) -> int:
    names = (
        last_name(one.func if isinstance(one, ast.Call) else one) for one in function.decorator_list
    )
    return sum(name in _CACHES for name in names)


def _why_not_cached(before: Function, after: Function) -> str:
    """A memo is right for a recursion that branches, and for nothing else that is called anew."""
    if not _is_recursive(before):
        return "remembers its answers between calls, and was no recursion"
    if {"self", "cls"} & parameters(after):
        return "keeps every object alive that it was called on"
    if any(_makes_mutable(one) for one in _returned(after)):
        return "would give all callers one and the same object that can be changed"
    return ""


def _is_recursive(function: Function) -> bool:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(last_name(call.func) == function.name for call in calls)


def _returned(function: Function) -> list[ast.expr]:
    returns = (node for node in ast.walk(function) if isinstance(node, ast.Return))
    return [one.value for one in returns if one.value is not None]


def _makes_mutable(node: ast.expr) -> bool:
    if isinstance(node, _MUTABLE):
        return True
    if isinstance(node, ast.BinOp):
        return _makes_mutable(node.left) or _makes_mutable(node.right)
    return isinstance(node, ast.Call) and last_name(node.func) in _MAKES_MUTABLE


def _writes(function: Function, module: Module) -> set[str]:
    """What outlives a call and is changed in it: of the module, of functions, of defaults."""
    outer = (module.names | set(_defaults(function))) - _local(function)
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            found |= set(node.names)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(
            node.ctx, ast.Store | ast.Del
        ):
            found |= {_root(node)} & outer
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= {_root(node.func.value)} & outer if node.func.attr in _GROWS else set()
    return found


def _defaults(function: Function) -> Iterator[str]:
    """Parameters whose default is an object that can be changed."""
    a = function.args
    places = [*a.posonlyargs, *a.args]
    pairs = [*zip(places[len(places) - len(a.defaults) :], a.defaults, strict=True)]
    pairs += [(p, d) for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None]
    for parameter, default in pairs:
        if _makes_mutable(default):
            yield parameter.arg


def _local(function: Function) -> set[str]:
    """Names that the function itself binds; a mutable default is bound once for all calls."""
    stores = (
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    plain = parameters(function) - set(_defaults(function))
    declared = {
        n for node in ast.walk(function) if isinstance(node, ast.Global) for n in node.names
    }
    return (set(stores) | plain) - declared


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
