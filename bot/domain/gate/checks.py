"""What a rewrite may not weaken: errors, assertions, what tools say, laziness, plain text."""

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator

from bot.domain.gate.module import Function, Module, last_name

_REMARKS = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma:|nosec|nosemgrep|pylint:|flake8:|ruff:|mypy:|fmt:|yapf:|"
    r"isort:|pyright:|lizard)",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"Cf", "Co", "Cn", "Cs"})
"""Unicode categories that show nothing or turn the text around (bidi, zero width, tags)."""
_BROAD = frozenset({"Exception", "BaseException", ""})


def hidden_text(before: str, after: str) -> Iterator[tuple[str, str]]:
    """What a reviewer would not see, or a tool would no longer say."""
    fresh = set(after) - set(before)
    odd = sorted(c for c in fresh if unicodedata.category(c) in _UNSEEN)
    if odd:
        yield "hidden-characters", f"U+{ord(odd[0]):04X} cannot be seen"
    control = sorted(c for c in fresh if unicodedata.category(c) == "Cc" and c not in "\n\t\r")
    if control:
        yield "not-text", f"it holds the character U+{ord(control[0]):04X}"
    if "\r" in fresh:
        yield "line-endings", "lines end otherwise than before"
    remarks = len(_REMARKS.findall(after)) - len(_REMARKS.findall(before))
    if remarks > 0:
        yield "weakens-checks", f"{remarks} remarks more that silence a tool"


def refusals(old: Module, new: Module, qualname: str) -> Iterator[tuple[str, str]]:
    """Of one function, with what it calls in its module."""
    before, after = old.reached(qualname).values(), new.reached(qualname).values()
    gone = sorted(_raised(before) - _raised(after))
    if gone:
        yield "weakens-checks", f"`{gone[0]}` is no longer raised"
    asserts = _count(before, ast.Assert) - _count(after, ast.Assert)
    if asserts > 0:
        yield "weakens-checks", f"{asserts} assertions are gone"
    if _swallowing(after) > _swallowing(before):
        yield "swallows-errors", "every error is caught and not raised again"
    was, now = _is_lazy(old.functions[qualname]), _is_lazy(new.functions[qualname])
    if was != now:
        yield "changes-laziness", f"it {'is a generator no more' if was else 'becomes a generator'}"


def _raised(functions: Iterable[Function]) -> set[str]:
    found: set[str] = set()
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Raise) and node.exc is not None:
                error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                name = last_name(error)
                # A variable that holds an error says nothing of its type.
                found |= {name} if name[:1].isupper() else set()
    return found


def _count(functions: Iterable[Function], kind: type[ast.AST]) -> int:
    return sum(isinstance(node, kind) for one in functions for node in ast.walk(one))


def _swallowing(functions: Iterable[Function]) -> int:
    """Handlers of everything that do not raise, and contexts that do the same."""
    found = 0
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler):
                is_broad = bool(_BROAD & _caught(node.type))
                found += is_broad and not any(isinstance(n, ast.Raise) for n in ast.walk(node))
            elif isinstance(node, ast.Call) and last_name(node.func) == "suppress":
                found += any(last_name(one) in _BROAD - {""} for one in node.args)
            elif isinstance(node, ast.Try):
                # A `return` in `finally` throws away the error that is on its way.
                ends = (ast.Return, ast.Break, ast.Continue)
                found += any(isinstance(n, ends) for s in node.finalbody for n in ast.walk(s))
    return found


def _caught(node: ast.expr | None) -> set[str]:
    if node is None:
        return {""}
    return {last_name(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])}


def _is_lazy(function: Function) -> bool:
    """Whether it has a `yield` of its own, and not one of a function inside it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)
    return False
