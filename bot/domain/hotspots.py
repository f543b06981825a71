"""Which functions matter: what endpoints, profiles and benchmarks say of them, put together.

Each source gives a function a weight between 0 and 1 and says why; weights of several add up as
independent doubts do. They rank what is looked at first and never prove anything.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.benchmark_targets import function_of_benchmark
from bot.domain.bottleneck import Bottleneck
from bot.domain.callgraph import CallGraph, CodePlace, FunctionSpan
from bot.domain.code_attributes import Code, function_of_attributes
from bot.domain.profile import CodeSpot, CostOrder, Profile, merged, ranked
from bot.domain.regressions import Regression
from bot.domain.routes import CodeFunction, RouteTable

Key = tuple[str, str]
"""A function by file and qualified name."""

_NEXT_ENDPOINT = 0.9
"""What each endpoint that is less urgent leaves of the weight."""
_PER_CALL = 0.8
"""What one call more between the handler and a function leaves of it."""
_BY_TEXT = 0.5
"""How sure a function is whose decorator holds the endpoint's path, where no route is known."""
_LEAST_SHARE = 0.01
"""A function below this share of a profile is not worth a look."""
_PROFILED = 50
_BENCHMARKS = 50
_REASONS = 3


NOTHING_SPOKEN: Mapping[str, Code] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hot:
    """One function, how much speaks for it (0 to 1), and what does, the strongest first."""

    file: str
    function: str
    weight: float
    evidence: tuple[str, ...]

    @property
    def key(self) -> Key:
        """By which a finding is matched with it."""
        return self.file, self.function


def behind_endpoints(
    bottlenecks: Sequence[Bottleneck],
    table: RouteTable,
    graph: CallGraph,
    spoken: Mapping[str, Code] = NOTHING_SPOKEN,
) -> Iterator[Hot]:
    """The functions that answer what is slow or failing; the first is the most urgent.

    `spoken` are the code attributes of each endpoint's own spans, which know best.
    """
    for rank, bottleneck in enumerate(bottlenecks):
        code = spoken.get(bottleneck.endpoint, {})
        for sure, place in _behind(bottleneck.endpoint, code, table, graph):
            weight = sure * _NEXT_ENDPOINT**rank * _PER_CALL**place.distance
            yield Hot(place.file, place.function, weight, (_steps(bottleneck, place),))


def behind_endpoint(endpoint: str, table: RouteTable, graph: CallGraph) -> tuple[CodePlace, ...]:
    """Everything that may answer an endpoint, each function once, by its shortest way."""
    found: dict[Key, CodePlace] = {}
    for _, place in _behind(endpoint, {}, table, graph):
        known = found.get((place.file, place.function))
        if known is None or place.distance < known.distance:
            found[place.file, place.function] = place
    return tuple(sorted(found.values(), key=lambda place: place.distance))


def in_profiles(profiles: Iterable[Profile], functions: Collection[FunctionSpan]) -> Iterator[Hot]:
    """The functions of the repository in which a profiled program spent its time or memory."""
    for profile in merged(profiles):
        for cost in ranked(profile, CostOrder.OWN, _PROFILED):
            share = profile.share(cost.own)
            if share < _LEAST_SHARE:
                break
            for found in function_of_attributes(_attributes(cost.spot), functions):
                why = f"{share:.0%} of the profiled {profile.unit} is its own"
                yield _hot(found.place, found.confidence * share, why)


def under_benchmarks(
    worse: Sequence[Regression], sources: Mapping[str, str], functions: Collection[FunctionSpan]
) -> Iterator[Hot]:
    """The functions that benchmarks measure which became worse."""
    for regression in worse[:_BENCHMARKS]:
        for found in function_of_benchmark(regression.name, sources, functions):
            why = f"benchmark `{regression.name}`: {regression.description}"
            yield _hot(found.place, found.confidence * min(1.0, abs(regression.effect)), why)


def together(places: Iterable[Hot]) -> dict[Key, Hot]:
    """Each function once, with all that speaks for it; the hottest first."""
    groups: dict[Key, list[Hot]] = {}
    for place in places:
        groups.setdefault(place.key, []).append(place)
    every = [_sum(group) for group in groups.values()]
    every.sort(key=lambda hot: (-hot.weight, hot.key))
    return {hot.key: hot for hot in every}


def _sum(group: list[Hot]) -> Hot:
    ordered = sorted(group, key=lambda hot: -hot.weight)
    doubt = 1.0
    for hot in ordered:
        doubt *= 1 - min(hot.weight, 1.0)
    reasons = tuple(dict.fromkeys(why for hot in ordered for why in hot.evidence))
    return Hot(ordered[0].file, ordered[0].function, 1 - doubt, reasons[:_REASONS])


def _behind(
    endpoint: str, code: Code, table: RouteTable, graph: CallGraph
) -> Iterator[tuple[float, CodePlace]]:
    """What answers an endpoint by its spans, else by its route, else by the path in a decorator."""
    resolved = function_of_attributes(code, graph.functions) or table.resolve(endpoint)
    for one in resolved:
        for place in graph.behind([(one.place.file, one.place.function)]):
            yield one.confidence, place
    path = endpoint.split(" ", 1)[-1]
    if not resolved and path:
        for place in graph.behind_path(path):
            yield _BY_TEXT, place


def _steps(bottleneck: Bottleneck, place: CodePlace) -> str:
    calls = "one call" if place.distance == 1 else f"{place.distance} calls"
    steps = "its handler" if not place.distance else f"{calls} below its handler"
    return f"`{bottleneck.endpoint}`: {bottleneck.description}; this function is {steps}"


def _attributes(spot: CodeSpot) -> dict[str, object]:
    return {
        "code.file.path": spot.file,
        "code.function.name": spot.name,
        "code.line.number": spot.line,
    }


def _hot(place: CodeFunction, weight: float, why: str) -> Hot:
    return Hot(place.file, place.function, weight, (why,))
