"""Work repeated with the same input: in a loop, in a recursion, or digit by digit."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import is_fresh, local_scope, names_in, stored
from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.kind import HASHABLE
from bot.adapters.rules.kinds import IMMUTABLE, annotated, item_of, kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_MOST = 40


def _find_recursion(source: Source) -> Iterator[Match]:
    """A pure function of ints that calls itself twice on smaller ones."""
    for function in source.of_type(ast.FunctionDef):
        if function.decorator_list or not isinstance(source.parents[function], ast.Module):
            continue
        calls = [node for node in ast.walk(function) if _calls(node, function.name)]
        if (
            len(calls) < 2
            or not _takes_ints(source, function)
            or not _is_arithmetic(source, function)
        ):
            continue
        if source.names.module.bindings.get(function.name) != [function]:
            continue
        found = import_from(source, function, "functools", "lru_cache")
        if found is not None and source.owns_lines(function):
            name, edit = found
            start = source.line_start(source.line_of(source.start(function)))
            decorator = Edit(start, start, f"@{name}(maxsize=4096)\n")
            if edit is not None and edit.start == start:
                decorator, edit = Edit(start, start, edit.text + decorator.text), None
            edits = (decorator,) if edit is None else (edit, decorator)
            yield Match(function, edits, "the same values are computed again and again")


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _takes_ints(source: Source, function: ast.FunctionDef) -> bool:
    arguments = function.args
    plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
    parameters = [*arguments.posonlyargs, *arguments.args]
    return (
        plain
        and 0 < len(parameters) < 4
        and all(annotated(source, parameter.annotation).name == "int" for parameter in parameters)
    )


_ARITHMETIC = (
    ast.Return, ast.If, ast.Assign, ast.Name, ast.Constant, ast.BinOp, ast.Compare, ast.BoolOp,
    ast.UnaryOp, ast.IfExp, ast.Call, ast.operator, ast.cmpop, ast.boolop, ast.unaryop,
    ast.expr_context, ast.Expr,
)  # fmt: skip


def _is_arithmetic(source: Source, function: ast.FunctionDef) -> bool:
    """Nothing but arithmetic on its own names, and calls of itself: pure, and immutable results."""
    names = {parameter.arg for parameter in function.args.args} | stored(function)
    for statement in function.body:
        for node in ast.walk(statement):
            if not isinstance(node, _ARITHMETIC) or isinstance(node, ast.MatMult):
                return False
            if isinstance(node, ast.Call) and not (
                _calls(node, function.name) or source.is_builtin(node.func, "min", "max", "abs")
            ):
                return False
            local = not isinstance(node, ast.Name) or node.id in {*names, function.name}
            if not local and not source.is_builtin(node, "min", "max", "abs"):
                return False
            if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
                return False
    return True


def _find_power(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.BinOp):
        match node:
            case ast.BinOp(ast.BinOp(base, ast.Pow(), exponent), ast.Mod(), modulus):
                pass
            case _:
                continue
        parts = (base, exponent, modulus)
        if not all(kind_of(source, part).name == "int" for part in parts):
            continue
        if not _is_free(source, node, "pow") or not _not_zero(source, modulus):
            continue
        if _not_negative(source, exponent):
            text = ", ".join(source.segment(part) for part in parts)
            new = replaced(source, node, f"pow({text})")
            yield Match(node, (new,), "the whole power is computed before its remainder")


def _not_zero(source: Source, node: ast.expr) -> bool:
    """A literal, or a name bound once, to a literal: for 0 the two raise different errors."""
    if isinstance(node, ast.Name):
        scope = source.names.resolve(node)
        bindings = scope.bindings[node.id] if scope is not None else []
        parent = source.parents.get(bindings[0]) if len(bindings) == 1 else None
        return isinstance(parent, ast.Assign) and _not_zero(source, parent.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _not_zero(source, node.left) and _not_zero(source, node.right)
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value > 0


def _not_negative(source: Source, node: ast.expr) -> bool:
    """A literal, a length, or a counter over range(stop)."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int and node.value >= 0
    if isinstance(node, ast.Call):
        return source.is_builtin(node.func, "len", "ord", "abs")
    if not isinstance(node, ast.Name):
        return False
    scope = local_scope(source, node)
    bindings = scope.bindings[node.id] if scope is not None else []
    if bindings and all(isinstance(one, ast.arg) for one in bindings):
        return _checked(source, node)
    return bool(bindings) and all(_counts(source, one) for one in bindings)


