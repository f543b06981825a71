"""From a benchmark's name to the function that it measures.

pytest-benchmark names a test (`tests/test_x.py::TestA::test_b[1]`) whose `benchmark` fixture is
called with the function; asv names `module.Class.time_x`, whose body calls it. Where the code does
not say it, the name does: `test_parse` and `time_parse` most likely measure `parse`.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.callgraph import FunctionSpan
from bot.domain.routes import CodeFunction, Resolved

PASSED, CALLED, SAME_NAME = 0.9, 0.7, 0.5
"""How sure a function is that is passed to the fixture, that is called by the benchmark, or that
only has its name."""
_ASV = re.compile(r"(?:time|timeraw|mem|peakmem|track)_(\w+)")
_NAMED = re.compile(r"(?:test|bench|benchmark|time|perf)_+(\w+?)(?:_+(?:benchmark|bench|perf))?")
_FIXTURES = frozenset({"benchmark", "benchmark_weave"})
_PARSED = 1_000_000
_Node = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class _Benchmark:
    file: str
    node: _Node
    is_fixture: bool


def function_of_benchmark(
    name: str, sources: Mapping[str, str], functions: Collection[FunctionSpan]
) -> tuple[Resolved, ...]:
    """The functions that a benchmark measures, the surest first; none if nothing says it.

    `functions` are all of the repository; those of tests and benchmarks are never the answer.
    """
    name = name[:1_000]
    own = [one for one in functions if not is_measuring(one.file)]
    for benchmark in _benchmarks(name, sources):
        named = _passed(benchmark) if benchmark.is_fixture else ()
        found = _matching(named, own, PASSED, f"`{name}` passes it to its `benchmark` fixture")
        if not found:
            called = _called(benchmark)
            found = _matching(called, own, CALLED, f"`{name}` calls it, at {benchmark.file}")
        if found:
            return found
    word = _word(name)
    return _matching((word,) if word else (), own, SAME_NAME, f"`{name}` has its name")


def is_measuring(file: str) -> bool:
    """Whether a file holds tests or benchmarks."""
    *folders, last = file.split("/")
    return last.startswith(("test_", "bench_", "conftest")) or any(
        folder in ("tests", "test", "benchmarks", "benchmark", "asv_bench") for folder in folders
    )


def _benchmarks(name: str, sources: Mapping[str, str]) -> Iterator[_Benchmark]:
    path, *parts = name.split("::")
    if parts:
        parts[-1] = parts[-1].partition("[")[0]
        yield from _in_files(path, parts, sources, is_fixture=True)
        return
    dotted = name.partition("(")[0].split(".")
    if not _ASV.fullmatch(dotted[-1]):
        return
    for count in range(len(dotted) - 1, 0, -1):
        path = "/".join(dotted[:count]) + ".py"
        yield from _in_files(path, dotted[count:], sources, is_fixture=False)


def _in_files(
    path: str, parts: list[str], sources: Mapping[str, str], *, is_fixture: bool
) -> Iterator[_Benchmark]:
    for file in sorted(sources):
        if file == path or file.endswith(f"/{path}"):
            node = _defined(sources[file], parts)
            if node is not None:
                yield _Benchmark(file, node, is_fixture)


def _defined(source: str, parts: list[str]) -> _Node | None:
    try:
        body: list[ast.stmt] = ast.parse(source[:_PARSED]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    node: ast.stmt | None = None
    for part in parts:
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        node = next((one for one in body if isinstance(one, kinds) and one.name == part), None)
        body = node.body if isinstance(node, ast.ClassDef) else []
    return node if isinstance(node, _Node) else None


def _passed(benchmark: _Benchmark) -> tuple[str, ...]:
    """What the fixture is called with, through a local name, a lambda or a local function."""
    found: list[str] = []
    inner = {
        node.name: node
        for node in ast.walk(benchmark.node)
        if isinstance(node, _Node) and node is not benchmark.node
    }
    for node in ast.walk(benchmark.node):
        if isinstance(node, ast.Call) and _is_fixture(node.func) and node.args:
            target = node.args[0]
            if isinstance(target, ast.Lambda):
                found += _calls(target.body)
            elif isinstance(target, ast.Name) and target.id in inner:
                found += _calls(inner[target.id])
            elif (name := _last_name(target)) is not None:
                found.append(name)
        elif isinstance(node, _Node) and any(_is_fixture(one) for one in node.decorator_list):
            found += _calls(node)
    return tuple(dict.fromkeys(found))


def _is_fixture(node: ast.expr) -> bool:
    """`benchmark`, `self.benchmark` or `benchmark.pedantic`."""
    if isinstance(node, ast.Attribute) and node.attr == "pedantic":
        node = node.value
    return _last_name(node) in _FIXTURES


def _called(benchmark: _Benchmark) -> tuple[str, ...]:
    names = _calls(benchmark.node)
    return tuple(name for name in names if name not in _FIXTURES and name != "pedantic")


def _calls(node: ast.AST) -> list[str]:
    names = (_last_name(part.func) for part in ast.walk(node) if isinstance(part, ast.Call))
    return list(dict.fromkeys(name for name in names if name))


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _word(name: str) -> str:
    last = re.split(r"::|\.|/", name.partition("[")[0].partition("(")[0])[-1]
    found = _NAMED.fullmatch(last) or _ASV.fullmatch(last)
    return found[1] if found else last


def _matching(
    names: Collection[str], functions: list[FunctionSpan], sure: float, why: str
) -> tuple[Resolved, ...]:
    """The functions of these names; several share the confidence."""
    found = [one for one in functions if one.function.rpartition(".")[2] in names]
    places = (CodeFunction(one.file, one.function, one.first_line) for one in found)
    return tuple(Resolved(place, round(sure / len(found), 3), (why,)) for place in places)
