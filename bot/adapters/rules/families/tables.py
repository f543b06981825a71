"""Constant containers built at every call."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import local_scope, single_assignment
from bot.adapters.rules.insertions import constant_name, module_constant
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_FEW = 2


_MANY_LINES = 30


def _find_constant(source: Source) -> Iterator[Match]:
    for node in source.nodes:
        if not isinstance(node, (ast.Dict, ast.Set)) or node in source.quoted:
            continue
        if not source.hot(node) or not _is_constant_table(node):
            continue
        parent = source.parents[node]
        if isinstance(parent, ast.Assign):
            readers = _readers(source, parent)
            ready = bool(readers) and all(_only_looks(source, one) for one in readers)
        else:
            ready = isinstance(node, ast.Dict) and _only_looks(source, node)
        if ready and not source.comments_between(source.start(node), source.end(node)):
            yield from _moved(source, node)


def _moved(source: Source, node: ast.Dict | ast.Set) -> Iterator[Match]:
    text = source.segment(node)
    if text.count("\n") > _MANY_LINES:
        return
    if isinstance(node, ast.Set):
        if not source.reaches_builtin(node, "frozenset"):
            return
        text = f"frozenset({text})"
    name = constant_name(source, node, "TABLE" if isinstance(node, ast.Dict) else "SET")
    constant = module_constant(source, node, name, text)
    if constant is not None:
        edits = (constant, replaced(source, node, name))
        yield Match(node, edits, "the same constant container is built at every call")


def _is_constant_table(node: ast.Dict | ast.Set) -> bool:
    parts = node.elts if isinstance(node, ast.Set) else [*node.keys, *node.values]
    entries = len(node.elts if isinstance(node, ast.Set) else node.keys)
    return entries >= _FEW and all(isinstance(part, ast.Constant) for part in parts)


def _readers(source: Source, statement: ast.Assign) -> list[ast.Name]:
    """The places that read the one name to which a table is assigned, [] if unsure."""
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or single_assignment(source, target) is not statement:
        return []
    scope = local_scope(source, target)
    names = source.names.references(scope, target.id) if scope is not None else []
    return [name for name in names if name is not target]


def _only_looks(source: Source, node: ast.expr) -> bool:
    """Whether a table is only looked up where it stands, so nobody can change or keep it."""
    parent = source.parents[node]
    match parent:
        case ast.Subscript(value=owner, ctx=ast.Load()):
            return owner is node
        case ast.Compare(comparators=[right], ops=[ast.In() | ast.NotIn()]):
            return right is node
        case ast.Attribute(attr="get", value=owner):
            call = source.parents[parent]
            return owner is node and isinstance(call, ast.Call) and call.func is parent
        case _:
            return False


CONSTANT = Rule(
    information(
        "constant-table-per-call",
        "Build a constant dict or set once",
        Severity.MEDIUM,
        why="A dict or set written in a function is built anew at every call.",
        measured="4.5x at n = 1, 6.8x at n = 100",
        conditions=(
            "all keys and values are literals, at least two entries",
            "it is only subscripted, asked by get() or tested by `in`, in place or by one name",
            "the set becomes a frozenset",
        ),
        risk="None known: nothing that could change or keep the container sees it.",
        proof=Proof(
            setup="table = {'a': 1, 'b': 2, 'c': 3, 'd': 4}\nkeys = 'abcd' * n",
            before="for key in keys:\n    result = {'a': 1, 'b': 2, 'c': 3, 'd': 4}.get(key)",
            after="for key in keys:\n    result = table.get(key)",
            sizes=(1, 10, 100),
            covers=True,
        ),
    ),
    _find_constant,
)

RULES = (CONSTANT,)
