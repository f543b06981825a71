"""Bytes and tuples grown part by part, which copies them whole for each."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import local_scope, names_in
from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.scopes import Scope
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_growth(source: Source) -> Iterator[Match]:
    """`data += chunk` for bytes and tuples, which copies what is there already."""
    for statement in source.hot_nodes(ast.AugAssign):
        name, loop = statement.target, next(source.loops(statement), None)
        if not isinstance(name, ast.Name) or not isinstance(statement.op, ast.Add) or loop is None:
            continue
        kind, added = kind_of(source, name).name, kind_of(source, statement.value).name
        scope = local_scope(source, name)
        if kind not in ("bytes", "tuple") or added != kind or scope is None:
            continue
        edits = _gathered(source, scope, statement, name, kind)
        if edits is not None:
            yield Match(statement, edits, f"the {kind} is copied for each part that is added")


def _gathered(
    source: Source, scope: Scope, statement: ast.AugAssign, name: ast.Name, kind: str
) -> tuple[Edit, ...] | None:
    """Gather in a list, and make the bytes or tuple where the loop ends."""
    loop = next(source.loops(statement))
    block = source.block(loop)
    starts = [source.parents[one] for one in scope.bindings[name.id]]
    others = [start for start in starts if start is not statement]
    if len(others) != 1 or not isinstance(others[0], ast.Assign) or others[0] not in block:
        return None
    start, used = others[0], [one for one in names_in(loop) if one.id == name.id]
    empty = ast.unparse(start.value) in ("b''", "()")
    between = block[block.index(start) + 1 : block.index(loop)]
    touched = any(one.id == name.id for part in between for one in names_in(part))
    leaves = any(isinstance(one, (ast.Return, ast.Yield, ast.YieldFrom)) for one in ast.walk(loop))
    if not empty or touched or leaves or len(used) != 1 or loop.orelse or len(start.targets) != 1:
        return None
    if not source.owns_lines(loop) or _in_try(source, loop):
        return None
    indent, end = source.indentation(loop), source.end(loop)
    added, value = source.segment(statement.value), statement.value
    single = isinstance(value, ast.Tuple) and len(value.elts) == 1
    if single and isinstance(value, ast.Tuple) and not isinstance(value.elts[0], ast.Starred):
        call = f"append({source.segment(value.elts[0])})"
    else:
        call = f"append({added})" if kind == "bytes" else f"extend({added})"
    done = f'b"".join({name.id})' if kind == "bytes" else f"tuple({name.id})"
    return (
        replaced(source, start.value, "[]"),
        replaced(source, statement, f"{name.id}.{call}"),
        Edit(end, end, f"\n{indent}{name.id} = {done}"),
    )


def _in_try(source: Source, loop: ast.stmt) -> bool:
    """A handler could see the list before it is turned into what it was."""
    return any(isinstance(parent, ast.Try) for parent in source.ancestors(loop))


GROWTH = Rule(
    information(
        "bytes-or-tuple-grown",
        "Gather the parts in a list",
        Severity.HIGH,
        why="bytes and tuples are copied whole for each part, so the loop takes quadratic time.",
        measured="0.88x at n = 1, 54x at n = 10,000",
        conditions=(
            "the name is proved to be bytes, or a tuple, and so is what is added",
            "it starts empty before the loop in the same block, and is read only after the loop",
            "no return, yield or else in the loop, and no try around it",
        ),
        risk="None known: nobody sees the list.",
        proof=Proof(
            setup="parts = [b'0123456789'] * n",
            before="result = b''\nfor part in parts:\n    result += part",
            after=(
                "result = []\nfor part in parts:\n    result.append(part)\n"
                "result = b''.join(result)"
            ),
            sizes=(1, 1000, 10_000),
            covers=False,
        ),
    ),
    _find_growth,
)

RULES = (GROWTH,)
