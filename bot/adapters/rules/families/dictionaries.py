"""Dictionaries built or asked with more work than they need."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_fromkeys(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.DictComp):
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.ifs or generator.is_async:
            continue
        target, key = generator.target, node.key
        same = isinstance(target, ast.Name) and isinstance(key, ast.Name) and target.id == key.id
        if (
            not same
            or not isinstance(node.value, ast.Constant)
            or not source.reaches_builtin(node, "dict")
        ):
            continue
        value = "" if node.value.value is None else f", {source.segment(node.value)}"
        new = f"dict.fromkeys({source.segment(generator.iter)}{value})"
        yield Match(node, (replaced(source, node, new),), "every key gets the same constant")


def _find_keys(source: Source) -> Iterator[Match]:
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        call = node.comparators[0]
        match call:
            case ast.Call(ast.Attribute(owner, "keys"), [], []) if (
                kind_of(source, owner).name == "dict"
            ):
                new = replaced(source, call, source.segment(owner))
                yield Match(node, (new,), "a view of the keys is made for one look-up")
            case _:
                continue


def _find_factory(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        if source.imported(call.func) != "collections.defaultdict" or not call.args:
            continue
        function = call.args[0]
        if not isinstance(function, ast.Lambda) or _parameters(function):
            continue
        name = _empty(function.body)
        if name and source.reaches_builtin(call, name):
            new = replaced(source, function, name)
            yield Match(call, (new,), "each missing key costs a Python call")


def _parameters(function: ast.Lambda) -> bool:
    arguments = function.args
    return bool(
        arguments.posonlyargs or arguments.args or arguments.kwonlyargs
        or arguments.vararg or arguments.kwarg
    )  # fmt: skip


def _empty(body: ast.expr) -> str:
    """The type whose call without arguments gives this literal."""
    match body:
        case ast.List([]):
            return "list"
        case ast.Dict([]):
            return "dict"
        case ast.Constant(value):
            empty = {0: "int", "": "str"} if type(value) in (int, str) else {}
            return (
                "float" if type(value) is float and repr(value) == "0.0" else empty.get(value, "")
            )
        case _:
            return ""


FROMKEYS = Rule(
    information(
        "constant-dict-by-loop",
        "Fill a dict with one constant by dict.fromkeys",
        Severity.LOW,
        why="fromkeys() loops in C.",
        measured="1.13x at n = 1, 1.09x at n = 1,000",
        conditions=("the key is the unchanged loop variable", "the value is a literal constant"),
        risk="None known: the same constant object is shared both ways.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = {x: 0 for x in xs}",
            after="result = dict.fromkeys(xs, 0)",
            sizes=(1, 30, 1000),
            covers=False,
        ),
    ),
    _find_fromkeys,
)


KEYS = Rule(
    information(
        "membership-in-keys",
        "Ask the dict, not a view of its keys",
        Severity.LOW,
        why="`k in d.keys()` makes a view for one look-up.",
        measured="1.65x at n = 1, 1.62x at n = 10,000",
        conditions=("the owner is proved to be a dict",),
        risk="None known for a builtin dict.",
        proof=Proof(
            setup="d = dict.fromkeys(range(n), 0)\nk = n // 2",
            before="result = k in d.keys()",
            after="result = k in d",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_keys,
)


FACTORY = Rule(
    information(
        "default-by-lambda",
        "Make defaults by the type, not by a lambda",
        Severity.LOW,
        why="Each missing key calls the factory; int, list and dict are called in C.",
        measured="1.31x at n = 1, 1.15x at n = 3,000",
        conditions=(
            "the lambda takes nothing and returns 0, 0.0, an empty string, list or dict",
            "defaultdict is imported from collections, and the type's name is bound by nobody",
        ),
        risk="The factory can be seen in repr() and default_factory.",
        proof=Proof(
            setup="from collections import defaultdict\nxs = list(range(n))",
            before="d = defaultdict(lambda: 0)\nfor x in xs:\n    d[x] += 1\nresult = dict(d)",
            after="d = defaultdict(int)\nfor x in xs:\n    d[x] += 1\nresult = dict(d)",
            sizes=(1, 100, 3000),
            covers=True,
        ),
    ),
    _find_factory,
)

RULES = (
    FACTORY,
    KEYS,
    FROMKEYS,
)
