"""From an endpoint to the functions that answer it, read statically and by name alone.

A handler is a function whose decorator holds the endpoint's path as a string; its callees are
followed by their last name through the repository. Names are not types, so this over-reaches:
it ranks findings and never proves anything.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_DEPTH = 4


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A function by file and qualified name, and how many calls it is away from the handler."""

    file: str
    function: str
    distance: int


@dataclass(frozen=True, slots=True)
class _Function:
    file: str
    qualname: str
    name: str
    strings: frozenset[str]
    calls: frozenset[str]


def functions_behind(endpoint: str, sources: Mapping[str, str]) -> tuple[CodePlace, ...]:
    """The functions that answer `endpoint` (such as `GET /reports`), the nearest first."""
    path = endpoint.split(" ", 1)[-1]
    if not path:
        return ()
    functions = [f for file, source in sorted(sources.items()) for f in _functions(file, source)]
    by_name: dict[str, list[_Function]] = {}
    for function in functions:
        by_name.setdefault(function.name, []).append(function)
    found: dict[tuple[str, str], int] = {}
    level = [function for function in functions if path in function.strings]
    for distance in range(_DEPTH + 1):
        following: set[str] = set()
        for function in level:
            if found.setdefault((function.file, function.qualname), distance) == distance:
                following |= function.calls
        level = [f for name in sorted(following) for f in by_name.get(name, ())]
    return tuple(CodePlace(file, name, distance) for (file, name), distance in found.items())


def _functions(file: str, source: str) -> Iterator[_Function]:
    try:
        with warnings.catch_warnings():
            # Of what is wrong in the code read, which is nobody's business here.
            warnings.simplefilter("ignore")
            module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    pending: list[tuple[ast.AST, str]] = [(module, "")]
    while pending:
        node, prefix = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield _function(file, prefix, child)
                pending.append((child, f"{prefix}{child.name}.<locals>."))
            elif isinstance(child, ast.ClassDef):
                pending.append((child, f"{prefix}{child.name}."))
            else:
                pending.append((child, prefix))


def _function(file: str, prefix: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> _Function:
    strings = {
        part.value
        for decorator in node.decorator_list
        for part in ast.walk(decorator)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    calls = {
        part.func.attr if isinstance(part.func, ast.Attribute) else part.func.id
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute | ast.Name)
    }
    return _Function(file, f"{prefix}{node.name}", node.name, frozenset(strings), frozenset(calls))
