"""The keys that the policy file may have, read off the domain's dataclasses."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, get_type_hints

from bot.domain import policy


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its dotted path, its type, its default and what it is about."""

    path: str
    kind: Any
    default: Any
    about: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


def keys(kind: type, prefix: str = "") -> dict[str, Key]:
    """The keys of one dataclass by name, in the order of its fields."""
    hints = get_type_hints(kind)
    about = _docstrings()[kind.__name__]
    return {
        part.name: Key(prefix + part.name, hints[part.name], _default(part), about[part.name])
        for part in fields(kind)
    }


def is_section(kind: Any) -> bool:
    """Whether a key holds further keys of ours."""
    return is_dataclass(kind)


def all_keys(kind: type = policy.Policy, prefix: str = "") -> Iterator[Key]:
    """Every key that holds a value, sections opened."""
    for key in keys(kind, prefix).values():
        if is_section(key.kind):
            yield from all_keys(key.kind, f"{key.path}.")
        else:
            yield key


def _default(part: Field[Any]) -> Any:
    if part.default_factory is not MISSING:
        return part.default_factory()
    return part.default


@cache
def _docstrings() -> dict[str, dict[str, str]]:
    """What stands below each field in the domain, or in the class of a section."""
    module = ast.parse(inspect.getsource(policy))
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    return {name: _of_fields(node, classes) for name, node in classes.items()}


def _of_fields(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> dict[str, str]:
    found = {}
    for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            section = classes.get(ast.unparse(statement.annotation))
            about = _text(following) or (section and ast.get_docstring(section)) or ""
            found[statement.target.id] = " ".join(about.split())
    return found


def _text(statement: ast.stmt | None) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return str(statement.value.value)
    return ""
