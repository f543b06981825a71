"""One parsed file: its text, its tree, and the questions the rules ask about them."""

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.adapters.rules.scopes import Function, Scope, ScopeMap

if TYPE_CHECKING:
    from bot.adapters.rules.kind import Kind

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_COMPILED = ("jit", "njit", "vectorize", "guvectorize", "cython", "numba", "kernel", "pythran")
_Node = TypeVar("_Node", bound=ast.AST)
_COLD_METHODS = frozenset({"__repr__", "__del__", "__dir__", "__reduce__", "__getstate__"})


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters [start, end) of the file by `text`."""

    start: int
    end: int
    text: str


class Source:
    """A module's text with its tree; raises SyntaxError or ValueError if it does not parse."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]
        self._ascii = text.isascii()
        self.nodes: list[ast.AST] = list(ast.walk(self.tree))
        self.parents: dict[ast.AST, ast.AST] = {
            child: node for node in self.nodes for child in ast.iter_child_nodes(node)
        }
        # in an f-string the positions are not to be trusted, nor are its braces and quotes
        self.quoted = {
            inner
            for node in self.nodes
            if isinstance(node, ast.JoinedStr)
            for inner in ast.walk(node)
            if inner is not node
        }
        self.names = ScopeMap(self.tree)
        self.assumed: dict[tuple[Scope, str], Kind] = {}
        self.comments: tuple[tuple[int, str], ...] = tuple(self._comments())

    # Where things lie

    def offset(self, line: int, column: int) -> int:
        """The character offset of an `ast` position, whose columns count UTF-8 bytes."""
        start = self._starts[line - 1]
        if self._ascii:
            return start + column
        whole = self.text[start : start + column].encode("utf-8", "surrogatepass")
        return start + len(whole[:column].decode("utf-8", "surrogatepass"))

    def start(self, node: ast.AST) -> int:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if decorators:
            return self.text.rindex("@", 0, self.start(decorators[0]))
        return self.offset(*_position(node))

    def end(self, node: ast.AST) -> int:
        return self.offset(*_end_position(node))

    def segment(self, node: ast.AST) -> str:
        return self.text[self.start(node) : self.end(node)]

    def line_of(self, offset: int) -> int:
        """The 1-based line in which an offset lies."""
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + 1

    def line_start(self, line: int) -> int:
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def indentation(self, node: ast.AST) -> str:
        """The white space before a statement, or "" when something else stands on its line."""
        before = self.text[self.line_start(self.line_of(self.start(node))) : self.start(node)]
        return before if not before.strip() else ""

    def owns_lines(self, node: ast.stmt) -> bool:
        """Whether nothing else stands on the lines of a statement."""
        start, end = self.start(node), self.end(node)
        before = self.text[self.line_start(self.line_of(start)) : start]
        after = self.text[end : self.line_start(self.line_of(end) + 1)]
        return not before.strip() and (not after.strip() or after.strip().startswith("#"))

    def header(self, node: ast.stmt) -> tuple[int, int]:
        """A simple statement, or a compound one up to the colon before its body."""
        start, end = self.start(node), self.end(node)
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        if not body or isinstance(node, ast.Try):
            return (start, end) if not body else (start, start)
        first = self.offset(body[0].pattern.lineno, 0) if hasattr(body[0], "pattern") else None
        limit = self.start(body[0]) if first is None else first
        colon = self.text.rfind(":", start, limit)
        comments = self.comments_between(start, limit)
        if not comments and not self.text[colon + 1 : limit].strip():
            return start, colon + 1
        return start, start

    @functools.cached_property
    def headers(self) -> list[tuple[int, int, int]]:
        """Line start, start and end of every header that stands on its own lines."""
        return [
            (self.line_start(self.line_of(start)), start, end)
            for node in self.nodes
            if isinstance(node, ast.stmt) and self.owns_header(node)
            for start, end in [self.header(node)]
        ]

    def owns_header(self, node: ast.stmt) -> bool:
        """Whether nothing else stands on the lines of a statement's header."""
        start, end = self.header(node)
        if start == end or getattr(node, "decorator_list", None):
            return False
        before = self.text[self.line_start(self.line_of(start)) : start]
        after = self.text[end : self.line_start(self.line_of(end) + 1)]
        return not before.strip() and (not after.strip() or after.strip().startswith("#"))

    def comments_between(self, start: int, end: int) -> list[str]:
        return [text for offset, text in self.comments if start <= offset < end]

    # What surrounds a node

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def statement(self, node: ast.AST) -> ast.stmt:
        current = node
        while not isinstance(current, ast.stmt):
            current = self.parents[current]
        return current

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function whose body, not whose header, holds the node."""
        child = node
        for parent in self.ancestors(node):
            if isinstance(parent, Function) and child in parent.body:
                return parent
            child = parent
        return None

    def qualified_function(self, node: ast.AST) -> str:
        """`Class.method`, as in a traceback's qualified name without the `<locals>`."""
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        around = (node, *self.ancestors(node))
        parts = [parent.name for parent in around if isinstance(parent, named)]
        return ".".join(reversed(parts)) or "<module>"

    def loops(self, node: ast.AST) -> Iterator[ast.For | ast.While]:
        """The loops of the same function whose body repeats the node, innermost first."""
        child = node
        for parent in self.ancestors(node):
            if isinstance(
                parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
            ):
                return
            if isinstance(parent, ast.For) and child in parent.body:
                yield parent
            if isinstance(parent, ast.While) and child not in parent.orelse:
                yield parent
            child = parent

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements in which a statement stands."""
        parent = self.parents[statement]
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and statement in block:
                return block
        return []

    def hot(self, node: ast.AST) -> bool:
        """Whether a node can run often: inside a function, and not on a path that fails."""
        function = self.function(node)
        if function is None or function.name in _COLD_METHODS:
            return False
        inside = (ast.Raise, ast.Assert)
        return not any(isinstance(parent, inside) for parent in (node, *self.ancestors(node)))

    def opaque(self, node: ast.AST) -> bool:
        """Whether other means see the function: `locals()`, `exec`, or a compiling decorator."""
        scope: Scope | None = self.names.of_node.get(node)
        while scope is not None:
            if scope.dynamic and scope.parent is not None:
                return True
            scope = scope.parent
        return any(
            word in ast.unparse(decorator)
            for parent in (node, *self.ancestors(node))
            for decorator in getattr(parent, "decorator_list", [])
            for word in _COMPILED
        )

    # What a name means

    def is_builtin(self, node: ast.AST | None, *wanted: str) -> bool:
        """Whether a node is one of these builtins, bound by nobody on the way."""
        return (
            isinstance(node, ast.Name)
            and node.id in wanted
            and isinstance(node.ctx, ast.Load)
            and not self.names.star_import
            and self.names.resolve(node) is None
        )

    def reaches_builtin(self, node: ast.AST, name: str) -> bool:
        """Whether new code at this place would reach a builtin under its own name."""
        bound = self.names.lookup(name, self.names.of_node[node])
        return bound is None and not self.names.star_import

    def calls_builtin(self, node: ast.AST | None, *wanted: str) -> bool:
        return isinstance(node, ast.Call) and self.is_builtin(node.func, *wanted)

    def imported(self, node: ast.AST) -> str:
        """The dotted path of a name that one import, and nothing else, binds; else ""."""
        if isinstance(node, ast.Attribute):
            base = self.imported(node.value)
            return f"{base}.{node.attr}" if base else ""
        if not isinstance(node, ast.Name) or self.names.star_import:
            return ""
        scope = self.names.resolve(node)
        bindings = scope.bindings.get(node.id, []) if scope is not None else []
        if len(bindings) != 1 or not isinstance(bindings[0], ast.alias):
            return ""
        return self._import_path(bindings[0])

    def _import_path(self, alias: ast.alias) -> str:
        statement = self.parents[alias]
        if isinstance(statement, ast.ImportFrom):
            return f"{statement.module}.{alias.name}" if not statement.level else ""
        return alias.name if alias.asname else alias.name.split(".")[0]

    def of_type(self, kind: type[_Node]) -> Iterator[_Node]:
        """The nodes of one type that may be edited: what stands inside an f-string may not."""
        return (node for node in self.nodes if isinstance(node, kind) and node not in self.quoted)

    def hot_nodes(self, kind: type[_Node]) -> Iterator[_Node]:
        return (node for node in self.of_type(kind) if self.hot(node))

    def _comments(self) -> Iterator[tuple[int, str]]:
        # universal newlines keep the lines' numbers, and columns do not reach past a line's end
        lines = io.StringIO(self.text, newline=None)
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                yield self._starts[line - 1] + column, token.string


def _position(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _end_position(node: ast.AST) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
