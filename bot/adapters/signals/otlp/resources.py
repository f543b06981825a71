"""Whose service sends, as its resource's attributes say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from bot.domain.code_attributes import CODE_ATTRIBUTES, Code

LONGEST: Final = 200
MOST_ATTRIBUTES: Final = 512
"""Of one point, span or resource; SDKs stop at 128."""
Value = str | bool | int | float


@dataclass(frozen=True, slots=True)
class Resource:
    """The repository, if it is said, what runs, and which process that is."""

    repository: str
    commit: str
    instance: str


def resource_of(resource: Any) -> Resource:
    """From the attributes that OpenTelemetry's semantic conventions name."""
    said = attributes(resource.attributes)
    owner, name = text(said, "vcs.owner.name"), text(said, "vcs.repository.name")
    repository = f"{owner}/{name}" if owner and name else ""
    commit = text(said, "vcs.ref.head.revision", "service.version")
    instance = text(said, "service.instance.id", "host.name", "k8s.pod.name")
    return Resource(repository, commit[:64], f"{text(said, 'service.name')}/{instance}")


def attributes(pairs: Iterable[Any]) -> Mapping[str, Value]:
    """Those with a plain value; of a key that comes again the last."""
    found: dict[str, Value] = {}
    for pair in islice(pairs, MOST_ATTRIBUTES):
        kind = pair.value.WhichOneof("value")
        if kind in ("string_value", "bool_value", "int_value", "double_value"):
            found[pair.key] = getattr(pair.value, kind)
    return found


def printable(text: str) -> str:
    """What of it can be shown, and no more of that than has room."""
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable())
    return text[:LONGEST]


def text(said: Mapping[str, Value], *names: str) -> str:
    """The first of these attributes that is there, as printable text."""
    for name in names:
        if name in said:
            return printable(str(said[name]))
    return ""


def endpoint(said: Mapping[str, Value]) -> str:
    """`GET /users/{id}`: the method and the route, never the raw path."""
    method = text(said, "http.request.method", "http.method")
    route = text(said, "http.route", "rpc.method")
    return f"{method} {route}".strip()[:LONGEST] if route else method


def code_of(said: Mapping[str, Value]) -> Code:
    """The attributes that name a function, by old names and new; shortened from the left."""
    found: dict[str, str | int] = {}
    for name, value in said.items():
        if name in CODE_ATTRIBUTES and isinstance(value, str | int):
            found[name] = printable(value[-LONGEST:]) if isinstance(value, str) else int(value)
    return found
