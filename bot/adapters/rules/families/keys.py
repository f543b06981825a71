"""Key functions and callbacks written in Python where one in C exists."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_SORTERS = ("sorted", "min", "max")
_ONE_ARGUMENT = ("len", "str", "int", "float", "abs", "ord", "repr", "bool", "sum", "tuple", "set")


def _find_item(source: Source) -> Iterator[Match]:
    for function in source.hot_nodes(ast.Lambda):
        keyword = source.parents[function]
        if not isinstance(keyword, ast.keyword) or keyword.arg != "key":
            continue
        index = _index(function)
        if index is None or not _sorts(source, source.parents[keyword]):
            continue
        getter = import_from(source, function, "operator", "itemgetter")
        if getter is not None:
            name, edit = getter
            new = replaced(source, function, f"{name}({source.segment(index)})")
            edits: tuple[Edit, ...] = (new,) if edit is None else (new, edit)
            yield Match(function, edits, "the key is a Python call for each element")


def _index(function: ast.Lambda) -> ast.expr | None:
    """The constant of `lambda x: x[constant]`."""
    body, parameter = function.body, _parameter(function)
    if parameter is None or not isinstance(body, ast.Subscript):
        return None
    owner, index = body.value, body.slice
    if not isinstance(owner, ast.Name) or owner.id != parameter:
        return None
    number = index.operand if isinstance(index, ast.UnaryOp) else index
    constant = isinstance(number, ast.Constant) and isinstance(number.value, (int, str))
    return index if constant else None


def _parameter(function: ast.Lambda) -> str | None:
    arguments = function.args
    alone = len(arguments.args) == 1 and not (
        arguments.posonlyargs or arguments.kwonlyargs or arguments.defaults
        or arguments.vararg or arguments.kwarg
    )  # fmt: skip
    return arguments.args[0].arg if alone else None


def _sorts(source: Source, call: ast.AST) -> bool:
    if source.calls_builtin(call, *_SORTERS):
        return True
    method = call.func if isinstance(call, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr == "sort"


def _find_wrapper(source: Source) -> Iterator[Match]:
    for function in source.hot_nodes(ast.Lambda):
        body, parameter = function.body, _parameter(function)
        if parameter is None or not isinstance(body, ast.Call) or body.keywords:
            continue
        passed = body.args[0] if len(body.args) == 1 else None
        if not isinstance(passed, ast.Name) or passed.id != parameter:
            continue
        if source.is_builtin(body.func, *_ONE_ARGUMENT) and _only_called(source, function):
            new = replaced(source, function, source.segment(body.func))
            yield Match(function, (new,), "the lambda only hands its argument on to a builtin")


def _only_called(source: Source, function: ast.Lambda) -> bool:
    """Whether the function goes to a builtin that calls it with one argument and forgets it."""
    parent = source.parents[function]
    if isinstance(parent, ast.keyword):
        return parent.arg == "key" and _sorts(source, source.parents[parent])
    return (
        isinstance(parent, ast.Call)
        and source.is_builtin(parent.func, "map", "filter")
        and len(parent.args) == 2
        and parent.args[0] is function
    )


def _find_map(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        inner = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if not source.is_builtin(call.func, "list", "set") or not isinstance(inner, ast.Call):
            continue
        if not source.is_builtin(inner.func, "map", "filter") or inner.keywords:
            continue
        text = _as_comprehension(source, call, inner)
        if text is not None:
            name = source.segment(inner.func)
            yield Match(
                call, (replaced(source, call, text),), f"{name}() calls a lambda per element"
            )


def _as_comprehension(source: Source, call: ast.Call, inner: ast.Call) -> str | None:
    if len(inner.args) != 2 or not isinstance(inner.args[0], ast.Lambda):
        return None
    function, items = inner.args
    assert isinstance(function, ast.Lambda)  # noqa: S101 - checked above
    parameter, body = _parameter(function), function.body
    if parameter is None or isinstance(body, (ast.NamedExpr, ast.Lambda, ast.Yield, ast.Await)):
        return None
    # a name that the element's own expression closes over would see the last element only
    if any(
        isinstance(one, (ast.Lambda, ast.NamedExpr, ast.GeneratorExp)) for one in ast.walk(body)
    ):
        return None
    if isinstance(items, (ast.Starred, ast.Lambda, ast.IfExp, ast.NamedExpr)):
        return None
    left, right = "[]" if source.is_builtin(call.func, "list") else "{}"
    source_text, element = source.segment(items), source.segment(body)
    if source.is_builtin(inner.func, "map"):
        return f"{left}{element} for {parameter} in {source_text}{right}"
    if isinstance(body, (ast.IfExp, ast.Tuple)):
        return None
    return f"{left}{parameter} for {parameter} in {source_text} if {element}{right}"


ITEM = Rule(
    information(
        "itemgetter-key",
        "Take the sort key by operator.itemgetter",
        Severity.MEDIUM,
        why="sorted, min, max and sort call the key once for each element; itemgetter is in C.",
        measured="1.55x at n = 4, 1.84x at n = 10,000",
        conditions=(
            "the key is `lambda x: x[constant]` handed straight to sorted, min, max or .sort",
            "`operator` is imported already or the name itemgetter is free in the module",
        ),
        risk="With fewer than about five elements there is nothing to gain.",
        proof=Proof(
            setup="from operator import itemgetter\npairs = [(x * 7919 % n, x) for x in range(n)]",
            before="result = sorted(pairs, key=lambda pair: pair[0])",
            after="result = sorted(pairs, key=itemgetter(0))",
            sizes=(4, 100, 10_000),
            covers=False,
        ),
    ),
    _find_item,
)

WRAPPER = Rule(
    information(
        "lambda-around-builtin",
        "Hand the builtin over, not a lambda around it",
        Severity.LOW,
        why="The lambda adds a Python call to each call of the builtin.",
        measured="2.1x at n = 4, 1.58x at n = 10,000",
        conditions=(
            "the lambda is handed straight to sorted, min, max, .sort, map or filter",
            "the builtin is bound by nobody in the module",
        ),
        risk="None known: the function is called with one argument and then forgotten.",
        proof=Proof(
            setup="words = ['x' * (x % 7) for x in range(n)]",
            before="result = sorted(words, key=lambda word: len(word))",
            after="result = sorted(words, key=len)",
            sizes=(4, 100, 10_000),
            covers=True,
        ),
    ),
    _find_wrapper,
)

MAP = Rule(
    information(
        "map-of-lambda",
        "Write a comprehension where map or filter would call a lambda",
        Severity.LOW,
        why="A comprehension evaluates the expression in place, without a call per element.",
        measured="1.33x at n = 1, 2.1x at n = 1,000",
        conditions=(
            "list() or set() drains the map or filter at once",
            "the lambda has one plain parameter and closes over nothing inside itself",
        ),
        risk="None known for a lambda whose body is a plain expression.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = list(map(lambda x: x + 1, xs))",
            after="result = [x + 1 for x in xs]",
            sizes=(1, 30, 1000),
            covers=True,
        ),
    ),
    _find_map,
)

RULES = (ITEM, WRAPPER, MAP)
