"""Which function answers which request: `@route("GET", "/products/{id}")` on a plain function."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from shop.database import Database


@dataclass(frozen=True)
class Request:
    """What a handler sees of a request."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400, "the body is not JSON") from None


@dataclass(frozen=True)
class Response:
    """A status and what is sent as JSON."""

    status: int
    content: Any


class Refused(Exception):
    """A request that cannot be answered; the text is for whoever sent it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


Handler = Callable[[Database, Request], Response]


@dataclass(frozen=True)
class Route:
    """A method, a path with `{names}`, and the function that answers."""

    method: str
    template: str
    handler: Handler

    @property
    def endpoint(self) -> str:
        """How the access log calls it."""
        return f"{self.method} {self.template}"

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters, or None if this is another route."""
        names, parts = self.template.split("/"), path.split("/")
        if method != self.method or len(names) != len(parts):
            return None
        found = {}
        for name, part in zip(names, parts, strict=True):
            if name.startswith("{"):
                found[name[1:-1]] = unquote(part)
            elif name != part:
                return None
        return found


_routes: list[Route] = []
_log = logging.getLogger(__name__)


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Let the function answer these requests."""

    def register(handler: Handler) -> Handler:
        _routes.append(Route(method, template, handler))
        return handler

    return register


def answer(database: Database, method: str, target: str, body: bytes = b"") -> tuple[str, Response]:
    """The endpoint that was asked and what it answers."""
    url = urlsplit(target)
    for known in _routes:
        parameters = known.match(method, url.path)
        if parameters is not None:
            request = Request(parameters, dict(parse_qsl(url.query)), body)
            return known.endpoint, _handle(known.handler, database, request)
    # Not the path that was asked: whoever guesses paths must not fill the log with endpoints.
    return f"{method} (unknown)", Response(404, {"error": "there is no such page"})


def _handle(handler: Handler, database: Database, request: Request) -> Response:
    try:
        return handler(database, request)
    except Refused as refused:
        return Response(refused.status, {"error": str(refused)})
    except Exception:
        _log.exception("%s failed", handler.__name__)
        return Response(500, {"error": "something went wrong"})
