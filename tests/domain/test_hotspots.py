"""Which functions matter, by endpoints, profiles and benchmarks together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bottleneck import Bottleneck, BottleneckKind, Verdict
from bot.domain.callgraph import CallGraph
from bot.domain.hotspots import (
    Hot,
    behind_endpoints,
    in_profiles,
    together,
    under_benchmarks,
)
from bot.domain.profile import CodeSpot, CostUnit, FunctionCost, Profile
from bot.domain.regressions import Regression, regressions
from bot.domain.routes import RouteTable
from tests.domain.test_regressions import STEP, history

SHOP = """
@app.get("/total")
def total():
    return add(read())

def add(values):
    return sum(values)

def read():
    return [1]

def cold():
    return 0
"""
SPEED = """
from shop import add
def test_add(benchmark):
    benchmark(add, [1])
"""
SOURCES = {"app/shop.py": SHOP, "tests/test_speed.py": SPEED}
GRAPH = CallGraph(SOURCES)


def slow(endpoint: str) -> Bottleneck:
    return Bottleneck(
        BottleneckKind.SLOW, endpoint, Verdict.FOUND, 300.0, 290.0, 310.0, 100.0, 0.001, 50, "slow"
    )


def profile(*costs: tuple[str, int, str, float], total: float = 10.0) -> Profile:
    functions = tuple(
        FunctionCost(CodeSpot(file, line, name), own, own) for file, line, name, own in costs
    )
    return Profile(CostUnit.SECONDS, functions, total)


def worse(name: str = "tests/test_speed.py::test_add") -> tuple[Regression, ...]:
    return regressions(history(STEP, name))


def test_the_handler_is_hotter_than_what_it_calls() -> None:
    hot = together(behind_endpoints([slow("GET /total")], RouteTable(()), GRAPH))
    assert [one.function for one in hot.values()] == ["total", "add", "read"]
    first = hot["app/shop.py", "total"]
    assert first.evidence == ("`GET /total`: slow; this function is its handler",)
    assert "one call below its handler" in hot["app/shop.py", "add"].evidence[0]


def test_the_spans_of_an_endpoint_know_its_handler_best() -> None:
    spoken = {"GET /total": {"code.file.path": "/srv/app/shop.py", "code.function.name": "cold"}}
    hot = together(behind_endpoints([slow("GET /total")], RouteTable(()), GRAPH, spoken))
    assert list(hot) == [("app/shop.py", "cold")]
    gone = {"GET /total": {"code.function.name": "elsewhere"}}
    hot = together(behind_endpoints([slow("GET /total")], RouteTable(()), GRAPH, gone))
    assert next(iter(hot)) == ("app/shop.py", "total")


def test_a_profile_from_where_the_service_runs_finds_its_functions() -> None:
    seen = profile(
        ("/srv/releases/7/app/shop.py", 6, "add", 8.0),
        ("/usr/lib/python3.13/json/decoder.py", 20, "decode", 1.9),
        ("/srv/releases/7/app/shop.py", 12, "cold", 0.05),
    )
    hot = together(in_profiles([seen], GRAPH.functions))
    assert list(hot) == [("app/shop.py", "add")]
    assert hot["app/shop.py", "add"].evidence == ("80% of the profiled seconds is its own",)
    assert hot["app/shop.py", "add"].weight == pytest.approx(0.8, abs=0.05)


def test_a_worse_benchmark_finds_what_it_measures() -> None:
    hot = together(under_benchmarks(worse(), SOURCES, GRAPH.functions))
    assert list(hot) == [("app/shop.py", "add")]
    (why,) = hot["app/shop.py", "add"].evidence
    assert why.startswith("benchmark `tests/test_speed.py::test_add`: ")
    assert "more than before since 000000" in why


def test_what_several_speak_for_is_hotter_than_what_one_does() -> None:
    places = [
        *behind_endpoints([slow("GET /total")], RouteTable(()), GRAPH),
        *in_profiles([profile(("app/shop.py", 6, "add", 5.0))], GRAPH.functions),
        *under_benchmarks(worse(), SOURCES, GRAPH.functions),
    ]
    hot = together(places)
    assert next(iter(hot)) == ("app/shop.py", "add")
    assert len(hot["app/shop.py", "add"].evidence) == 3


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 1)), max_size=8))
def test_one_reason_more_never_cools(weights: list[tuple[str, float]]) -> None:
    places = [Hot("f.py", name, weight, (f"{weight}",)) for name, weight in weights]
    hot = together(places)
    for place in places:
        assert place.weight <= hot[place.key].weight + 1e-9 <= 1 + 2e-9
        assert len(hot[place.key].evidence) <= 3
    ordered = [one.weight for one in hot.values()]
    assert ordered == sorted(ordered, reverse=True)
