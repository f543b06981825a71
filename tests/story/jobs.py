"""The engine's queue in memory: the same promises, by a clock that the test moves."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.adapters.engine.jobs import Limits, pause_after
from bot.adapters.engine.wire import digest
from bot.domain.jobs import Job
from bot.ports import Clock

RETRY_AFTER = Limits().retry_after


@dataclass(frozen=True)
class Waiting:
    """One attempt at a job, not before a moment."""

    job: Job
    cause: str
    attempt: int
    at: datetime


class MemoryQueue:
    """Outlives the process that works: what was begun and not finished is still in it."""

    def __init__(self, clock: Clock, order: random.Random | None = None) -> None:
        self._clock = clock
        self._order = order
        self._known: set[tuple[str, str]] = set()
        self._number = 0
        self.waiting: list[Waiting] = []
        self.parked: list[tuple[Job, Exception]] = []

    async def enqueue(self, jobs: Sequence[Job], *, cause: str = "") -> None:
        """The same job for the same cause is done once, and not twice while one has not begun."""
        self._number += 1
        for job in jobs:
            name = (digest(job), cause or f"#{self._number}")
            same = any(one.job == job and one.attempt == 1 for one in self.waiting)
            if not same and name not in self._known:
                self._known.add(name)
                self.waiting.append(Waiting(job, name[1], 1, self._clock.now()))

    def take(self) -> Waiting | None:
        """A job whose time has come and before which none of its key waits."""
        now, first = self._clock.now(), dict[str, Waiting]()
        for one in self.waiting:
            if one.at <= now:
                first.setdefault(one.job.key, one)
        ready = list(first.values())
        taken = (self._order.choice(ready) if self._order else ready[0]) if ready else None
        if taken is not None:
            self.waiting.remove(taken)
        return taken

    def hand_back(self, one: Waiting) -> None:
        """Whoever did it is gone."""
        self.waiting.insert(0, one)

    def failed(self, one: Waiting, error: Exception) -> None:
        """Try it again later, or park it."""
        if one.attempt > len(RETRY_AFTER):
            self.parked.append((one.job, error))
            return
        now = self._clock.now()
        pause = pause_after(error, RETRY_AFTER[one.attempt - 1], now)
        at = now + timedelta(seconds=pause)
        self.waiting.append(Waiting(one.job, one.cause, one.attempt + 1, at))

    def next_moment(self) -> datetime | None:
        """When something that waits may begin."""
        return min((one.at for one in self.waiting), default=None)
