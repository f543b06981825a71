"""What became of like code before: what is asked, what is remembered, and *not this again*.

Code is known again by the shape of its syntax tree, in which names and layout have no part, and by
the words in its names and texts.
"""

import ast
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.finding import Finding
from bot.domain.improvement import Improvement, State
from bot.domain.policy import LimitsPolicy

ENDED: Final = frozenset({State.KEPT, State.REVERTED, State.ABANDONED, State.REJECTED})
"""Whose outcome is known."""
_TAKEN_BACK: Final = frozenset({State.ABANDONED, State.REVERTED})
"""What a person closed, or what was worse in production. What the sandbox rejected may well gain
elsewhere, on other inputs."""
ALIKE: Final = 0.8
"""The share of shapes in common from which code is taken for the same: renaming, moving and laying
out anew leave all of it, one statement more or less some four fifths (`benchmarks/recall.py`)."""
_GRAM: Final = 4
_MOST_CODE: Final = 100_000
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the code of one function of a repository, and words about it."""

    repository: str
    code: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one improvement; `before` and `after` are its function's code alone.

    `reason` and the code are foreign text: data, never instructions.
    """

    id: str
    finding: Finding
    engine: str
    state: State
    reason: str
    before: str
    after: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Recalled:
    """One outcome that is like what was asked, and how much its shape is, 0 to 1."""

    outcome: Outcome
    likeness: float


def outcome_of(improvement: Improvement) -> Outcome | None:
    """What there is to remember of an improvement; None without a patch or before its end."""
    patch, finding = improvement.patch, improvement.finding
    if improvement.state not in ENDED or patch is None or not patch.changes:
        return None
    change = patch.changes[0]
    return Outcome(
        improvement.id,
        finding,
        improvement.engine,
        improvement.state,
        improvement.reason,
        function_code(change.before, finding.function),
        function_code(change.after, finding.function),
        improvement.updated_at,
    )


def function_code(source: str, qualname: str) -> str:
    """The text of a function of a module; all of it where it has none such, or is no Python."""
    tree = _parsed(source)
    body: list[ast.stmt] = tree.body if tree is not None else []
    found: ast.stmt | None = None
    for part in qualname.split("."):
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        found = next((one for one in body if isinstance(one, kinds) and one.name == part), None)
        body = found.body if isinstance(found, kinds) else []
    text = ast.get_source_segment(source, found) if found is not None else None
    return source if text is None else text


def shapes(code: str) -> frozenset[str]:
    """The shapes of code, as words: runs of four nodes of its tree; none if it is no Python."""
    tree = _parsed(code)
    if tree is None:
        return frozenset()
    nodes = list(_nodes(tree))
    runs = (nodes[at : at + _GRAM] for at in range(max(1, len(nodes) - _GRAM + 1)))
    return frozenset(f"s{zlib.crc32(' '.join(run).encode()):08x}" for run in runs)


def words(text: str) -> tuple[str, ...]:
    """The words of names and sentences in lower case: `read_URLs` is `read`, `urls`."""
    return tuple(found.lower() for found in _WORD.findall(text[:_MOST_CODE]))


def likeness(one: str, other: str) -> float:
    """The share of shapes that two texts have in common, 0 to 1 (Jaccard 1901)."""
    mine, theirs = shapes(one), shapes(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def not_again(rule: str, recalled: Iterable[Recalled], policy: LimitsPolicy, now: datetime) -> str:
    """Why this is not proposed now: the same on like code was closed or reverted. Else empty."""
    for one in recalled:
        past = one.outcome
        until = past.ended_at + timedelta(days=policy.cooldown_days)
        same = past.finding.rule == rule and one.likeness >= ALIKE
        if same and past.state in _TAKEN_BACK and now < until:
            where = f"{past.finding.file}:{past.finding.function}"
            return f"the same in `{where}` was {past.state} (`limits.cooldown_days`)"
    return ""


def ranked(query: Query, found: Sequence[Outcome]) -> tuple[Recalled, ...]:
    """Outcomes with how much each is like the code that was asked about, in their order."""
    return tuple(Recalled(one, likeness(query.code, one.before)) for one in found)


def _parsed(source: str) -> ast.Module | None:
    text = source[:_MOST_CODE]
    indented = text[:1].isspace()
    try:
        return ast.parse(f"if 1:\n{text}" if indented else text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _nodes(tree: ast.AST) -> Iterator[str]:
    """Every node before those below it; docstrings, annotations and names have no part."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Constant):
            yield type(node.value).__name__
        elif not isinstance(node, ast.expr_context | ast.Module):
            yield type(node).__name__
        todo += reversed(list(_below(node)))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        is_annotation = child in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if not is_text and not is_annotation:
            yield child
