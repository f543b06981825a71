"""The jobs of a workflow in the order in which they run, each matrix spread out."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.runner.actions import BrokenWorkflowError


@dataclass(frozen=True)
class Planned:
    """One job: `given` is what the file says of it."""

    key: str
    name: str
    given: Mapping[str, Any]
    defaults: Mapping[str, str] = field(default_factory=dict)
    matrix: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[str, ...]:
        listed = self.given.get("needs") or ()
        return (listed,) if isinstance(listed, str) else tuple(listed)

    @property
    def condition(self) -> str:
        return str(self.given.get("if", "success()"))


def planned(document: Mapping[str, Any]) -> list[Planned]:
    """Every job after those that it needs."""
    left = dict(document["jobs"])
    found: list[Planned] = []
    while left:
        ready = [
            one
            for key, given in left.items()
            for one in _spread(key, given, document)
            if not set(one.needs) & left.keys()
        ]
        if not ready:
            raise BrokenWorkflowError(f"jobs wait for each other: {', '.join(left)}")
        found += ready
        for one in ready:
            left.pop(one.key, None)
    return found


def _spread(key: str, given: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Planned]:
    defaults = {
        **((document.get("defaults") or {}).get("run") or {}),
        **((given.get("defaults") or {}).get("run") or {}),
    }
    name = str(given.get("name") or key)
    for matrix in _combinations((given.get("strategy") or {}).get("matrix") or {}):
        words = ", ".join(map(str, matrix.values()))
        shown = f"{name} ({words})" if words and "name" not in given else name
        for word, value in matrix.items():
            shown = shown.replace(f"${{{{ matrix.{word} }}}}", str(value))
        yield Planned(key, shown, given, defaults, matrix)


def _combinations(matrix: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each value of the lists with each other, and what `include` adds; no `exclude`."""
    lists = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    if lists or "include" not in matrix:
        for values in itertools.product(*lists.values()):
            yield dict(zip(lists, values, strict=True))
    for one in matrix.get("include") or ():
        if not set(one) & set(lists):
            yield dict(one)
