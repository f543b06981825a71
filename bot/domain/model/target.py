"""The one function that a model is asked to rewrite, as it stands in its file."""

import ast
import warnings
from dataclasses import dataclass

from bot.domain.gate.module import Module, read_module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Target:
    """A function by file and qualified name; `source` is the whole file's text.

    Lines are 1-based, both included; decorators belong to it.
    """

    file: str
    function: str
    source: str
    first_line: int
    last_line: int

    @property
    def text(self) -> str:
        """The function's own lines, without the last line's end."""
        return "\n".join(self.source.split("\n")[self.first_line - 1 : self.last_line])


def find_target(file: str, function: str, source: str) -> Target | str:
    """The function in its file, or why it cannot be rewritten on its own."""
    if "\f" in source or "\r" in source.replace("\r\n", ""):
        return "the file has ends of lines that are not counted alike everywhere"
    module = read_module(source)
    if isinstance(module, str):
        return f"its file cannot be read: {module}"
    nodes = _named(module, function)
    if len(nodes) != 1:
        return f"the file has {len(nodes)} functions `{function}`"
    (node,) = nodes
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    last = node.end_lineno or node.lineno
    if not _alone(module.tree, node, first, last):
        return f"`{function}` shares its lines with other code"
    return Target(file, function, source, first, last)


def indent_of(text: str) -> str:
    """The white space before the first line that has anything."""
    line = next((line for line in text.split("\n") if line.strip()), "")
    return line[: len(line) - len(line.lstrip())]


def parse(text: str) -> ast.Module | None:
    """The tree of a text, None where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _named(module: Module, function: str) -> list[FunctionNode]:
    """Every definition of that qualified name: one that is defined twice is nobody's target."""
    found: list[FunctionNode] = []
    todo: list[tuple[ast.AST, str]] = [(module.tree, "")]
    while todo:
        node, prefix = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [child] if prefix + child.name == function else []
            elif isinstance(child, ast.ClassDef):
                todo.append((child, f"{prefix}{child.name}."))
            else:
                todo.append((child, prefix))
    return found


def _alone(tree: ast.Module, node: FunctionNode, first: int, last: int) -> bool:
    """Whether no other statement stands on the function's first or last line."""
    inside = set(map(id, ast.walk(node)))
    return not any(
        isinstance(one, ast.stmt)
        and id(one) not in inside
        and ({one.lineno, one.end_lineno} & {first, last})
        and not (one.lineno < first and last <= (one.end_lineno or 0))
        for one in ast.walk(tree)
    )
