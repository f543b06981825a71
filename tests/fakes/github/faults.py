"""Faults of the network and of GitHub, planned by a test or drawn from a seed."""

import random
import re
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal[
    "error-before",
    "error-after",
    "cut-before",
    "cut-after",
    "timeout-before",
    "timeout-after",
    "half-body",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass
class Fault:
    """What happens to requests that match.

    `operation` is a GraphQL mutation's or query's field; `nth` counts matching requests from 1;
    `status` is what an error answers with.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    operation: str = ""
    nth: int = 1
    times: int = 1
    status: int = 502
    seen: int = 0

    def takes(self, method: str, path: str, operations: tuple[str, ...]) -> bool:
        """Whether it strikes this request, which is counted."""
        if self.method not in {"", method} or not re.search(self.path, path):
            return False
        if self.operation and self.operation not in operations:
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


@dataclass
class Faults:
    """The plan: the first fault that takes a request has it."""

    plan: list[Fault] = field(default_factory=list)
    struck: list[tuple[Kind, str, str]] = field(default_factory=list)
    _chance: float = 0.0
    _random: random.Random = field(default_factory=random.Random)
    _kinds: tuple[Kind, ...] = KINDS

    def add(
        self,
        kind: Kind,
        method: str = "",
        path: str = "",
        *,
        operation: str = "",
        nth: int = 1,
        times: int = 1,
        status: int = 502,
    ) -> Fault:
        """Plan one fault; `path` is a regular expression found anywhere in the path."""
        self.plan.append(Fault(kind, method, path, operation, nth, times, status))
        return self.plan[-1]

    def by_chance(self, seed: int, chance: float, kinds: tuple[Kind, ...] = KINDS) -> None:
        """Let every request suffer with this chance, the same way for the same seed."""
        self._random, self._chance, self._kinds = random.Random(seed), chance, kinds

    def clear(self) -> None:
        self.plan.clear()
        self._chance = 0.0

    def strike(self, method: str, path: str, operations: tuple[str, ...] = ()) -> Fault | None:
        """The fault of this request, if it has one."""
        taken = [one for one in self.plan if one.takes(method, path, operations)]
        found = taken[0] if taken else None
        if found is None and self._chance and self._random.random() < self._chance:
            found = Fault(self._random.choice(self._kinds))
        if found is not None:
            self.struck.append((found.kind, method, path))
        return found
