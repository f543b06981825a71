"""The functions that are recorded and replayed: where their text is, and their live objects."""

from __future__ import annotations

import ast
import gc
import importlib
import os
import types
from collections.abc import Callable, Iterator
from typing import Any, Union

from .files import read_bytes

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]

# Decorators that hand the arguments on as they come: a call through them is the function's call.
_TRANSPARENT = {
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "lru_cache",
    "property",
    "staticmethod",
    "wraps",
}


def outermost(qualname: str) -> str:
    """The function to call for one that lives inside another."""
    return qualname.partition(".<locals>")[0]


def definitions(module: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Every function outside functions, by its qualified name, in the order of the text."""
    todo: list[tuple[str, ast.AST]] = [("", module)]
    while todo:
        prefix, node = todo.pop(0)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield prefix + child.name, child
            elif isinstance(child, ast.ClassDef):
                todo.append((f"{prefix}{child.name}.", child))
            elif isinstance(child, (ast.If, ast.Try, ast.With)):
                todo.append((prefix, child))


def first_line(definition: Definition) -> int:
    """As the code object counts: decorators belong to the function."""
    return min([definition.lineno, *(d.lineno for d in definition.decorator_list)])


class Target:
    """One function of one imported module."""

    def __init__(self, root: str, file: str, qualname: str, module: str) -> None:
        self.path = os.path.join(root, file)
        source = read_bytes(self.path)
        self.tree = ast.parse(source)
        self.module = importlib.import_module(module)
        found = [d for name, d in definitions(self.tree) if name == qualname]
        if not found:
            raise LookupError(f"{qualname} is not in {file}")
        # Of several definitions under one name the last one is what the name means.
        self.definition = found[-1]
        self.raw = _live(self.path, qualname, self.definition)
        self.call = self._through_decorators(qualname) or self.raw

    @property
    def takes_iterables(self) -> bool:
        """Whether its annotations speak of iterables rather than of lists."""
        return any("Itera" in str(value) for value in self.raw.__annotations__.values())

    def _through_decorators(self, qualname: str) -> Callable[..., Any] | None:
        """The function with its decorators, where they neither add nor take arguments."""
        names = [_name(decorator) for decorator in self.definition.decorator_list]
        if not names or not set(names) <= _TRANSPARENT:
            return None
        value: Any = self.module
        for part in qualname.split("."):
            value = vars(value).get(part)
            if value is None:
                return None
        for attribute in ("__func__", "fget", "func"):
            value = getattr(value, attribute, None) or value
        return value if callable(value) else None


def _live(path: str, qualname: str, definition: Definition) -> types.FunctionType:
    """The function object itself, whatever decorators have wrapped around it."""
    line = first_line(definition)
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType and thing.__code__.co_firstlineno == line:
            same_file = os.path.realpath(thing.__code__.co_filename) == os.path.realpath(path)
            if same_file and thing.__code__.co_name == definition.name:
                return thing
    raise LookupError(f"{qualname} is not there once {path} is imported")


def _name(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else "?"
