"""Sums and powers computed in more steps than needed."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import local_scope
from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.kinds import item_of, kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_sum(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        if not source.is_builtin(call.func, "sum") or len(call.args) != 2 or call.keywords:
            continue
        lists, start = call.args
        if not isinstance(start, ast.List) or start.elts or not _gives_lists(source, lists):
            continue
        if not source.reaches_builtin(call, "list"):
            continue
        found = import_from(source, call, "itertools", "chain")
        if found is not None:
            name, edit = found
            text = source.segment(lists)
            inner = (
                text
                if text.startswith("(") and isinstance(lists, ast.GeneratorExp)
                else f"({text})"
            )
            new = replaced(source, call, f"list({name}.from_iterable{inner})")
            edits = (new,) if edit is None else (new, edit)
            yield Match(call, edits, "the list built so far is copied for each further list")


def _gives_lists(source: Source, node: ast.expr) -> bool:
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return _is_list(source, node.elt)
    return item_of(source, node).name == "list"


def _is_list(source: Source, node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return isinstance(node.left, ast.List) or isinstance(node.right, ast.List)
    return kind_of(source, node).name == "list"


def _find_prefix(source: Source) -> Iterator[Match]:
    """`[sum(xs[:i]) for i in range(len(xs) + 1)]` whose sums serve as whole numbers."""
    for node in source.hot_nodes(ast.ListComp):
        name = _prefix_sums(source, node)
        found = import_from(source, node, "itertools", "accumulate") if name else None
        if found is not None and _serves_as_int(source, node):
            called, edit = found
            new = replaced(source, node, f"list({called}({name}, initial=0))")
            edits = (new,) if edit is None else (new, edit)
            yield Match(node, edits, "every prefix is summed up from its beginning")


def _prefix_sums(source: Source, node: ast.ListComp) -> str:
    match node:
        case ast.ListComp(
            ast.Call(
                ast.Name("sum") as function,
                [ast.Subscript(ast.Name(xs), ast.Slice(lower, ast.Name(i), None))],
                [],
            ),
            [
                ast.comprehension(
                    ast.Name(target), ast.Call(ast.Name("range") as over, [stop], []), [], 0
                )
            ],
        ) if (
            target == i and ast.unparse(stop) == f"len({xs}) + 1"
        ):
            whole = lower is None or ast.unparse(lower) == "0"
            builtin = source.is_builtin(function, "sum") and source.is_builtin(over, "range")
            return xs if whole and builtin else ""
        case _:
            return ""


def _serves_as_int(source: Source, node: ast.ListComp) -> bool:
    """Sums of floats may differ in the last digit; what range() takes are ints."""
    statement = source.parents[node]
    match statement:
        case ast.Assign([ast.Name() as name]):
            scope = local_scope(source, name)
        case _:
            return False
    return scope is not None and any(
        isinstance(source.parents[one], ast.Subscript)
        and source.calls_builtin(source.parents[source.parents[one]], "range")
        for one in source.names.references(scope, name.id)
    )


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
        if not source.reaches_builtin(node, "pow") or not _not_zero(source, modulus):
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


SUM = Rule(
    information(
        "sum-of-lists",
        "Chain lists instead of summing them",
        Severity.HIGH,
        why="sum(lists, []) copies everything gathered so far for each further list.",
        measured="0.41x at n = 1, 77x at n = 2,000",
        conditions=("the start is an empty list literal", "each summand is proved to be a list"),
        risk="None known for lists.",
        proof=Proof(
            setup="from itertools import chain\nlists = [[x, x] for x in range(n)]",
            before="result = sum(lists, [])",
            after="result = list(chain.from_iterable(lists))",
            sizes=(1, 100, 2000),
            covers=False,
        ),
    ),
    _find_sum,
)


PREFIX = Rule(
    information(
        "prefix-summed-again",
        "Accumulate prefix sums in one pass",
        Severity.HIGH,
        why="Summing every prefix from its beginning takes quadratic time.",
        measured="1.64x at n = 1, 161x at n = 1,000",
        conditions=(
            "the comprehension sums xs[:i] for i in range(len(xs) + 1)",
            "the sums are handed to range(), so they are ints and exact",
        ),
        risk="None known for ints.",
        proof=Proof(
            setup="from itertools import accumulate\nxs = list(range(n))",
            before="result = [sum(xs[:i]) for i in range(len(xs) + 1)]",
            after="result = list(accumulate(xs, initial=0))",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_prefix,
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

RULES = (
    SUM,
    PREFIX,
    POWER,
)
