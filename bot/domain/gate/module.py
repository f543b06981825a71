"""A module's text as the gate looks at it: its definitions, and what else stands at its top."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Module:
    """One parsed text."""

    text: str
    tree: ast.Module

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Functions and classes outside functions by qualified name; the last of a name counts."""
        return dict(_definitions(self.tree, ""))

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions among them."""
        return {n: d for n, d in self.definitions.items() if not isinstance(d, ast.ClassDef)}

    @cached_property
    def others(self) -> tuple[ast.stmt, ...]:
        """What stands at the top and defines no function and no class, but for imports."""
        skipped = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
        return tuple(one for one in self.tree.body if not isinstance(one, skipped))

    @cached_property
    def imported(self) -> frozenset[str]:
        """Every module that is named in an import, wherever that stands, by its dotted name."""
        return frozenset(_imported(self.tree))

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What a name that an import binds stands for."""
        return dict(_aliases(self.tree))

    def full(self, node: ast.AST) -> str:
        """`re.compile` for `compile` or `regex.compile`, if that is how it was imported."""
        first, dot, rest = dotted(node).partition(".")
        return f"{self.aliases.get(first, first)}{dot}{rest}"

    @cached_property
    def names(self) -> frozenset[str]:
        """What is bound at the top."""
        return frozenset(_bound(self.tree.body))

    def reached(self, qualname: str) -> dict[str, Function]:
        """A function and what it calls of the same module, by name alone; tables of it too."""
        found: dict[str, Function] = {}
        todo = [qualname]
        while todo:
            name = todo.pop()
            for known in self._called(name):
                if known not in found:
                    found[known] = self.functions[known]
                    todo += sorted(_mentioned(self.functions[known]))
        return found

    def _called(self, name: str) -> list[str]:
        if name in self.functions:
            return [name]
        return [known for known in self.functions if known.rpartition(".")[2] == name]


def read_module(text: str) -> Module | str:
    """The module, or why it cannot be read."""
    if len(text) > _MOST_BYTES:
        return f"it has more than {_MOST_BYTES:,} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Module(text, ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        return f"{type(error).__name__}: {error}" if line is None else f"line {line}: {error}"


def same(one: ast.AST | None, other: ast.AST | None) -> bool:
    """Whether two trees are alike but for where they stand."""
    if one is None or other is None:
        return one is other
    return ast.dump(one) == ast.dump(other)


def parameters(function: Function) -> frozenset[str]:
    """The names of its arguments."""
    a = function.args
    every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
    return frozenset(one.arg for one in every)


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c` and of `c`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.AST) -> str:
    """`a.b.c` as it stands; empty where it does not begin with a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield prefix + child.name, child
            yield from _definitions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _definitions(child, prefix)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def _aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.asname, one.name) for one in node.names if one.asname)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((a.asname or a.name, f"{node.module}.{a.name}") for a in node.names)


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from ((a.asname or a.name).partition(".")[0] for a in statement.names)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def _mentioned(function: Function) -> set[str]:
    return {last_name(node) for node in ast.walk(function)} - {"", function.name}
