"""Short timings of one piece of work, each without what the machine does beside it."""

from __future__ import annotations

import resource
import time
from typing import Any

# Long enough for the clock, short enough to pass between two interruptions.
_BATCH_SECONDS = 0.005
_FEWEST_BATCHES = 3


class Reading:
    """What the clocks say: wall, processor, and how often this process has waited."""

    def __init__(self) -> None:
        self.waits = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
        self.processor = time.process_time()
        self.wall = time.perf_counter()

    def __sub__(self, earlier: Reading) -> Reading:
        """What has passed since an earlier reading."""
        self.wall -= earlier.wall
        self.processor -= earlier.processor
        self.waits -= earlier.waits
        return self


class Timer:
    """Collects batches until they have taken long enough together."""

    def __init__(self, seconds: float, most_seconds: float) -> None:
        self._seconds = seconds
        self._end = time.perf_counter() + most_seconds
        self._wall: list[float] = []
        self._processor: list[float] = []
        self._waits = 0
        self._total = 0.0

    def add(self, passed: Reading, calls: int) -> None:
        """One batch that made so many calls."""
        self._total += passed.wall
        self._wall.append(passed.wall / calls)
        self._processor.append(passed.processor / calls)
        self._waits += passed.waits

    @property
    def enough(self) -> bool:
        """Whether there are enough batches, or no time for more."""
        if time.perf_counter() > self._end and self._wall:
            return True
        return self._total >= self._seconds and len(self._wall) >= _FEWEST_BATCHES

    def summary(self) -> dict[str, Any]:
        """The least of the batches: whatever disturbs only ever adds."""
        return {
            "wall": min(self._wall, default=0.0),
            "processor": min(self._processor, default=0.0),
            "waits": self._waits,
            "batches": len(self._wall),
        }


def calls_for(seconds_a_call: float) -> int:
    """How many calls make a batch."""
    return max(1, min(100_000, int(_BATCH_SECONDS / max(seconds_a_call, 1e-9))))
