"""The outside world of a replayed call, the same every time: chance, the clock, what is printed."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

_START = 1_700_000_000.0


class TookTooLong(BaseException):
    """The call did not end in time; no `except Exception` of the project stops it."""


class World:
    """Pins chance and the clock for this process; `reset` before every call."""

    def __init__(self) -> None:
        self._now = _START
        self._random = random.Random(0)
        time.time = self._time
        time.time_ns = lambda: int(self._time() * 1e9)
        time.sleep = self._sleep
        os.urandom = self._urandom
        random._urandom = self._urandom  # type: ignore[attr-defined]
        signal.signal(signal.SIGALRM, too_long)

    def reset(self) -> None:
        self._now = _START
        self._random.seed(0)
        random.seed(0)
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            numpy.random.seed(0)

    def _time(self) -> float:
        # It moves, so that a loop that waits for it comes to an end.
        self._now += 0.001
        return self._now

    def _sleep(self, seconds: Any) -> None:
        self._now += seconds

    def _urandom(self, size: int) -> bytes:
        return bytes(self._random.getrandbits(8) for _ in range(size))


class Printed:
    """What a call printed and warned of."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.err = io.StringIO()
        self.warned: list[Any] = []

    def lines(self) -> list[str]:
        found = [
            f"{name}: {stream.getvalue()!r}"
            for name, stream in (("printed", self.out), ("printed to stderr", self.err))
            if stream.getvalue()
        ]
        return found + [f"warned: {w.category.__name__}: {w.message}" for w in self.warned]


@contextlib.contextmanager
def watched(seconds: float) -> Iterator[Printed]:
    """Catch what is printed and warned of, and end the call after so many seconds."""
    printed = Printed()
    with contextlib.redirect_stdout(printed.out), contextlib.redirect_stderr(printed.err):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            # Again and again: the first may meet an `except BaseException`.
            signal.setitimer(signal.ITIMER_REAL, seconds, 0.25)
            try:
                yield printed
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                printed.warned = list(caught)


def too_long(*_: object) -> None:
    raise TookTooLong
