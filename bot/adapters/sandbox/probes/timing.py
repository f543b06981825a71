"""Short timings of one piece of work, each without what the machine does beside it."""

from __future__ import annotations

import os
import resource
import time
from typing import Any

# Long enough for the clock, short enough to pass between two interruptions.
_BATCH_SECONDS = 0.005
_FEWEST_BATCHES = 6
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


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


class Slot:
    """Turns by the clock: of several processes only one works at a time, in very short turns.

    What disturbs the machine for longer than a turn then disturbs all of them alike.
    """

    def __init__(self, config: Any) -> None:
        self._index = int(config["index"])
        self._of = int(config["of"])
        self._length = float(config["length"])
        self._turns = 0

    def wait(self) -> None:
        """Sleep until a turn of ours begins, and take it on another core than the last."""
        self._turns += 1
        _move(self._turns)
        period = self._of * self._length
        now = time.monotonic()
        start = now - now % period + self._index * self._length
        while start < now:
            start += period
        time.sleep(start - now)


def _move(turn: int) -> None:
    """Visit every core in turn: one that somebody else keeps busy must not be one process's fate.

    Threads that are there already stay where they are.
    """
    if hasattr(os, "sched_setaffinity"):
        try:
            os.sched_setaffinity(0, {_CORES[turn % len(_CORES)]})
        except OSError:
            return


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
