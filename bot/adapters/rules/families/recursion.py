"""Recursions that compute the same values again and again."""

import ast
from collections.abc import Iterator

from bot.adapters.rules.effects import stored
from bot.adapters.rules.insertions import import_from
from bot.adapters.rules.kinds import annotated
from bot.adapters.rules.rule import Match, Rule, information
from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof


def _find_recursion(source: Source) -> Iterator[Match]:
    """A pure function of ints that calls itself twice on smaller ones."""
    for function in source.of_type(ast.FunctionDef):
        if function.decorator_list or not isinstance(source.parents[function], ast.Module):
            continue
        calls = [node for node in ast.walk(function) if _calls(node, function.name)]
        if (
            len(calls) < 2
            or not _takes_ints(source, function)
            or not _is_arithmetic(source, function)
        ):
            continue
        if source.names.module.bindings.get(function.name) != [function]:
            continue
        found = import_from(source, function, "functools", "lru_cache")
        if found is not None and source.owns_lines(function):
            name, edit = found
            start = source.line_start(source.line_of(source.start(function)))
            decorator = Edit(start, start, f"@{name}(maxsize=4096)\n")
            if edit is not None and edit.start == start:
                decorator, edit = Edit(start, start, edit.text + decorator.text), None
            edits = (decorator,) if edit is None else (edit, decorator)
            yield Match(function, edits, "the same values are computed again and again")


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _takes_ints(source: Source, function: ast.FunctionDef) -> bool:
    arguments = function.args
    plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
    parameters = [*arguments.posonlyargs, *arguments.args]
    return (
        plain
        and 0 < len(parameters) < 4
        and all(annotated(source, parameter.annotation).name == "int" for parameter in parameters)
    )


_ARITHMETIC = (
    ast.Return, ast.If, ast.Assign, ast.Name, ast.Constant, ast.BinOp, ast.Compare, ast.BoolOp,
    ast.UnaryOp, ast.IfExp, ast.Call, ast.operator, ast.cmpop, ast.boolop, ast.unaryop,
    ast.expr_context, ast.Expr,
)  # fmt: skip


def _is_arithmetic(source: Source, function: ast.FunctionDef) -> bool:
    """Nothing but arithmetic on its own names, and calls of itself: pure, and immutable results."""
    names = {parameter.arg for parameter in function.args.args} | stored(function)
    for statement in function.body:
        for node in ast.walk(statement):
            if not isinstance(node, _ARITHMETIC) or isinstance(node, ast.MatMult):
                return False
            if isinstance(node, ast.Call) and not (
                _calls(node, function.name) or source.is_builtin(node.func, "min", "max", "abs")
            ):
                return False
            local = not isinstance(node, ast.Name) or node.id in {*names, function.name}
            if not local and not source.is_builtin(node, "min", "max", "abs"):
                return False
            if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
                return False
    return True


RECURSION = Rule(
    information(
        "recursion-recomputed",
        "Remember the results of a pure recursion",
        Severity.HIGH,
        why="A function that calls itself twice computes the same values exponentially often.",
        measured="0.06x at n = 2, 45x at n = 18",
        conditions=(
            "a function of the module with one to three parameters annotated int, no default",
            "its body is arithmetic and calls of itself, so it is pure and returns numbers",
            "it calls itself at least twice and has no decorator",
        ),
        risk="The cache keeps up to 4,096 results alive; the depth of recursion stays what it was.",
        proof=Proof(
            setup=(
                "from functools import lru_cache\n"
                "def plain(k):\n    return k if k < 2 else plain(k - 1) + plain(k - 2)\n"
                "def kept(n):\n    @lru_cache(maxsize=4096)\n    def f(k):\n"
                "        return k if k < 2 else f(k - 1) + f(k - 2)\n    return f(n)"
            ),
            before="result = plain(n)",
            after="result = kept(n)",
            sizes=(2, 12, 18),
            covers=False,
        ),
    ),
    _find_recursion,
)

RULES = (RECURSION,)
