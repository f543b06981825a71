"""Each value once, in the order in which they come."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import local_scope, names_in
from bot.adapters.rules.kinds import IMMUTABLE, item_of
from bot.adapters.rules.loops import is_plain_loop, iterates_simply
from bot.adapters.rules.rule import Match, Rule, information
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_distinct(source: Source) -> Iterator[Match]:
    """`out = []`, then a loop that appends what `out` does not hold yet."""
    for loop in source.hot_nodes(ast.For):
        block = source.block(loop)
        place = block.index(loop)
        made = _made_empty(block[place - 1]) if place else None
        if made is None or not is_plain_loop(source, loop) or not _gathers(loop, made):
            continue
        start, end = source.start(block[place - 1]), source.end(loop)
        if (
            local_scope(source, made) is None
            or any(name.id == made.id for name in names_in(loop.iter))
            or item_of(source, loop.iter).name not in IMMUTABLE
            or not iterates_simply(source, loop.iter)
            or not source.owns_lines(block[place - 1])
            or source.comments_between(start, end)
            or not all(source.reaches_builtin(made, name) for name in ("list", "dict"))
            or any(isinstance(one, ast.Try) for one in source.ancestors(loop))
        ):
            continue
        before = source.text[start : source.start(_value(block[place - 1]))]
        values = source.segment(loop.iter)
        if isinstance(loop.iter, ast.Tuple) and not values.startswith("("):
            values = f"({values})"
        edit = Edit(start, end, f"{before}list(dict.fromkeys({values}))")
        yield Match(loop, (edit,), "each test walks the list of what is there already")


def _made_empty(statement: ast.stmt) -> ast.Name | None:
    match statement:
        case ast.Assign([ast.Name() as name], ast.List([])):
            return name
        case ast.AnnAssign(ast.Name() as name, _, ast.List([])):
            return name
        case _:
            return None


def _value(statement: ast.stmt) -> ast.expr:
    assert isinstance(statement, ast.Assign | ast.AnnAssign)  # noqa: S101 - see _made_empty
    assert statement.value is not None  # noqa: S101 - as above
    return statement.value


def _gathers(loop: ast.For, out: ast.Name) -> bool:
    """The body adds the loop's value where it is not there yet, and does nothing else."""
    assert isinstance(loop.target, ast.Name)  # noqa: S101 - a plain loop has one
    value = loop.target.id
    match loop.body:
        case [ast.If(test, [ast.Expr(call)], [])]:
            return _asks(test, value, out.id, ast.NotIn) and _appends(call, value, out.id)
        case [ast.If(test, [ast.Continue()], []), ast.Expr(call)]:
            return _asks(test, value, out.id, ast.In) and _appends(call, value, out.id)
        case _:
            return False


def _asks(test: ast.expr, value: str, out: str, wanted: type[ast.cmpop]) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _asks(test.operand, value, out, ast.In if wanted is ast.NotIn else ast.NotIn)
    match test:
        case ast.Compare(ast.Name(left), [operator], [ast.Name(right)]):
            return isinstance(operator, wanted) and (left, right) == (value, out)
        case _:
            return False


def _appends(call: ast.expr, value: str, out: str) -> bool:
    match call:
        case ast.Call(ast.Attribute(ast.Name(owner), "append"), [ast.Name(given)], []):
            return (owner, given) == (out, value)
        case _:
            return False


DISTINCT = Rule(
    information(
        "distinct-by-list",
        "Take each value once with the keys of a dict",
        Severity.HIGH,
        why="Each `not in` walks the whole list, so the loop takes quadratic time.",
        measured="0.73x at n = 3, 176x at n = 1,000",
        conditions=(
            "an empty list is made right before the loop, which appends what is not there yet",
            "every value is proved to be of one plain, hashable type",
            "the loop does nothing else, and its variable is read nowhere else",
        ),
        risk="A dict in memory while the list is made.",
        proof=Proof(
            setup="words = [str(x) for x in range(n)] * 2",
            before=(
                "result = []\nfor w in words:\n    if w not in result:\n        result.append(w)"
            ),
            after="result = list(dict.fromkeys(words))",
            sizes=(3, 100, 1000),
            covers=False,
        ),
    ),
    _find_distinct,
)

RULES = (DISTINCT,)
