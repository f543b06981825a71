"""How much of a file is taken: bytes, depth, counts and time, so that no file can hurt."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.adapters.signals.formats.outcome import UnreadableError

_MIB: Final = 1024 * 1024
_LOOK_EVERY: Final = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take; `seconds` counts from its beginning."""

    file_bytes: int = 64 * _MIB
    inflated_bytes: int = 64 * _MIB
    containers: int = 1_000_000
    """Objects and lists of a JSON document, which take some 100 bytes each."""
    values: int = 4_000_000
    depth: int = 400
    steps: int = 30_000_000
    series: int = 10_000
    functions: int = 100_000
    kept_functions: int = 2_000
    kept_values: int = 1_000
    seconds: float = 60.0


@dataclass
class Meter:
    """Counts what a reader does, and ends it when that is too much or takes too long."""

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._until = self.clock() + self.limits.seconds
        self._steps = 0
        self._next_look = 0

    def step(self, count: int = 1) -> None:
        """Some more was done; UnreadableError if that was the last that may be."""
        self._steps += count
        if self._steps >= self._next_look:
            self._look()

    def _look(self) -> None:
        self._next_look = self._steps + _LOOK_EVERY
        if self._steps > self.limits.steps:
            why = f"it has more than {self.limits.steps:,} entries"
            raise UnreadableError(why, "Record for a shorter time, or at a lower rate.")
        if self.clock() > self._until:
            why = f"it takes longer than {self.limits.seconds:g} s to read"
            raise UnreadableError(why, "Record for a shorter time, or at a lower rate.")

    def series(self, count: int) -> None:
        """So many benchmark results have been found."""
        if count > self.limits.series:
            why = f"it holds more than {self.limits.series:,} series"
            raise UnreadableError(why, "Split it, or measure fewer combinations at once.")

    def functions(self, count: int) -> None:
        """So many functions have been found."""
        if count > self.limits.functions:
            why = f"it holds more than {self.limits.functions:,} functions"
            raise UnreadableError(why, "Profile a smaller part of the program.")
