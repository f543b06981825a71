"""Walks over a dictionary that look at too much, or too often."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import is_fresh, local_scope, names_in
from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_unused(source: Source) -> Iterator[Match]:
    """`for k, _ in d.items()` and its mirror image, in loops and comprehensions."""
    for node in source.nodes:
        if not isinstance(node, (ast.For, ast.comprehension)) or node in source.quoted:
            continue
        match node:
            case ast.For(
                ast.Tuple([key, value]) as pair, ast.Call(ast.Attribute(_, "items"), [], [])
            ):
                pass
            case ast.comprehension(
                ast.Tuple([key, value]) as pair, ast.Call(ast.Attribute(_, "items"), [], [])
            ):
                pass
            case _:
                continue
        call = node.iter
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if source.function(pair) is None or not source.hot(pair):
            continue
        for kept, dropped, view in ((value, key, "values"), (key, value, "keys")):
            if isinstance(dropped, ast.Name) and dropped.id == "_" and _unread(source, dropped):
                owner = source.segment(call.func.value)
                edits = (
                    Edit(*_bare(source, pair), source.segment(kept)),
                    replaced(source, call, f"{owner}.{view}()"),
                )
                what = "key" if view == "values" else "value"
                yield Match(pair, edits, f"the {what} of each pair is thrown away")
                break


def _bare(source: Source, pair: ast.Tuple) -> tuple[int, int]:
    return source.start(pair), source.end(pair)


def _unread(source: Source, name: ast.Name) -> bool:
    scope = source.names.resolve(name)
    if scope is None:
        return False
    inner = source.names.references(scope, name.id)
    return all(not isinstance(one.ctx, ast.Load) for one in inner)


def _find_lookup(source: Source) -> Iterator[Match]:
    """`for k in d: ... d[k] ...` where d is a dict that the loop leaves alone."""
    for loop in source.hot_nodes(ast.For):
        target, owner = loop.target, loop.iter
        if not isinstance(target, ast.Name) or not isinstance(owner, ast.Name):
            continue
        if kind_of(source, owner).name != "dict" or local_scope(source, owner) is None:
            continue
        reads = [
            node
            for statement in loop.body
            for node in ast.walk(statement)
            if _is_item(node, owner.id, target.id)
        ]
        uses = [name for part in loop.body for name in names_in(part) if name.id == owner.id]
        rebound = any(
            name.id == target.id and not isinstance(name.ctx, ast.Load)
            for part in loop.body
            for name in names_in(part)
        )
        if (
            not reads
            or len(uses) != len(reads)
            or rebound
            or any(r in source.quoted for r in reads)
        ):
            continue
        if not _stays_home(source, owner, loop):
            continue
        name = _value_name(source, loop, target.id)
        edits = [
            replaced(source, target, f"{target.id}, {name}"),
            replaced(source, owner, f"{owner.id}.items()"),
            *(replaced(source, read, name) for read in reads),
        ]
        yield Match(target, tuple(edits), "each key is looked up again in the dict it comes from")


def _stays_home(source: Source, owner: ast.Name, loop: ast.For) -> bool:
    """Whether no other name, argument or attribute can reach the dict while the loop runs."""
    scope = local_scope(source, owner)
    names = source.names.references(scope, owner.id) if scope is not None else []
    if scope is None or not all(is_fresh(source, one) for one in scope.bindings[owner.id]):
        return False
    return all(isinstance(name.ctx, ast.Store) or _reads_only(source, name, loop) for name in names)


def _reads_only(source: Source, name: ast.Name, loop: ast.For) -> bool:
    parent = source.parents[name]
    match parent:
        case ast.Subscript() | ast.Compare() | ast.For() | ast.comprehension() | ast.If():
            return True
        case ast.Attribute(
            attr="get" | "items" | "values" | "keys" | "pop" | "update" | "setdefault"
        ):
            return isinstance(source.parents[parent], ast.Call)
        case ast.Call():
            return source.is_builtin(parent.func, "len", "sorted", "sum", "list", "set", "dict")
        case ast.Return() | ast.AugAssign():
            return not any(True for _ in source.loops(name))
        case _:
            # once the loop is over it may go anywhere, unless an outer loop comes back
            return name.lineno > (loop.end_lineno or 0) and not any(
                True for _ in source.loops(loop)
            )


def _is_item(node: ast.AST, owner: str, key: str) -> bool:
    match node:
        case ast.Subscript(ast.Name(o), ast.Name(k), ast.Load()):
            return o == owner and k == key
        case _:
            return False


def _value_name(source: Source, loop: ast.For, key: str) -> str:
    function = source.function(loop)
    used = {name.id for name in names_in(function)} if function is not None else set()
    return next(
        name
        for name in ("value", f"{key}_value", f"value_of_{key}", f"_{key}_value_")
        if name not in used
    )


UNUSED = Rule(
    information(
        "items-half-used",
        "Walk the keys or the values alone",
        Severity.LOW,
        why="items() builds and takes apart a pair for each entry.",
        measured="1.29x at n = 1, 1.34x at n = 10,000",
        conditions=("one half is named _ and read nowhere", "items() is called without arguments"),
        risk="An own mapping whose items() is not made of its keys() and values().",
        proof=Proof(
            setup="d = dict.fromkeys(range(n), 0)",
            before="result = 0\nfor _, value in d.items():\n    result += value",
            after="result = 0\nfor value in d.values():\n    result += value",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_unused,
)


LOOKUP = Rule(
    information(
        "lookup-of-own-key",
        "Walk the items of a dict instead of looking up each key",
        Severity.MEDIUM,
        why="`for k in d: d[k]` hashes and searches every key once more.",
        measured="0.78x at n = 1, 1.34x at n = 10,000",
        conditions=(
            "d is proved to be a local dict",
            "the loop uses d for nothing but d[k], and never assigns k",
            "before the loop ends d is handed to nobody who could change it meanwhile",
        ),
        risk="None known: the loop changes neither the dict nor its values' places.",
        proof=Proof(
            setup="d = {str(x): x for x in range(n)}",
            before="result = 0\nfor k in d:\n    result += d[k] + len(k)",
            after="result = 0\nfor k, value in d.items():\n    result += value + len(k)",
            sizes=(1, 100, 10_000),
            covers=False,
        ),
    ),
    _find_lookup,
)

RULES = (
    LOOKUP,
    UNUSED,
)
