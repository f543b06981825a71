"""Lists used as queues or filled from the front, which moves every element for one."""

import ast
from collections.abc import Callable, Iterator

from bot.adapters.rules.effects import inside, local_scope, names_in
from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.scopes import Scope
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_pop(source: Source) -> Iterator[Match]:
    for call in source.hot_nodes(ast.Call):
        name = _first_popped(call)
        scope = local_scope(source, name) if name is not None else None
        if name is None or scope is None or not any(source.loops(call)):
            continue
        pops = _pops(source, scope, name.id)
        if pops[:1] != [call] or not _is_queue(source, scope, name.id, _queue_use):
            continue
        found = import_from(source, call, "collections", "deque")
        if found is not None:
            edits = _as_deque(source, scope, name.id, *found)
            yield Match(call, edits, "taking the first element moves all others")


def _first_popped(call: ast.Call) -> ast.Name | None:
    match call:
        case ast.Call(ast.Attribute(ast.Name() as name, "pop"), [ast.Constant(0)], []):
            return name
        case _:
            return None


def _pops(source: Source, scope: Scope, name: str) -> list[ast.Call]:
    calls = [source.parents[source.parents[one]] for one in source.names.references(scope, name)]
    return [
        call for call in calls if isinstance(call, ast.Call) and _first_popped(call) is not None
    ]


def _is_queue(
    source: Source, scope: Scope, name: str, allowed: Callable[[Source, ast.Name], bool]
) -> bool:
    """Whether one assignment makes the list and all other uses are those of a queue."""
    if len(scope.bindings[name]) != 1 or isinstance(scope.bindings[name][0], ast.arg):
        return False
    for one in source.names.references(scope, name):
        parent = source.parents[one]
        if isinstance(one.ctx, ast.Store):
            if not isinstance(parent, ast.Assign) or parent.targets != [one]:
                return False
            if not _is_fresh(source, parent.value):
                return False
        elif not allowed(source, one):
            return False
    return True


def _is_fresh(source: Source, value: ast.expr) -> bool:
    """A list that nobody else holds."""
    return isinstance(value, (ast.List, ast.ListComp)) or (
        isinstance(value, ast.Call) and source.is_builtin(value.func, "list", "sorted")
    )


def _queue_use(source: Source, name: ast.Name) -> bool:
    parent = source.parents[name]
    match parent:
        case ast.While(test=used) | ast.If(test=used) | ast.IfExp(test=used):
            return used is name
        case ast.For(iter=used):
            # unlike a list, a deque must not change while it is walked
            return used is name and all(
                one.id != name.id for part in parent.body for one in names_in(part)
            )
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[ast.In() | ast.NotIn()], left=left):
            return left is not name
        case ast.BoolOp():
            return isinstance(source.parents[parent], (ast.While, ast.If))
        case ast.Call():
            return source.is_builtin(parent.func, "len", "bool", "sum", "any", "all")
        case ast.Attribute(attr="append" | "extend" | "clear"):
            return isinstance(source.parents[source.parents[parent]], ast.Expr)
        case ast.Attribute(attr="pop"):
            call = source.parents[parent]
            return isinstance(call, ast.Call) and (not call.args or _first_popped(call) is name)
        case ast.Subscript(slice=ast.Constant(0) | ast.UnaryOp(ast.USub(), ast.Constant(1))):
            return isinstance(parent.ctx, ast.Load)
        case _:
            return False


def _as_deque(
    source: Source, scope: Scope, name: str, called: str, new_import: Edit | None
) -> tuple[Edit, ...]:
    binding = source.parents[scope.bindings[name][0]]
    assert isinstance(binding, ast.Assign)  # noqa: S101 - _is_queue says so
    value = binding.value
    inner = "" if isinstance(value, ast.List) and not value.elts else source.segment(value)
    if isinstance(value, ast.Call) and source.is_builtin(value.func, "list") and not value.keywords:
        inner = ", ".join(source.segment(one) for one in value.args)
    edits = [replaced(source, value, f"{called}({inner})")]
    edits += [replaced(source, pop, f"{name}.popleft()") for pop in _pops(source, scope, name)]
    return (*edits, new_import) if new_import is not None else tuple(edits)


