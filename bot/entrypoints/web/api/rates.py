"""How many requests each token may send; each web process counts by itself."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SECONDS: Final = 60.0
_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of what a caller may send, and in how many seconds all of it is back.

    `wait` is how many seconds to wait before the next request, 0 where this one may be served.
    """

    left: int
    back: int
    wait: int


class Rates:
    """A bucket for each caller that fills evenly: so many requests a minute, and at once."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> Share:
        """Count one request of this caller."""
        now, speed = self._now(), self.most / SECONDS
        with self._lock:
            level, at = self._buckets.get(caller, (float(self.most), now))
            level = min(self.most, level + (now - at) * speed)
            served = level >= 1
            level -= served
            if len(self._buckets) >= _MOST_KNOWN and caller not in self._buckets:
                # Those that were full again are as good as unknown; it happens seldom.
                self._buckets = {
                    one: kept
                    for one, kept in self._buckets.items()
                    if kept[0] + (now - kept[1]) * speed < self.most
                }
            self._buckets[caller] = (level, now)
        wait = 0 if served else max(1, round((1 - level) / speed + 0.5))
        return Share(int(level), round((self.most - level) / speed + 0.5), wait)
