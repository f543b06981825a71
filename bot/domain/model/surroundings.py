"""What a model is shown around a function: who calls it, what it calls, its types and tests."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.callgraph import CallGraph, FunctionSpan
from bot.domain.model.target import Target, parse
from bot.domain.patch import is_test_path

_MOST_EXCERPTS = 6
_MOST_TESTS = 40
_LONGEST_EXCERPT = 60
"""Lines of one caller or callee that are shown."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file."""

    file: str
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Code of the repository beside the function; all of it is foreign text.

    `module` is the top of its file and the shell of its class; `tests` are names alone.
    """

    module: str = ""
    callees: tuple[Excerpt, ...] = ()
    callers: tuple[Excerpt, ...] = ()
    types: tuple[Excerpt, ...] = ()
    tests: tuple[str, ...] = ()


def surroundings(target: Target, sources: Mapping[str, str], graph: CallGraph) -> Surroundings:
    """Read off the sources by name alone, the nearest first; nothing is run."""
    callers = graph.callers(target.file, target.function)
    tests = [f"{at.file}::{at.function}" for at in callers if is_test_path(at.file)]
    others = [at for at in callers if not is_test_path(at.file)]
    return Surroundings(
        _top(target),
        _excerpts(graph.callees(target.file, target.function), target, sources),
        _excerpts(others, target, sources),
        tuple(_types(target, sources)),
        tuple(tests[:_MOST_TESTS]),
    )


def _excerpts(
    places: Iterable[FunctionSpan], target: Target, sources: Mapping[str, str]
) -> tuple[Excerpt, ...]:
    """Those of the same file first: names are not types, and far ones are often others."""
    near = sorted(places, key=lambda at: (at.file != target.file, at.file, at.first_line))
    found = []
    for at in near:
        same = (at.file, at.function) == (target.file, target.function)
        if not same and not is_test_path(at.file):
            found.append(Excerpt(at.file, at.function, _lines(sources[at.file], at)))
    return tuple(found[:_MOST_EXCERPTS])


def _lines(source: str, at: FunctionSpan) -> str:
    last = min(at.last_line, at.first_line + _LONGEST_EXCERPT - 1)
    return "\n".join(source.split("\n")[at.first_line - 1 : last])


def _top(target: Target) -> str:
    """Imports, constants and the class around the function, without any other function."""
    tree = parse(target.source)
    if tree is None:
        return ""
    lines = target.source.split("\n")
    shown = []
    for one in tree.body:
        if isinstance(one, ast.ClassDef) and one.lineno <= target.first_line <= (
            one.end_lineno or 0
        ):
            shown += [lines[one.lineno - 1], *_shell(one, lines)]
        elif isinstance(one, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign):
            shown += lines[one.lineno - 1 : one.end_lineno][:_LONGEST_EXCERPT]
    return "\n".join(shown)


def _shell(node: ast.ClassDef, lines: list[str]) -> Iterator[str]:
    """What a class says of itself: its attributes, and the first line of each method."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{lines[one.lineno - 1]}  ..."
        elif isinstance(one, ast.Assign | ast.AnnAssign):
            yield from lines[one.lineno - 1 : one.end_lineno]


def _types(target: Target, sources: Mapping[str, str]) -> Iterator[Excerpt]:
    """Classes that the function's own text names, by their shells."""
    named = {word for word in _names(target.text) if word[:1].isupper()}
    if not named:
        return
    for file in sorted(sources, key=lambda name: (name != target.file, name)):
        if is_test_path(file) or not any(f"class {name}" in sources[file] for name in named):
            continue
        tree = parse(sources[file])
        lines = sources[file].split("\n")
        for one in tree.body if tree else ():
            if isinstance(one, ast.ClassDef) and one.name in named:
                named.discard(one.name)
                text = "\n".join([lines[one.lineno - 1], *_shell(one, lines)])
                yield Excerpt(file, one.name, text)


def _names(text: str) -> set[str]:
    tree = parse(_flat(text))
    nodes = ast.walk(tree) if tree else ()
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _flat(text: str) -> str:
    """A method's text as if it stood alone."""
    return f"if 1:\n{text}" if text[:1].isspace() else text
