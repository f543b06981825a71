"""A service's routes as its code registers them, and which handler a metric's endpoint means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.endpoints import PathShape, path_shape, split_endpoint, without_query


class Framework(StrEnum):
    """Whose route table it is; FastAPI's is Starlette's."""

    FLASK = "flask"
    STARLETTE = "starlette"
    DJANGO = "django"
    AIOHTTP = "aiohttp"


@dataclass(frozen=True, slots=True)
class CodeFunction:
    """A function (or a class whose base answers) by file, qualified name and 1-based line."""

    file: str
    function: str
    line: int

    def __str__(self) -> str:
        return f"{self.function} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class Route:
    """One registered route, its prefixes included; no `methods` means every method.

    `doubt` says why the path or the handler may be another one at run time, empty if nothing
    speaks for that.
    """

    framework: Framework
    methods: tuple[str, ...]
    pattern: str
    handler: CodeFunction
    registered_at: str
    doubt: str = ""


class Likeness(StrEnum):
    """How an endpoint's label was recognised as a route's, the surest first."""

    SAME = "the same path"
    RENAMED = "the same path with other names of its parts"
    CONCRETE = "a path that fits it"
    OTHER_METHOD = "the same path, registered for other methods"
    BELOW_PREFIX = "the same path below an unknown prefix"


CONFIDENCE = {
    Likeness.SAME: 0.98,
    Likeness.RENAMED: 0.95,
    Likeness.CONCRETE: 0.9,
    Likeness.OTHER_METHOD: 0.6,
    Likeness.BELOW_PREFIX: 0.5,
}
"""How sure each likeness is; benchmarks/routes.py prints how often each was right."""
_DOUBTED = 0.7
_SHORTEST_TAIL = 2
"""Segments that a path and a route must share before a differing prefix is forgiven."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One place in the code behind a metric, how sure it is (0 to 1), and what says so."""

    place: CodeFunction
    confidence: float
    evidence: tuple[str, ...]
    likeness: str = ""


@dataclass(frozen=True, slots=True)
class RouteTable:
    """Every route that was read, and what could not be."""

    routes: tuple[Route, ...]
    gaps: tuple[str, ...] = ()
    _by_shape: dict[str, list[tuple[Route, PathShape]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for route in self.routes:
            shape = path_shape(route.pattern)
            self._by_shape.setdefault(shape.text, []).append((route, shape))

    def resolve(self, endpoint: str) -> tuple[Resolved, ...]:
        """The handlers that an endpoint such as `GET /users/{id}` can mean, the surest first.

        Only the surest kind of likeness counts. Several handlers that are alike share its
        confidence; none at all gives nothing.
        """
        method, path = split_endpoint(endpoint)
        if not path:
            return ()
        likeness, routes = self._alike(method, path)
        best = _distinct(routes)
        return tuple(_resolved(endpoint, route, likeness, len(best)) for route in best)

    def _alike(self, method: str, path: str) -> tuple[Likeness, list[Route]]:
        wanted = path_shape(path)
        same = self._by_shape.get(wanted.text, [])
        allowed = [(route, shape) for route, shape in same if answers(route, method)]
        named = [route for route, shape in allowed if shape.names == wanted.names]
        if named:
            return Likeness.SAME, named
        if allowed:
            return Likeness.RENAMED, [route for route, _ in allowed]
        concrete = self._fitting(method, without_query(path))
        if concrete:
            return Likeness.CONCRETE, concrete
        if same:
            return Likeness.OTHER_METHOD, [route for route, _ in same]
        return Likeness.BELOW_PREFIX, self._below(method, wanted)

    def _fitting(self, method: str, path: str) -> list[Route]:
        """Routes that answer a concrete path: those that leave the least of it open."""
        fitting = [
            (shape.literal_length, route)
            for shapes in self._by_shape.values()
            for route, shape in shapes
            if shape.names and answers(route, method) and shape.matches(path)
        ]
        most = max((length for length, _ in fitting), default=0)
        return [route for length, route in fitting if length == most and most]

    def _below(self, method: str, wanted: PathShape) -> list[Route]:
        """Routes of which the path is the end, or which are the end of the path."""
        segments = wanted.text.split("/")
        found: list[tuple[int, Route]] = []
        for text, shapes in self._by_shape.items():
            shared = _shared_tail(segments, text.split("/"))
            found += [(shared, route) for route, _ in shapes if shared and answers(route, method)]
        longest = max((shared for shared, _ in found), default=0)
        return [route for shared, route in found if shared == longest]


def answers(route: Route, method: str) -> bool:
    """Whether a route takes a method; HEAD is answered by GET, and an unknown one by any."""
    if not method or not route.methods or method in route.methods:
        return True
    return method == "HEAD" and "GET" in route.methods


def _shared_tail(one: Sequence[str], other: Sequence[str]) -> int:
    """How many segments they share if one ends with the whole other, else 0."""
    shorter = min(len(one), len(other))
    literal = any(segment and "{}" not in segment for segment in one[-shorter:])
    if shorter < _SHORTEST_TAIL or not literal or one[-shorter:] != other[-shorter:]:
        return 0
    return shorter


def _distinct(routes: Iterable[Route]) -> list[Route]:
    """One route for each handler, one without doubt before others."""
    found: dict[CodeFunction, Route] = {}
    for route in sorted(routes, key=lambda route: bool(route.doubt)):
        found.setdefault(route.handler, route)
    if any(not route.doubt for route in found.values()):
        return [route for route in found.values() if not route.doubt]
    return list(found.values())


def _resolved(endpoint: str, route: Route, likeness: Likeness, shared_by: int) -> Resolved:
    sure = CONFIDENCE[likeness] * (_DOUBTED if route.doubt else 1.0) / shared_by
    methods = ",".join(route.methods) or "any method"
    evidence = [
        (
            f"`{endpoint}` is {likeness} as route `{route.pattern}` ({methods})"
            if likeness is not Likeness.CONCRETE
            else f"`{endpoint}` fits the route `{route.pattern}` ({methods})"
        ),
        f"{route.framework} registers it at {route.registered_at} for {route.handler}",
    ]
    evidence += [route.doubt] if route.doubt else []
    if shared_by > 1:
        evidence.append(f"{shared_by} handlers are alike in that")
    return Resolved(route.handler, round(sure, 3), tuple(evidence), likeness)
