"""The log of everything that changes the world, and the hook that lets a test end one there."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Stage = Literal["before", "after"]


@dataclass(frozen=True)
class Effect:
    """One change: what, where, by whom, and whether it came through the API."""

    index: int
    kind: str
    repository: str
    by: str
    api: bool
    detail: dict[str, Any] = field(default_factory=dict)


Hook = Callable[[Stage, Effect], None]


class Effects:
    """Every effect in its order; hooks run before and after each, in the order they were added."""

    def __init__(self) -> None:
        self.log: list[Effect] = []
        self._hooks: list[Hook] = []
        self._numbers = itertools.count(1)

    def watch(self, hook: Hook) -> None:
        """Call `hook` around every effect; the fake is locked meanwhile, so it must not wait."""
        self._hooks.append(hook)

    def unwatch(self, hook: Hook) -> None:
        self._hooks.remove(hook)

    @contextmanager
    def one(
        self, kind: str, repository: str, by: str, *, api: bool, **detail: Any
    ) -> Iterator[dict[str, Any]]:
        """Surround the change itself with this; what is put into the mapping is logged too."""
        effect = Effect(next(self._numbers), kind, repository, by, api, detail)
        self._tell("before", effect)
        yield effect.detail
        self.log.append(effect)
        self._tell("after", effect)

    def _tell(self, stage: Stage, effect: Effect) -> None:
        for hook in list(self._hooks):
            hook(stage, effect)
