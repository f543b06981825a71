"""From a handler to the functions that it calls, read statically and by name alone.

Callees are followed by their last name through the repository. Names are not types, so this
over-reaches: it ranks findings and never proves anything. Where no route table knows the handler,
a function whose decorator holds the endpoint's path as a string is taken for it.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_DEPTH = 4


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A function by file and qualified name, and how many calls it is away from the handler."""

    file: str
    function: str
    distance: int


@dataclass(frozen=True, slots=True)
class FunctionSpan:
    """A function or class with the lines of its text, both ends 1-based and included."""

    file: str
    function: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class _Function:
    span: FunctionSpan
    name: str
    strings: frozenset[str]
    calls: frozenset[str]


class CallGraph:
    """Every function of a repository with the names that it calls."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        items = sorted(sources.items())
        self._functions = [one for file, source in items for one in _functions(file, source)]
        self._by_name: dict[str, list[_Function]] = {}
        for function in self._functions:
            self._by_name.setdefault(function.name, []).append(function)

    @property
    def functions(self) -> tuple[FunctionSpan, ...]:
        """All functions, in the order of their files."""
        return tuple(function.span for function in self._functions)

    def behind(self, handlers: Iterable[tuple[str, str]]) -> tuple[CodePlace, ...]:
        """The handlers by file and name, and what they call, the nearest first.

        A class stands for each of its methods.
        """
        wanted = list(handlers)
        exact = set(wanted)
        classes = tuple({f"{name}." for _, name in wanted})
        start = [
            function
            for function in self._functions
            if (function.span.file, function.span.function) in exact
            or (function.span.function.startswith(classes) and _owner(function) in exact)
        ]
        return self._reach(start)

    def behind_path(self, path: str) -> tuple[CodePlace, ...]:
        """The same for the functions whose decorators hold a path as it stands."""
        return self._reach([one for one in self._functions if path in one.strings])

    def callers(self, file: str, function: str) -> tuple[FunctionSpan, ...]:
        """Every function that calls one of that name, whichever it is, in the order of files."""
        name = function.rpartition(".")[2]
        mine = (file, function)
        every = (one for one in self._functions if name in one.calls)
        return tuple(one.span for one in every if (one.span.file, one.span.function) != mine)

    def callees(self, file: str, function: str) -> tuple[FunctionSpan, ...]:
        """Every function of a name that this one calls."""
        own = [
            one for one in self._functions if (one.span.file, one.span.function) == (file, function)
        ]
        names = sorted({name for one in own for name in one.calls})
        return tuple(f.span for name in names for f in self._by_name.get(name, ()))

    def _reach(self, level: list[_Function]) -> tuple[CodePlace, ...]:
        found: dict[FunctionSpan, int] = {}
        for distance in range(_DEPTH + 1):
            following: set[str] = set()
            for function in level:
                if found.setdefault(function.span, distance) == distance:
                    following |= function.calls
            level = [f for name in sorted(following) for f in self._by_name.get(name, ())]
        places = (CodePlace(at.file, at.function, distance) for at, distance in found.items())
        return tuple(dict.fromkeys(places))


def functions_behind(endpoint: str, sources: Mapping[str, str]) -> tuple[CodePlace, ...]:
    """The functions that answer `endpoint` (such as `GET /reports`) by their decorators' text."""
    path = endpoint.split(" ", 1)[-1]
    return CallGraph(sources).behind_path(path) if path else ()


def _owner(function: _Function) -> tuple[str, str]:
    return function.span.file, function.span.function.rpartition(".")[0]


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
    span = FunctionSpan(file, f"{prefix}{node.name}", node.lineno, node.end_lineno or node.lineno)
    return _Function(span, node.name, frozenset(strings), frozenset(calls))
