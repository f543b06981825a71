"""What an expression of the code read can stand for: plain Python constants, and these."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.domain.routes import CodeFunction, Framework

Value: TypeAlias = Any
"""A constant, list, tuple or dict of the code, or one of the classes of this module."""


class Unknown:
    """What cannot be told without running the code."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(eq=False, slots=True)
class Module:
    """One file as a module; `scope` is filled when it is first asked for a name."""

    file: str
    name: str
    package: str
    tree: ast.Module
    libraries: frozenset[str] = frozenset()
    scope: "Scope" = field(init=False)
    begun: bool = False

    def __post_init__(self) -> None:
        self.scope = Scope(self, None)


@dataclass(eq=False, slots=True)
class Scope:
    """The names of a module, a class body or one call of a function."""

    module: Module
    parent: "Scope | None"
    names: dict[str, Value] = field(default_factory=dict)
    qualname: str = ""
    of_class: "Class | None" = None
    function: "Function | None" = None
    result: Value = UNKNOWN
    global_names: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Imported:
    """A name that an import binds; it is followed when it is used."""

    module: str
    attribute: str
    importer: Module


@dataclass(frozen=True, slots=True)
class External:
    """Something of a library, by its dotted path; `made` once it was called."""

    path: str
    made: bool = False

    @property
    def last(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(eq=False, slots=True)
class Function:
    """A function of the code read; `wraps` is what it stands for by `functools.wraps`."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    qualname: str
    owner: "Class | None" = None
    wraps: Value = None
    marks: dict[str, Value] = field(default_factory=dict)

    @property
    def place(self) -> CodeFunction:
        return CodeFunction(self.scope.module.file, self.qualname, first_line(self.node))


@dataclass(eq=False, slots=True)
class Class:
    """A class of the code read with its bases as they are written."""

    node: ast.ClassDef
    scope: Scope
    qualname: str
    bases: tuple[Value, ...]
    body: Scope
    marks: dict[str, Value] = field(default_factory=dict)

    @property
    def place(self) -> CodeFunction:
        return CodeFunction(self.scope.module.file, self.qualname, first_line(self.node))


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the code read."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A function together with the object it is called on."""

    function: Function
    owner: Value


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method of `cls`."""

    cls: Class
    owner: Value


@dataclass(frozen=True, slots=True)
class Method:
    """A method of something that is no code of the repository: a router, a list, a text."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class View:
    """A class made to answer requests; `actions` maps methods to its functions where it says so."""

    cls: Class
    actions: Mapping[Value, Value] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One registration on a router: `pattern` None is a path that could not be read."""

    pattern: str | None
    methods: tuple[str, ...]
    handler: Value
    place: str


@dataclass(frozen=True, slots=True)
class Mounted:
    """A child below a router; with `replaces` the prefix stands for the child's own."""

    prefix: str | None
    child: Value
    replaces: bool = False


@dataclass(eq=False, slots=True)
class Router:
    """An application, blueprint or router of a framework, with all that is registered on it."""

    framework: Framework
    kind: str
    place: str
    prefix: str | None = ""
    cls: Class | None = None
    facts: list[Fact] = field(default_factory=list)
    mounts: list[Mounted] = field(default_factory=list)
    attributes: dict[str, Value] = field(default_factory=dict)
    guessed: bool = False

    @property
    def is_root(self) -> bool:
        return self.kind == "app"


@dataclass(frozen=True, slots=True)
class Registration:
    """What `router.route(...)` gives: called with a handler, it registers that."""

    router: Router
    patterns: tuple[str | None, ...]
    methods: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a list of routes: Django's `path()`, Starlette's `Route`, aiohttp's `get()`.

    `target` is a handler, or for a mount whatever holds further entries.
    """

    framework: Framework
    pattern: str | None
    methods: tuple[str, ...]
    target: Value
    place: str
    mount: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call; `place` is where it stands."""

    positional: tuple[Value, ...]
    named: Mapping[str, Value]
    place: str
    scope: Scope

    def get(self, index: int, name: str, default: Value = None) -> Value:
        if name in self.named:
            return self.named[name]
        return self.positional[index] if 0 <= index < len(self.positional) else default

    def text(self, index: int, name: str, default: str | None = "") -> str | None:
        """A text argument: its default if it is left out, None if it cannot be read."""
        value = self.get(index, name, default)
        if value is None:
            return default
        return value if isinstance(value, str) else None

    def texts(self, index: int, name: str) -> tuple[str, ...]:
        """A list of texts as far as they can be read, a single one as one."""
        value = self.get(index, name, ())
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list | tuple | set | frozenset):
            return tuple(one for one in value if isinstance(one, str))
        return ()


VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def verb(name: str) -> tuple[str, ...]:
    """The method that a function such as `router.get` stands for, none if it is no verb."""
    return (name.upper(),) if name in VERBS else ()


def first_line(node: ast.AST) -> int:
    """The line of `def` or `class` itself, not of its decorators."""
    return int(getattr(node, "lineno", 0))


def is_view(value: Value) -> bool:
    """Whether a value can answer requests."""
    return isinstance(value, Function | Bound | View)


def unwrapped(value: Value) -> Value:
    """What a handler stands for once `functools.wraps` is taken off."""
    for _ in range(8):
        if not isinstance(value, Function) or value.wraps is None:
            break
        value = value.wraps
    return value
