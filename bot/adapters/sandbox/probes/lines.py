"""Whether changed lines ran."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Sequence
from types import CodeType, FrameType
from typing import Any

from .targets import first_line


class Lines:
    """Watches one file until one of its changed ranges has run inside a function."""

    def __init__(self, path: str, tree: ast.Module, ranges: Iterable[Sequence[int]]) -> None:
        self._path = os.path.realpath(path)
        self._wanted = {line for first, last in ranges for line in range(first, last + 1)}
        self._spans = _spans(tree)
        self._ours: dict[CodeType, bool] = {}
        self._before: Any = None
        self.hit = False

    def start(self) -> None:
        """Watch the next call, as long as nothing was seen."""
        if not self.hit:
            # Whoever traced before, such as a measurement of coverage, goes on afterwards.
            self._before = sys.gettrace()
            sys.settrace(self._on_call)

    def stop(self) -> None:
        sys.settrace(self._before)

    def _on_call(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if code not in self._ours:
            self._ours[code] = os.path.realpath(code.co_filename) == self._path
        if not self._ours[code] or code.co_name == "<module>":
            return None
        return self._on_line(frame, event, None)

    def _on_line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event in ("call", "line"):
            # A statement runs as a whole, and a call runs its decorators' and its head's lines.
            span = self._spans.get(frame.f_lineno, (frame.f_lineno, frame.f_lineno))
            if any(line in self._wanted for line in range(span[0], span[1] + 1)):
                self.hit = True
                sys.settrace(self._before)
        return self._on_line


def _spans(tree: ast.Module) -> dict[int, tuple[int, int]]:
    """For each line the lines of the statement, or of the head of one, that it belongs to.

    Blank lines and comments belong to the statement before them: a change may only remove lines.
    """
    extents = sorted({_extent(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)})
    found: dict[int, tuple[int, int]] = {}
    following = [first for first, _ in extents[1:]]
    for (first, last), after in zip(extents, [*following, 0]):
        end = max(last, after - 1)
        for line in range(first, end + 1):
            found[line] = (first, end)
    return found


def _extent(statement: ast.stmt) -> tuple[int, int]:
    first = statement.lineno
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        first = first_line(statement)
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return first, max(first, body[0].lineno - 1)
    return first, statement.end_lineno or first