def _checked(source: Source, name: ast.Name) -> bool:
    """Whether the function refuses a negative value at its beginning."""
    function = source.function(name)
    for statement in function.body if function is not None else ():
        match statement:
            case ast.If(ast.Compare(ast.Name(tested), [ast.Lt()], [ast.Constant(0)]), [*_, last]):
                if tested == name.id and isinstance(last, (ast.Raise, ast.Return)):
                    return True
            case _:
                continue
    return False


def _counts(source: Source, binding: ast.AST) -> bool:
    parent = source.parents.get(binding)
    iterable = parent.iter if isinstance(parent, (ast.For, ast.comprehension)) else None
    if not isinstance(iterable, ast.Call) or not source.is_builtin(iterable.func, "range"):
        return False
    return len(iterable.args) == 1 or (
        len(iterable.args) == 2 and _not_negative(source, iterable.args[0])
    )


def _is_free(source: Source, node: ast.AST, name: str) -> bool:
    scope = source.names.of_node[node]
    return not source.names.star_import and source.names.lookup(name, scope) is None


def _find_membership(source: Source) -> Iterator[Match]:
    """`x in xs` in a loop, where xs is a local list of plain values that the loop leaves alone."""
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        name, loop = node.comparators[0], _outermost(source, node)
        if not isinstance(name, ast.Name) or loop is None or not source.owns_lines(loop):
            continue
        if kind_of(source, name).name != "list" or not item_of(source, name).hashable:
            continue
        if kind_of(source, node.left).name not in HASHABLE or not _left_alone(source, name, loop):
            continue
        start = source.line_start(source.line_of(source.start(loop)))
        fresh = _unused(source, loop, f"{name.id}_set")
        if fresh is None or not _is_free(source, node, "set"):
            continue
        line = f"{source.indentation(loop)}{fresh} = set({name.id})\n"
        edits = (Edit(start, start, line), replaced(source, name, fresh))
        yield Match(node, edits, "each test walks the list again")


def _outermost(source: Source, node: ast.AST) -> ast.For | ast.While | None:
    loops = list(source.loops(node))
    return loops[-1] if loops else None


def _left_alone(source: Source, name: ast.Name, loop: ast.For | ast.While) -> bool:
    """One assignment before the loop; after it the list is only read."""
    scope = local_scope(source, name)
    if scope is None or len(scope.bindings[name.id]) != 1:
        return False
    binding = scope.bindings[name.id][0]
    if binding in set(ast.walk(loop)):
        return False
    if not is_fresh(source, binding) and not _calls_only_builtins(source, loop):
        return False
    for one in source.names.references(scope, name.id):
        parent = source.parents[one]
        reads = (ast.Compare, ast.For, ast.comprehension)
        if isinstance(one.ctx, ast.Load) and not (
            isinstance(parent, reads)
            or (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load))
            or (isinstance(parent, ast.Call) and source.is_builtin(parent.func, "len", "sorted"))
        ):
            return False
    return True


def _calls_only_builtins(source: Source, loop: ast.For | ast.While) -> bool:
    """Whether nothing in the loop can reach the list by another name."""
    return all(
        source.is_builtin(node.func, "len", "print", "str", "int", "range", "enumerate", "sorted")
        or (isinstance(node.func, ast.Attribute) and bool(kind_of(source, node.func.value).name))
        for node in ast.walk(loop)
        if isinstance(node, ast.Call)
    )


def _unused(source: Source, node: ast.AST, name: str) -> str | None:
    function = source.function(node)
    taken = {one.id for one in names_in(function)} if function is not None else set()
    return name if name not in taken and len(name) < _MOST else None


def _find_seen(source: Source) -> Iterator[Match]:
    """`seen = []`, `if x not in seen: seen.append(x)`: only membership is ever asked."""
    for statement in source.hot_nodes(ast.Assign):
        match statement:
            case ast.Assign([ast.Name() as name], ast.List([])):
                pass
            case _:
                continue
        scope = local_scope(source, name)
        if scope is None or len(scope.bindings[name.id]) != 1:
            continue
        uses = [one for one in source.names.references(scope, name.id) if one is not name]
        appends = [use for use in (_appended(source, one) for one in uses) if use is not None]
        tests = [use for use in (_tested(source, one) for one in uses) if use is not None]
        if not tests or not appends or len(tests) + len(appends) != len(uses):
            continue
        values = [*(call.args[0] for call in appends), *(test.left for test in tests)]
        kinds = {kind_of(source, value).name for value in values}
        looped = any(True for test in tests for _ in source.loops(test))
        if (
            len(kinds) != 1
            or not kinds <= IMMUTABLE
            or not looped
            or not _is_free(source, name, "set")
        ):
            continue
        edits = [replaced(source, statement.value, "set()")]
        for call in appends:
            function = call.func
            end = source.end(function)
            edits.append(Edit(end - len("append"), end, "add"))
        yield Match(statement, tuple(edits), "each test walks the list of what was seen")


