"""Reads what endpoints, profiles and benchmarks say, and finds the functions that it is about."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.bottleneck import Bottleneck
from bot.domain.callgraph import CallGraph
from bot.domain.code_attributes import Code
from bot.domain.hotspots import (
    Hot,
    Key,
    behind_endpoints,
    in_profiles,
    together,
    under_benchmarks,
)
from bot.domain.profile import Profile
from bot.domain.regressions import Regression, regressions
from bot.domain.routes import RouteTable
from bot.domain.tree import Tree
from bot.learning.performance_analyzer import PerformanceAnalyzer
from bot.ports import Ports

_FRESH = timedelta(days=30)
"""A profile that is older is of other code."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured lately and speaks for some functions: endpoints, profiles, benchmarks.

    `spoken` are the code attributes that the spans of endpoints carried.
    """

    bottlenecks: tuple[Bottleneck, ...] = ()
    profiles: tuple[Profile, ...] = ()
    worse: tuple[Regression, ...] = ()
    spoken: Mapping[str, Code] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Another one when it speaks for something else; empty where it speaks for nothing."""
        said = [
            *sorted(f"{one.kind} {one.endpoint}" for one in self.bottlenecks),
            *(f"{one.name} {one.at}" for one in self.profiles),
            *sorted(f"{one.name} {one.bad.commit} {one.bad.at}" for one in self.worse),
        ]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] if said else ""


async def read_measured(ports: Ports, analyzer: PerformanceAnalyzer | None = None) -> Measured:
    """What the records hold of the repository; without an analyzer, one of the last 24 hours."""
    name = (await ports.host.repository()).name
    analyzer = analyzer or PerformanceAnalyzer(
        None, repository=name, targets=ports.operator.targets, ports=ports
    )
    report = await analyzer.analyze_performance()
    since = ports.clock.now() - _FRESH
    async with ports.stores() as store:
        profiles = await store.profiles(name)
        results = await store.benchmarks(name)
        spoken = await store.endpoint_code(name) if report.bottlenecks else {}
    fresh = tuple(one for one in profiles if one.at is None or one.at > since)
    worse = await asyncio.to_thread(regressions, results)
    return Measured(report.bottlenecks, fresh, worse, spoken)


async def hot_functions(ports: Ports, tree: Tree, measured: Measured) -> dict[Key, Hot]:
    """The functions that matter most, the hottest first; none where nothing was measured."""
    if not measured.digest:
        return {}
    # Takes seconds of a large repository.
    return await asyncio.to_thread(_found, ports, tree, measured)


def _found(ports: Ports, tree: Tree, measured: Measured) -> dict[Key, Hot]:
    sources = {
        file.path: text
        for file in tree
        if file.path.endswith(".py") and (text := tree.text(file.path)) is not None
    }
    graph = CallGraph(sources)
    table = ports.routes(sources) if measured.bottlenecks else RouteTable(())
    places = [
        *behind_endpoints(measured.bottlenecks, table, graph, measured.spoken),
        *in_profiles(measured.profiles, graph.functions),
        *under_benchmarks(measured.worse, sources, graph.functions),
    ]
    return together(places)
