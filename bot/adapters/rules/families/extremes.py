"""Everything sorted for one end of it."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import names_in
from bot.adapters.rules.kinds import item_of, kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_first(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.Subscript):
        call = node.value
        if not isinstance(call, ast.Call) or not source.is_builtin(call.func, "sorted"):
            continue
        if not isinstance(node.ctx, ast.Load) or len(call.args) != 1:
            continue
        text = _extreme(source, node, call)
        if text is not None:
            yield Match(node, (replaced(source, node, text),), "everything is sorted for one end")


def _extreme(source: Source, node: ast.Subscript, call: ast.Call) -> str | None:
    if isinstance(node.slice, ast.Slice) or any(one.arg != "key" for one in call.keywords):
        return None
    items = call.args[0]
    index = ast.unparse(node.slice)
    name = {"0": "min", "-1": "max"}.get(index)
    if name is None or not source.reaches_builtin(node, name):
        return None
    # of several largest, sorted()[-1] gives the last and max() the first
    alike = item_of(source, items).name in ("int", "str", "bytes") and not call.keywords
    if name == "max" and not alike:
        return None
    if name == "min" and not alike and not _totally_ordered(source, items, call):
        return None
    if not _known_filled(source, node, items):
        return None
    arguments = ", ".join(source.segment(one) for one in (*call.args, *call.keywords))
    return f"{name}({arguments})"


def _totally_ordered(source: Source, items: ast.expr, call: ast.Call) -> bool:
    """Keys that len() gives are ints, so the first smallest is the same either way."""
    key = call.keywords[0].value if call.keywords else None
    return key is not None and source.is_builtin(key, "len") and isinstance(items, ast.Name)


def _known_filled(source: Source, node: ast.AST, items: ast.expr) -> bool:
    """Whether a test around it, or the literal itself, shows that there is an element."""
    if isinstance(items, (ast.List, ast.Tuple, ast.Set)) and items.elts:
        return True
    if not isinstance(items, ast.Name):
        return False
    scope, child = source.names.resolve(items), node
    for parent in source.ancestors(node):
        if isinstance(parent, (ast.If, ast.IfExp)) and _says_filled(parent.test, items.id):
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            if child in body and scope is not None and not _changed(source, parent, items):
                return kind_of(source, items).name in ("list", "tuple", "set", "dict", "frozenset")
        child = parent
    return False


def _says_filled(test: ast.expr, name: str) -> bool:
    match test:
        case ast.Name(id=tested):
            return tested == name
        case ast.Compare(ast.Call(ast.Name("len"), [ast.Name(id=tested)]), [op], [ast.Constant(0)]):
            return tested == name and isinstance(op, (ast.Gt, ast.NotEq))
        case _:
            return False


def _changed(source: Source, container: ast.AST, items: ast.Name) -> bool:
    """Whether the code under the test may have emptied or rebound the container."""
    return any(name.id == items.id and not _harmless(source, name) for name in names_in(container))


def _harmless(source: Source, name: ast.Name) -> bool:
    parent = source.parents[name]
    if isinstance(parent, ast.Call):
        return source.is_builtin(parent.func, "len", "sorted", "min", "max", "sum", "list")
    reads = (ast.If, ast.IfExp, ast.For, ast.comprehension, ast.Compare)
    return isinstance(name.ctx, ast.Load) and isinstance(parent, reads)


FIRST = Rule(
    information(
        "sorted-for-one-end",
        "Take min or max, not the end of a sorted copy",
        Severity.MEDIUM,
        why="Sorting takes n log n steps and a copy; one end takes one pass.",
        measured="1.10x at n = 1, 3.8x at n = 10,000",
        conditions=(
            "a test around it shows that there is an element (the errors would differ)",
            "ties cannot be told apart: plain ints or strings, or the first one by len()",
            "no reverse",
        ),
        risk="On input that is sorted already sorting is as fast, or faster.",
        proof=Proof(
            setup="import random\nxs = [random.Random(7).random() for _ in range(1)] * n\n"
            "random.Random(7).shuffle(xs)\nxs = [(i * 7919) % (10 * n + 1) for i in range(n)]",
            before="result = sorted(xs)[0]",
            after="result = min(xs)",
            sizes=(1, 100, 10_000),
            covers=False,
        ),
    ),
    _find_first,
)

RULES = (FIRST,)