def _appended(source: Source, name: ast.Name) -> ast.Call | None:
    attribute = source.parents[name]
    call = source.parents[attribute]
    if not isinstance(attribute, ast.Attribute) or attribute.attr != "append":
        return None
    alone = isinstance(call, ast.Call) and isinstance(source.parents[call], ast.Expr)
    return call if alone and isinstance(call, ast.Call) and len(call.args) == 1 else None


def _tested(source: Source, name: ast.Name) -> ast.Compare | None:
    parent = source.parents[name]
    if not isinstance(parent, ast.Compare) or len(parent.ops) != 1:
        return None
    member = isinstance(parent.ops[0], (ast.In, ast.NotIn)) and parent.comparators[0] is name
    return parent if member else None


RECURSION = Rule(
    information(
        "recursion-recomputed",
        "Remember the results of a pure recursion",
        Severity.HIGH,
        why="A function that calls itself twice computes the same values exponentially often.",
        measured="0.06x at n = 2, 45x at n = 18",
        conditions=(
            "a function of the module with one to three parameters annotated int, no default",
            "its body is arithmetic and calls of itself, so it is pure and returns numbers",
            "it calls itself at least twice and has no decorator",
        ),
        risk="The cache keeps up to 4,096 results alive; the depth of recursion stays what it was.",
        proof=Proof(
            setup=(
                "from functools import lru_cache\n"
                "def plain(k):\n    return k if k < 2 else plain(k - 1) + plain(k - 2)\n"
                "def kept(n):\n    @lru_cache(maxsize=4096)\n    def f(k):\n"
                "        return k if k < 2 else f(k - 1) + f(k - 2)\n    return f(n)"
            ),
            before="result = plain(n)",
            after="result = kept(n)",
            sizes=(2, 12, 18),
            covers=False,
        ),
    ),
    _find_recursion,
)

POWER = Rule(
    information(
        "power-then-modulo",
        "Take the remainder while computing the power",
        Severity.HIGH,
        why="`a ** b % m` builds a number of b times the digits; pow(a, b, m) stays below m * m.",
        measured="0.71x at n = 10, 872x at n = 30,000",
        conditions=(
            "all three are proved to be int",
            "the exponent is a literal, a length, a count or tested not to be negative",
            "the modulus is a positive literal, or a name for one",
        ),
        risk="None known for ints.",
        proof=Proof(
            setup="a, b, m = 7, n, 1_000_003",
            before="result = a ** b % m",
            after="result = pow(a, b, m)",
            sizes=(10, 1000, 30_000),
            covers=False,
        ),
    ),
    _find_power,
)

MEMBERSHIP = Rule(
    information(
        "list-searched-in-loop",
        "Make a set of the list once, before the loop",
        Severity.HIGH,
        why="`in` walks a list from its beginning at every turn of the loop.",
        measured="0.69x at n = 1, 189x at n = 2,000",
        conditions=(
            "the list is made by one assignment and then only read",
            "nothing called in the loop could change it by another name",
            "its elements and what is searched are proved to be of plain, hashable types",
        ),
        risk="A second container in memory while the loop runs.",
        proof=Proof(
            setup="xs = [str(x) for x in range(n)]\nwanted = xs[::2] + ['none']",
            before="result = 0\nfor x in wanted:\n    if x in xs:\n        result += 1",
            after=(
                "result = 0\nxs_set = set(xs)\n"
                "for x in wanted:\n    if x in xs_set:\n        result += 1"
            ),
            sizes=(1, 100, 2000),
            covers=False,
        ),
    ),
    _find_membership,
)

SEEN = Rule(
    information(
        "seen-as-list",
        "Keep what was seen in a set",
        Severity.HIGH,
        why="Each `not in` walks the whole list, so the loop takes quadratic time.",
        measured="1.13x at n = 3, 183x at n = 1,000",
        conditions=(
            "the list is only tested by `in` and appended to",
            "every value is proved to be of one plain, hashable type",
        ),
        risk="None known for plain values.",
        proof=Proof(
            setup="words = [str(x) for x in range(n)] * 2",
            before=(
                "seen = []\nfor w in words:\n    if w not in seen:\n        seen.append(w)\n"
                "result = len(seen)"
            ),
            after=(
                "seen = set()\nfor w in words:\n    if w not in seen:\n        seen.add(w)\n"
                "result = len(seen)"
            ),
            sizes=(3, 100, 1000),
            covers=False,
        ),
    ),
    _find_seen,
)

RULES = (RECURSION, POWER, MEMBERSHIP, SEEN)
