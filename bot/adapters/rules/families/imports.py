"""Imports that are executed at every call of a function."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.rule import Match, Rule, information
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

# in C or loaded with every interpreter: importing them earlier costs nothing that can be seen
_ALWAYS_THERE = frozenset(
    {"itertools", "math", "operator", "functools", "collections", "time", "heapq", "bisect", "re"}
)


def _find(source: Source) -> Iterator[Match]:
    for statement in source.hot_nodes(ast.ImportFrom):
        function = source.function(statement)
        if function is None or statement not in function.body or len(function.body) < 2:
            continue
        edits = _hoisted(source, statement) if _eligible(source, statement) else None
        if edits is not None:
            yield Match(statement, edits, f"{statement.module} is imported again at every call")


def _eligible(source: Source, statement: ast.ImportFrom) -> bool:
    """One plain name of a cheap module, bound by nothing else in the function."""
    if statement.module not in _ALWAYS_THERE or statement.level or len(statement.names) > 1:
        return False
    alias = statement.names[0]
    scope = source.names.of_node[statement]
    if alias.asname or alias.name in ("*", *scope.shared):
        return False
    alone = scope.bindings.get(alias.name) == [alias]
    return alone and source.owns_lines(statement)


def _hoisted(source: Source, statement: ast.ImportFrom) -> tuple[Edit, ...] | None:
    name = statement.names[0].name
    elsewhere = sum(
        1
        for node in source.nodes
        if isinstance(node, ast.alias) and name in (node.name, node.asname)
    )
    bound = sum(1 for scope in set(source.names.of_node.values()) if name in scope.bindings)
    used_outside = any(
        node.id == name and source.names.resolve(node) is None for node in source.names.of_name
    )
    if elsewhere != 1 or bound != 1 or used_outside:
        return None
    found = import_from(source, statement, str(statement.module), name, taken=True)
    if found is None or found[1] is None:
        return None
    line = source.line_of(source.start(statement))
    start = source.line_start(line)
    last = source.line_of(source.end(statement))
    end = source.line_start(last + 1)
    if not source.text[end:].split("\n", 1)[0].strip():
        end = source.line_start(last + 2)
    return found[1], Edit(start, end, "")


PER_CALL = Rule(
    information(
        "import-per-call",
        "Import a module of the standard library once",
        Severity.MEDIUM,
        why="`from m import name` in a function looks m and name up again at every call.",
        measured="10x at n = 1, 71x at n = 100",
        conditions=(
            "the module is one that every program has loaded or that is compiled into Python",
            "nothing else in the file binds or imports the name",
            "the import stands in the function's own body, not under a condition",
        ),
        risk="The name becomes visible in the module.",
        proof=Proof(
            setup="import itertools\nfrom itertools import chain",
            before=(
                "for _ in range(n):\n"
                "    from itertools import chain as chained\n"
                "    result = chained"
            ),
            after="for _ in range(n):\n    result = chain",
            sizes=(1, 10, 100),
            covers=True,
        ),
    ),
    _find,
)

RULES = (PER_CALL,)
