"""Searches in containers that are copied, or walked, more often than needed."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import is_fresh, local_scope, names_in
from bot.adapters.rules.kind import HASHABLE
from bot.adapters.rules.kinds import IMMUTABLE, item_of, kind_of
from bot.adapters.rules.rule import Match, Rule, information, replaced
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof

_ENOUGH = 5


def _find_constant(source: Source) -> Iterator[Match]:
    """`x in (constant, ...)` with enough of them, where x is proved to be hashable."""
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        display, left = node.comparators[0], kind_of(source, node.left)
        if not isinstance(display, (ast.Tuple, ast.List)) or left.name not in (
            "str",
            "int",
            "bytes",
        ):
            continue
        kinds = {type(one.value) for one in display.elts if isinstance(one, ast.Constant)}
        constant = all(isinstance(one, ast.Constant) for one in display.elts)
        if (
            not constant
            or len(display.elts) < _ENOUGH
            or not kinds <= {str, int, bytes, type(None)}
        ):
            continue
        text = source.segment(display).strip("[()]").rstrip().rstrip(",")
        new = replaced(source, display, f"{{{text}}}")
        yield Match(node, (new,), "the constants are compared one after another")


def _find_copied(source: Source) -> Iterator[Match]:
    """`x in list(y)`, `x in sorted(y)`: the copy is made for one search."""
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        call = node.comparators[0]
        if not isinstance(call, ast.Call) or call.keywords or len(call.args) != 1:
            continue
        if not source.is_builtin(call.func, "list", "tuple", "sorted", "set", "frozenset"):
            continue
        if _searches_alike(source, call, node.left):
            new = replaced(source, call, source.segment(call.args[0]))
            yield Match(node, (new,), "a copy is built for one search")


def _searches_alike(source: Source, call: ast.Call, left: ast.expr) -> bool:
    """Whether `in` means the same in the copy and in what is copied, types and all."""
    kind, wanted = kind_of(source, call.args[0]), kind_of(source, left)
    if kind.name in ("list", "tuple", "range"):
        sorts = source.is_builtin(call.func, "sorted")
        elements = item_of(source, call.args[0])
        return wanted.name in IMMUTABLE and (not sorts or elements.name in HASHABLE)
    plain = kind.name in ("dict", "set", "frozenset", "keys")
    return plain and wanted.name in HASHABLE and not source.is_builtin(call.func, "sorted")


_MOST = 40


def _find_membership(source: Source) -> Iterator[Match]:
    """`x in xs` in a loop, where xs is a local list of plain values that the loop leaves alone."""
    for node in source.hot_nodes(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            continue
        name, loop = node.comparators[0], _outermost(source, node)
        if not isinstance(name, ast.Name) or loop is None or not source.owns_lines(loop):
            continue
        if kind_of(source, name).name != "list" or not item_of(source, name).hashable:
            continue
        if kind_of(source, node.left).name not in HASHABLE or not _left_alone(source, name, loop):
            continue
        start = source.line_start(source.line_of(source.start(loop)))
        fresh = _unused(source, loop, f"{name.id}_set")
        if fresh is None or not source.reaches_builtin(node, "set"):
            continue
        line = f"{source.indentation(loop)}{fresh} = set({name.id})\n"
        edits = (Edit(start, start, line), replaced(source, name, fresh))
        yield Match(node, edits, "each test walks the list again")


def _outermost(source: Source, node: ast.AST) -> ast.For | ast.While | None:
    loops = list(source.loops(node))
    return loops[-1] if loops else None


def _left_alone(source: Source, name: ast.Name, loop: ast.For | ast.While) -> bool:
    """One assignment before the loop; after it the list is only read."""
    scope = local_scope(source, name)
    if scope is None or len(scope.bindings[name.id]) != 1:
        return False
    binding = scope.bindings[name.id][0]
    if binding in set(ast.walk(loop)):
        return False
    if not is_fresh(source, binding) and not _calls_only_builtins(source, loop):
        return False
    for one in source.names.references(scope, name.id):
        parent = source.parents[one]
        reads = (ast.Compare, ast.For, ast.comprehension)
        if isinstance(one.ctx, ast.Load) and not (
            isinstance(parent, reads)
            or (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load))
            or (isinstance(parent, ast.Call) and source.is_builtin(parent.func, "len", "sorted"))
        ):
            return False
    return True


def _calls_only_builtins(source: Source, loop: ast.For | ast.While) -> bool:
    """Whether nothing in the loop can reach the list by another name."""
    return all(
        source.is_builtin(node.func, "len", "print", "str", "int", "range", "enumerate", "sorted")
        or (isinstance(node.func, ast.Attribute) and bool(kind_of(source, node.func.value).name))
        for node in ast.walk(loop)
        if isinstance(node, ast.Call)
    )


def _unused(source: Source, node: ast.AST, name: str) -> str | None:
    function = source.function(node)
    taken = {one.id for one in names_in(function)} if function is not None else set()
    return name if name not in taken and len(name) < _MOST else None


def _find_seen(source: Source) -> Iterator[Match]:
    """`seen = []`, `if x not in seen: seen.append(x)`: only membership is ever asked."""
    for statement in source.hot_nodes(ast.Assign):
        match statement:
            case ast.Assign([ast.Name() as name], ast.List([])):
                pass
            case _:
                continue
        scope = local_scope(source, name)
        if scope is None or len(scope.bindings[name.id]) != 1:
            continue
        uses = [one for one in source.names.references(scope, name.id) if one is not name]
        appends = [use for use in (_appended(source, one) for one in uses) if use is not None]
        tests = [use for use in (_tested(source, one) for one in uses) if use is not None]
        if not tests or not appends or len(tests) + len(appends) != len(uses):
            continue
        values = [*(call.args[0] for call in appends), *(test.left for test in tests)]
        kinds = {kind_of(source, value).name for value in values}
        looped = any(True for test in tests for _ in source.loops(test))
        if (
            len(kinds) != 1
            or not kinds <= IMMUTABLE
            or not looped
            or not source.reaches_builtin(name, "set")
        ):
            continue
        edits = [replaced(source, statement.value, "set()")]
        for call in appends:
            function = call.func
            end = source.end(function)
            edits.append(Edit(end - len("append"), end, "add"))
        yield Match(statement, tuple(edits), "each test walks the list of what was seen")


def _appended(source: Source, name: ast.Name) -> ast.Call | None:
    attribute = source.parents[name]
    call = source.parents[attribute]
    if not isinstance(attribute, ast.Attribute) or attribute.attr != "append":
        return None
    alone = isinstance(call, ast.Call) and isinstance(source.parents[call], ast.Expr)
    return call if alone and isinstance(call, ast.Call) and len(call.args) == 1 else None


def _tested(source: Source, name: ast.Name) -> ast.Compare | None:
    parent = source.parents[name]
    if not isinstance(parent, ast.Compare) or len(parent.ops) != 1:
        return None
    member = isinstance(parent.ops[0], (ast.In, ast.NotIn)) and parent.comparators[0] is name
    return parent if member else None


CONSTANTS = Rule(
    information(
        "constants-one-by-one",
        "Search constants in a set",
        Severity.LOW,
        why="A tuple compares one constant after another; a constant set hashes once.",
        measured="2.1x at n = 1, 3.5x at n = 1,000",
        conditions=(
            "at least five constants of hashable type",
            "the left side is proved to be str, int or bytes, hence hashable",
        ),
        risk="With a hit on the first constants there is nothing to gain.",
        proof=Proof(
            setup="words = ['zz'] * n",
            before="for word in words:\n    result = word in ('a', 'b', 'c', 'd', 'e', 'f')",
            after="for word in words:\n    result = word in {'a', 'b', 'c', 'd', 'e', 'f'}",
            sizes=(1, 10, 1000),
            covers=False,
        ),
    ),
    _find_constant,
)


COPIED = Rule(
    information(
        "copy-for-membership",
        "Search the container itself, not a copy",
        Severity.MEDIUM,
        why="list(), set() and sorted() touch every element before the search begins.",
        measured="5.4x at n = 1, 3044x at n = 10,000",
        conditions=(
            "the container is proved to be a builtin list, tuple, range, dict or set",
            "what is looked for is proved to be of a plain, hashable type",
        ),
        risk="None known: comparing plain values has no effects.",
        proof=Proof(
            setup="d = dict.fromkeys(range(n), 0)",
            before="result = 0 in list(d)",
            after="result = 0 in d",
            sizes=(1, 100, 10_000),
            covers=True,
        ),
    ),
    _find_copied,
)


MEMBERSHIP = Rule(
    information(
        "list-searched-in-loop",
        "Make a set of the list once, before the loop",
        Severity.HIGH,
        why="`in` walks a list from its beginning at every turn of the loop.",
        measured="0.69x at n = 1, 189x at n = 2,000",
        conditions=(
            "the list is made by one assignment and then only read",
            "nothing called in the loop could change it by another name",
            "its elements and what is searched are proved to be of plain, hashable types",
        ),
        risk="A second container in memory while the loop runs.",
        proof=Proof(
            setup="xs = [str(x) for x in range(n)]\nwanted = xs[::2] + ['none']",
            before="result = 0\nfor x in wanted:\n    if x in xs:\n        result += 1",
            after=(
                "result = 0\nxs_set = set(xs)\n"
                "for x in wanted:\n    if x in xs_set:\n        result += 1"
            ),
            sizes=(1, 100, 2000),
            covers=False,
        ),
    ),
    _find_membership,
)


SEEN = Rule(
    information(
        "seen-as-list",
        "Keep what was seen in a set",
        Severity.HIGH,
        why="Each `not in` walks the whole list, so the loop takes quadratic time.",
        measured="1.13x at n = 3, 183x at n = 1,000",
        conditions=(
            "the list is only tested by `in` and appended to",
            "every value is proved to be of one plain, hashable type",
        ),
        risk="None known for plain values.",
        proof=Proof(
            setup="words = [str(x) for x in range(n)] * 2",
            before=(
                "seen = []\nfor w in words:\n    if w not in seen:\n        seen.append(w)\n"
                "result = len(seen)"
            ),
            after=(
                "seen = set()\nfor w in words:\n    if w not in seen:\n        seen.add(w)\n"
                "result = len(seen)"
            ),
            sizes=(3, 100, 1000),
            covers=False,
        ),
    ),
    _find_seen,
)

RULES = (
    CONSTANTS,
    COPIED,
    MEMBERSHIP,
    SEEN,
)
