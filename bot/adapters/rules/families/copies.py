"""Containers copied or filled element by element where one operation does it."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.kinds import IMMUTABLE, kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_COPIED = frozenset({"list", "tuple", "str", "bytes", "range", "dict", "set", "frozenset", "keys"})


_LAZY = ("enumerate", "zip", "map", "filter", "reversed", "sorted", "range", "iter")


def _find_copy(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.ListComp):
        items = _copied(node)
        if items is not None and _iterates_simply(source, items):
            new = f"list({source.segment(items)})"
            if source.reaches_builtin(node, "list"):
                edit = replaced(source, node, new)
                yield Match(node, (edit,), "the elements are copied one by one")


def _copied(node: ast.ListComp) -> ast.expr | None:
    generator = node.generators[0]
    if len(node.generators) > 1 or generator.ifs or generator.is_async:
        return None
    same = isinstance(node.elt, ast.Name) and isinstance(generator.target, ast.Name)
    return (
        generator.iter if same and ast.dump(node.elt) == ast.dump(_load(generator.target)) else None
    )


def _load(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target


def _iterates_simply(source: Source, items: ast.expr) -> bool:
    """A builtin container or iterator: list() asks it for nothing more than the loop did."""
    return kind_of(source, items).name in _COPIED or source.calls_builtin(items, *_LAZY)


def _find_repeat(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.ListComp):
        count = _repeated(source, node)
        if count is not None:
            text = source.segment(count)
            text = text if isinstance(count, (ast.Name, ast.Call, ast.Constant)) else f"({text})"
            new = replaced(source, node, f"[{source.segment(node.elt)}] * {text}")
            if not isinstance(source.parents[node], (ast.BinOp, ast.Subscript, ast.Attribute)):
                yield Match(node, (new,), "a list of one constant is filled element by element")


def _repeated(source: Source, node: ast.ListComp) -> ast.expr | None:
    """The proved number of elements of `[constant for _ in range(number)]`."""
    generator = node.generators[0]
    if len(node.generators) > 1 or generator.ifs or not isinstance(generator.target, ast.Name):
        return None
    number = node.elt.operand if isinstance(node.elt, ast.UnaryOp) else node.elt
    if not isinstance(number, ast.Constant):
        return None
    call = generator.iter
    if not isinstance(call, ast.Call) or not source.is_builtin(call.func, "range"):
        return None
    if len(call.args) != 1 or kind_of(source, call.args[0]).name != "int":
        return None
    return call.args[0]


def _find_deepcopy(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        if source.imported(call.func) not in ("copy.deepcopy", "copy.copy"):
            continue
        value = call.args[0] if len(call.args) == 1 and not call.keywords else None
        simple = isinstance(value, (ast.Name, ast.Constant, ast.Call, ast.Subscript))
        if value is not None and simple and kind_of(source, value).name in IMMUTABLE:
            new = replaced(source, call, source.segment(value))
            yield Match(call, (new,), "an immutable value is copied")


COPY = Rule(
    information(
        "copy-by-comprehension",
        "Copy a container by list(), not element by element",
        Severity.LOW,
        why="list() copies in C, and knows the length beforehand.",
        measured="2.8x at n = 1, 7.5x at n = 1,000",
        conditions=(
            "the comprehension has no condition and changes no element",
            "what it reads is proved to be a builtin container or iterator",
            "nobody binds the name list",
        ),
        risk="None known for builtin containers.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = [x for x in xs]",
            after="result = list(xs)",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_copy,
)


REPEAT = Rule(
    information(
        "constant-list-by-loop",
        "Repeat a constant by multiplication",
        Severity.MEDIUM,
        why="`[0] * n` allocates once and fills the list in C.",
        measured="3.1x at n = 1, 23x at n = 1,000",
        conditions=(
            "the element is a literal, so sharing it cannot be seen",
            "the number is proved to be an int, so that * repeats",
        ),
        risk="None known: a negative number gives an empty list both ways.",
        proof=Proof(
            setup="",
            before="result = [0 for _ in range(n)]",
            after="result = [0] * n",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_repeat,
)


DEEPCOPY = Rule(
    information(
        "copy-of-immutable",
        "Use the immutable value itself",
        Severity.LOW,
        why="Copying a str or a number gives the same object after several Python calls.",
        measured="28x at n = 1, 28x at n = 10,000",
        conditions=("the value is proved to be str, bytes, int, float, bool or None",),
        risk="None known: copy returns the same object.",
        proof=Proof(
            setup="import copy\ntext = 'x' * n",
            before="result = copy.deepcopy(text)",
            after="result = text",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_deepcopy,
)

RULES = (
    REPEAT,
    COPY,
    DEEPCOPY,
)
