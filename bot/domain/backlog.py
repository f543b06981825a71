"""What waits in the records, and which workers say that they are there to do it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

SIGN_EVERY: Final = timedelta(seconds=15)
SIGN_GOOD_FOR: Final = timedelta(seconds=60)
"""A worker that has signed within this time is taken to live: it may miss some turns."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of one kind there are, and since when (UTC) the oldest of them."""

    count: int = 0
    oldest: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """How long the oldest has waited; nothing waits 0 seconds."""
        return max(0.0, (now - self.oldest).total_seconds()) if self.oldest else 0.0


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """What one worker wrote of itself last: where it runs, since when, and when it wrote (UTC).

    `share_left` is what is left of the code host's rate limit where least is left, 0 to 1.
    """

    executor: str
    host: str
    pid: int
    version: str
    began: datetime
    at: datetime
    share_left: float | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it can be taken to live."""
        return now - self.at <= SIGN_GOOD_FOR

    def document(self) -> dict[str, Any]:
        """As it is kept; the executor is the name of it, and the moment is the keeper's."""
        return {
            "host": self.host,
            "pid": self.pid,
            "version": self.version,
            "began": self.began.isoformat(),
            "share_left": self.share_left,
        }


def sign_of(executor: str, value: object, at: datetime) -> WorkerSign | None:
    """A sign as it was kept; None for what is none, as another version may write it."""
    if not isinstance(value, Mapping):
        return None
    host, pid, version = (value.get(name) for name in ("host", "pid", "version"))
    began, share = _moment(value.get("began")), value.get("share_left")
    if not (isinstance(host, str) and isinstance(version, str) and began):
        return None
    if not isinstance(pid, int) or isinstance(pid, bool):
        return None
    left = float(share) if isinstance(share, int | float) and 0 <= share <= 1 else None
    return WorkerSign(executor, host, pid, version, began, at, left)


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Deliveries that wait or are parked, jobs by how they stand, and the signs of workers."""

    received: Waiting = Waiting()
    parked: Waiting = Waiting()
    jobs: Mapping[str, Waiting] = field(default_factory=dict)
    workers: tuple[WorkerSign, ...] = ()

    def job(self, standing: str) -> Waiting:
        """The jobs that stand so: `waiting`, `later`, `running` or `parked`."""
        return self.jobs.get(standing, Waiting())

    def alive(self, now: datetime) -> tuple[WorkerSign, ...]:
        """The workers that have signed of late."""
        return tuple(one for one in self.workers if one.is_fresh(now))
