"""What the readers of the frameworks ask of the machine that walks through the code."""

from typing import Protocol

from bot.adapters.routes.values import Call, Class, Module, Router, Value
from bot.domain.routes import Framework as FrameworkName


class Walk(Protocol):
    """The part of the machine that frameworks use."""

    def attribute(self, owner: Value, name: str) -> Value:
        """What an attribute of a value is."""
        ...

    def call(self, function: Value, call: Call) -> Value:
        """What a call gives, with its effects."""
        ...

    def member(self, cls: Class, name: str) -> Value:
        """A class's own or inherited attribute; UNKNOWN if no class of the code read has it."""
        ...

    def member_names(self, cls: Class) -> tuple[str, ...]:
        """The names of all attributes of a class and of its bases in the code read."""
        ...

    def ancestors(self, cls: Class) -> tuple[str, ...]:
        """Dotted paths of the library classes that a class derives from."""
        ...

    def module(self, name: str, call: Call) -> Module | None:
        """The repository's module of this name, as the code of the call would import it."""
        ...


class Framework(Protocol):
    """A framework's own functions and methods, as far as they say something of routes."""

    framework: FrameworkName

    libraries: tuple[str, ...]
    """Words of which one is in the name of a library that a file with its routers imports."""
    guessed: frozenset[str]
    """Methods that only its routers have, so that an unknown object with them is one."""

    def construct(self, path: str, call: Call) -> Value:
        """What calling a function or class of the library gives; NotImplemented if it is not ours.

        `path` is dotted, such as `flask.Blueprint`.
        """
        ...

    def method(self, router: Router, name: str, call: Call) -> Value:
        """What calling a method of the framework's router gives; UNKNOWN if it says nothing."""
        ...
