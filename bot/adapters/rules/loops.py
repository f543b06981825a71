"""Which loops do no more than what one call in C can do."""

import ast

from bot.adapters.rules.effects import local_scope, names_in, suspends
from bot.adapters.rules.kinds import kind_of
from bot.adapters.rules.source import Source

_COPIED = frozenset({"list", "tuple", "str", "bytes", "range", "dict", "set", "frozenset", "keys"})
_LAZY = ("enumerate", "zip", "map", "filter", "reversed", "sorted", "range", "iter")


def iterates_simply(source: Source, items: ast.expr) -> bool:
    """A builtin container or iterator: list() asks it for nothing more than the loop did."""
    return kind_of(source, items).name in _COPIED or source.calls_builtin(items, *_LAZY)


def is_plain_loop(source: Source, loop: ast.For) -> bool:
    """No else, no suspension, and the loop variable is read nowhere outside the loop."""
    if loop.orelse or suspends(loop) or not isinstance(loop.target, ast.Name):
        return False
    scope = local_scope(source, loop.target)
    if (
        scope is None
        or not source.owns_lines(loop)
        or source.comments_between(source.start(loop), source.end(loop))
    ):
        return False
    inner = set(names_in(loop))
    return all(
        name in inner or not isinstance(name.ctx, ast.Load)
        for name in source.names.references(scope, loop.target.id)
    )
