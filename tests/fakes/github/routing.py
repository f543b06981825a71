"""The table of routes, and the request that a route is given."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.state import App, Installation, Person, Repository

if TYPE_CHECKING:
    from tests.fakes.github.hub import Hub

READ, WRITE = "read", "write"


@dataclass
class Actor:
    """Who asks: an installation's token, an app's JWT, a person, or nobody.

    `user_of` is the app that a person has signed in to with this token.
    """

    person: Person | None = None
    installation: Installation | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: set[int] | None = None
    app_id: int | None = None
    user_of: App | None = None

    @property
    def by(self) -> Person:
        if self.person is None:
            raise HttpError(401, "Requires authentication")
        return self.person


@dataclass
class Request:
    """One request, authorised."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    json: dict[str, Any]
    well_formed: bool = True
    actor: Actor = field(default_factory=Actor)
    params: dict[str, str] = field(default_factory=dict)
    template: str = ""
    found: Repository | None = None

    @property
    def repo(self) -> Repository:
        assert self.found
        return self.found

    def number(self, name: str = "number") -> int:
        """A numeric part of the path."""
        text = self.params[name]
        if not text.isdigit():
            raise not_found()
        return int(text)

    def required(self, name: str) -> Any:
        """A value of the body that must be there."""
        if self.json.get(name) is None:
            text = f'Invalid request.\n\n"{name}" wasn\'t supplied.'
            raise HttpError(422, text)
        return self.json[name]


Handler = Callable[["Hub", Request], Answer | Page | Any]


@dataclass(frozen=True)
class Route:
    """One route: who may call it (`auth`), and the permission that it needs."""

    method: str
    pattern: re.Pattern[str]
    template: str
    handler: Handler
    auth: str
    needs: tuple[tuple[str, str], ...]


ROUTES: list[Route] = []


def route(
    method: str, template: str, needs: str = "", *, auth: str = "installation"
) -> Callable[[Handler], Handler]:
    """Put a handler into the table; `needs` is like `checks:write|statuses:write`, any will do."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", pattern)
    wanted = tuple((word.split(":")[0], word.split(":")[1]) for word in needs.split("|") if word)

    def keep(handler: Handler) -> Handler:
        ROUTES.append(Route(method, re.compile(pattern), template, handler, auth, wanted))
        return handler

    return keep


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request: of those that match the one that says most."""
    found = [(one, match) for one in ROUTES if (match := one.pattern.fullmatch(path))]
    found = [(one, match) for one, match in found if one.method == method]
    if not found:
        raise not_found()
    one, match = max(found, key=lambda pair: len(re.sub(r"{.*?}", "", pair[0].template)))
    return one, match.groupdict()