def _find_insert(source: Source) -> Iterator[Match]:
    """`xs.insert(0, x)` in one loop, where the list is read only after it."""
    for call in source.hot_nodes(ast.Call):
        name = _inserted(call)
        scope = local_scope(source, name) if name is not None else None
        loop = next(source.loops(call), None)
        if name is None or scope is None or loop is None or not source.owns_lines(loop):
            continue
        if not isinstance(source.parents[call], ast.Expr) or not _fills(source, scope, name, loop):
            continue
        indent = source.indentation(loop)
        end = source.end(loop)
        edits = (
            replaced(source, call, f"{name.id}.append({source.segment(call.args[1])})"),
            Edit(end, end, f"\n{indent}{name.id}.reverse()"),
        )
        yield Match(call, edits, "inserting in front moves all elements")


def _inserted(call: ast.Call) -> ast.Name | None:
    match call:
        case ast.Call(ast.Attribute(ast.Name() as name, "insert"), [ast.Constant(0), element], []):
            return None if isinstance(element, ast.Starred) else name
        case _:
            return None


def _fills(source: Source, scope: Scope, name: ast.Name, loop: ast.For | ast.While) -> bool:
    """An empty list made before the loop; in the loop nothing but this one insertion."""
    if len(scope.bindings[name.id]) != 1 or loop.orelse:
        return False
    binding = source.parents[scope.bindings[name.id][0]]
    block = source.block(loop)
    if not isinstance(binding, ast.Assign) or binding not in block or len(binding.targets) != 1:
        return False
    if not isinstance(binding.value, ast.List) or binding.value.elts:
        return False
    used = [one for one in names_in(loop) if one.id == name.id]
    between = block[block.index(binding) + 1 : block.index(loop)]
    touched = any(one.id == name.id for part in between for one in names_in(part))
    leaves = any(isinstance(one, (ast.Return, ast.Yield, ast.YieldFrom)) for one in ast.walk(loop))
    return used == [name] and not touched and not leaves and inside(source, name, loop)


POP = Rule(
    information(
        "list-as-queue",
        "Use a deque for a queue",
        Severity.HIGH,
        why="pop(0) moves all remaining elements, so emptying the queue takes quadratic time.",
        measured="0.92x at n = 1, 45x at n = 30,000",
        conditions=(
            "one assignment in this function makes the list, and nobody else holds it",
            "all other uses exist on a deque too: append, extend, pop, len, truth, [0], [-1]",
            "pop(0) stands in a loop",
        ),
        risk="The text of the IndexError of an empty queue differs.",
        proof=Proof(
            setup="from collections import deque\nxs = list(range(n))",
            before="queue = list(xs)\nresult = 0\nwhile queue:\n    result += queue.pop(0)",
            after="queue = deque(xs)\nresult = 0\nwhile queue:\n    result += queue.popleft()",
            sizes=(1, 100, 30_000),
            covers=False,
        ),
    ),
    _find_pop,
)


INSERT = Rule(
    information(
        "insert-in-front",
        "Append, and reverse once",
        Severity.HIGH,
        why="insert(0, x) moves all elements, so the loop takes quadratic time.",
        measured="1.03x at n = 1, 133x at n = 10,000",
        conditions=(
            "an empty list is made before the loop in the same block; nothing else touches it",
            "the loop has no else, return or yield",
        ),
        risk="If the loop raises, a handler would see the list the other way round.",
        proof=Proof(
            setup="xs = list(range(n))",
            before="result = []\nfor x in xs:\n    result.insert(0, x)",
            after="result = []\nfor x in xs:\n    result.append(x)\nresult.reverse()",
            sizes=(1, 100, 10_000),
            covers=False,
        ),
    ),
    _find_insert,
)

RULES = (
    POP,
    INSERT,
)
