import pytest

from bot.domain.benchmark_targets import function_of_benchmark
from bot.domain.callgraph import CallGraph

SOURCES = {
    "shop/text.py": """
def parse(text): ...
def render(text): ...
def escape(text): ...
def query(text): ...
class Index:
    def find(self, text): ...
""",
    "tests/test_speed.py": """
from shop import text
def parse(): ...
def test_direct(benchmark):
    benchmark(text.parse, "x")
def test_pedantic(benchmark):
    benchmark.pedantic(text.render, args=("x",))
def test_lambda(benchmark):
    benchmark(lambda: text.escape("x"))
def test_inner(benchmark):
    def run():
        text.query("x")
    benchmark(run)
def test_decorated(benchmark):
    @benchmark
    def result():
        return text.query("x")
class TestIndex:
    def test_find(self, benchmark):
        benchmark(text.Index().find, "x")
def test_render(benchmark):
    benchmark(unknown)
def test_nothing(benchmark):
    benchmark(unknown)
""",
    "benchmarks/text_bench.py": """
from shop import text
class Suite:
    def time_x(self):
        text.parse("x")
        text.render("x")
def time_escape():
    pass
""",
}
FUNCTIONS = CallGraph(SOURCES).functions


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tests/test_speed.py::test_direct", [("parse", 0.9)]),
        ("test_speed.py::test_direct[case-1]", [("parse", 0.9)]),
        ("tests/test_speed.py::test_pedantic", [("render", 0.9)]),
        ("tests/test_speed.py::test_lambda", [("escape", 0.9)]),
        ("tests/test_speed.py::test_inner", [("query", 0.9)]),
        ("tests/test_speed.py::test_decorated", [("query", 0.9)]),
        ("tests/test_speed.py::TestIndex::test_find", [("Index.find", 0.9)]),
        ("tests/test_speed.py::test_render", [("render", 0.5)]),
        ("tests/test_speed.py::test_nothing", []),
        ("text_bench.Suite.time_x", [("parse", 0.35), ("render", 0.35)]),
        ("text_bench.time_escape", [("escape", 0.5)]),
        ("time_parse", [("parse", 0.5)]),
        ("bench_parse", [("parse", 0.5)]),
        ("parse", [("parse", 0.5)]),
        ("unknown", []),
        ("", []),
        ("::", []),
        ("a::b::c[", []),
    ],
)
def test_a_benchmark_measures_a_function(name: str, expected: list[tuple[str, float]]) -> None:
    found = function_of_benchmark(name, SOURCES, FUNCTIONS)
    assert [(one.place.function, one.confidence) for one in found] == expected
    assert all(one.place.file == "shop/text.py" for one in found)


@pytest.mark.parametrize("broken", ["def f(:", "(" * 10_000, "x = '\0'", "-" * 100_000 + "1"])
def test_a_file_that_cannot_be_read_gives_only_the_name(broken: str) -> None:
    sources = {**SOURCES, "tests/test_speed.py": broken}
    found = function_of_benchmark("tests/test_speed.py::test_parse", sources, FUNCTIONS)
    assert [(one.place.function, one.confidence) for one in found] == [("parse", 0.5)]
