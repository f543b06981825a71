"""Every route below the applications found, with all prefixes on its way."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.adapters.routes.handlers import Answer, answers
from bot.adapters.routes.interface import Walk
from bot.adapters.routes.rest import viewset_routes
from bot.adapters.routes.values import Entry, Fact, Module, Mounted, Router, Value
from bot.domain.endpoints import join_paths
from bot.domain.routes import Framework, Route

MOST_ROUTES = 50_000
_DEEPEST = 24
_UNMOUNTED = "no application was seen to take it in, so a prefix may be missing"
_HANDED_IN = "the application is handed in from elsewhere, so a prefix may be missing"
_UNREAD = "a part of its path could not be read"
_HOLE = "{unread}"


@dataclass(frozen=True, slots=True)
class _Way:
    """How one came here: the prefix so far, what speaks against it, and the routers passed."""

    prefix: str = ""
    doubt: str = ""
    passed: tuple[int, ...] = ()

    def below(self, prefix: str, doubt: str, router: object) -> "_Way":
        return _Way(prefix, self.doubt or doubt, (*self.passed, id(router)))


class Flattening:
    """Walks from the applications to their routes."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._left = MOST_ROUTES
        self.reached: set[int] = set()

    def routes(
        self, routers: list[Router], roots: list[Module], modules: list[Module]
    ) -> list[Route]:
        """All routes: of applications first, then of what none of them takes in."""
        found: list[Route] = []
        below = {id(mounted.child) for router in routers for mounted in router.mounts}
        for router in routers:
            if router.is_root and id(router) not in below:
                doubt = _HANDED_IN if router.guessed else ""
                found += self._router(router, _Way(doubt=doubt))
        for module in roots:
            found += self._entries(module, _Way())
        for router in routers:
            if id(router) not in self.reached and router.kind != "rest":
                found += self._router(router, _Way(doubt=_UNMOUNTED))
        for module in modules:
            if id(module) not in self.reached:
                found += self._entries(module, _Way(doubt=_UNMOUNTED))
        return found

    def _router(
        self, router: Router, way: _Way, replaced: str | None = None, *, given: bool = False
    ) -> Iterator[Route]:
        if id(router) in way.passed or len(way.passed) > _DEEPEST:
            return
        self.reached.add(id(router))
        own = replaced if given else router.prefix
        prefix = _joined(router.framework, way.prefix, own)
        inner = way.below(prefix, _UNREAD if own is None else "", router)
        for fact in router.facts:
            yield from self._fact(router, fact, inner)
        for mounted in router.mounts:
            yield from self._mounted(router, mounted, inner)

    def _mounted(self, router: Router, mounted: Mounted, way: _Way) -> Iterator[Route]:
        child = mounted.child
        if isinstance(child, Router) and router.framework is Framework.FLASK:
            yield from self._router(child, way, mounted.prefix, given=mounted.replaces)
            return
        prefix = _joined(router.framework, way.prefix, mounted.prefix)
        if router.framework is Framework.STARLETTE:
            prefix = prefix.rstrip("/")
        inner = way.below(prefix, _UNREAD if mounted.prefix is None else "", mounted)
        if isinstance(child, Router):
            yield from self._router(child, inner)
        else:
            yield from self._entries(child, inner)

    def _fact(self, router: Router, fact: Fact, way: _Way) -> Iterator[Route]:
        if router.kind == "rest":
            for pattern, answer in viewset_routes(router, fact, self._walk):
                yield from self._made(router.framework, pattern, answer, fact.place, way)
            return
        for answer in answers(fact.handler, fact.methods, router.framework, self._walk):
            yield from self._made(router.framework, fact.pattern, answer, fact.place, way)

    def _entries(self, holder: Value, way: _Way) -> Iterator[Route]:
        if isinstance(holder, Router):
            yield from self._router(holder, way)
            return
        if isinstance(holder, Module):
            if id(holder) in way.passed or len(way.passed) > _DEEPEST:
                return
            self.reached.add(id(holder))
            way = way.below(way.prefix, "", holder)
            holder = self._walk.attribute(holder, "urlpatterns")
        if isinstance(holder, list | tuple) and len(way.passed) <= _DEEPEST:
            for entry in holder:
                if isinstance(entry, Entry):
                    yield from self._entry(entry, way)

    def _entry(self, entry: Entry, way: _Way) -> Iterator[Route]:
        if entry.mount:
            prefix = _joined(entry.framework, way.prefix, entry.pattern)
            doubt = _UNREAD if entry.pattern is None else ""
            yield from self._entries(entry.target, way.below(prefix, doubt, entry))
            return
        for answer in answers(entry.target, entry.methods, entry.framework, self._walk):
            yield from self._made(entry.framework, entry.pattern, answer, entry.place, way)

    def _made(
        self, framework: Framework, pattern: str | None, answer: Answer, place: str, way: _Way
    ) -> Iterator[Route]:
        self._left -= 1
        if self._left < 0:
            return
        methods, handler = answer
        whole = _joined(framework, way.prefix, pattern)
        doubt = way.doubt or (_UNREAD if pattern is None else "")
        yield Route(framework, methods, _rooted(framework, whole), handler, place, doubt)


def _joined(framework: Framework, prefix: str, path: str | None) -> str:
    path = _HOLE if path is None else path
    return join_paths(prefix, path) if framework in _JOIN_WITH_SLASH else prefix + path


_JOIN_WITH_SLASH = frozenset({Framework.FLASK, Framework.AIOHTTP})


def _rooted(framework: Framework, path: str) -> str:
    """With a leading slash, except in Django, whose own route names have none."""
    return path if framework is Framework.DJANGO or path.startswith("/") else f"/{path}"
