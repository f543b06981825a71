"""Ends or stops one of several workers at one of its requests to the fake GitHub."""

import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bot.adapters.engine import Pace
from bot.adapters.engine.worker import LEASE_LOST
from tests.fakes.github import FakeGitHub
from tests.fakes.github.effects import Effect, Stage
from tests.fakes.github.server import Recorded

if TYPE_CHECKING:
    import subprocess

PHASES = (
    ("ref", 1),
    ("merge", 1),
    ("pull request", 2),
    ("merge", 2),
    ("deployment", 1),
    ("revert branch", 1),
    ("merge", 3),
    ("deployment", 2),
)
"""Effects that divide the story, and which one of its kind: asked, agreed, opened, merged, ..."""
_MOST = 12
_EXPIRES = Pace().lease + 2


class _LostError(Exception):
    """What was sent is lost with its sender."""


@dataclass(frozen=True)
class Moment:
    """Around the n-th request, from 1, after an effect."""

    kind: str
    occurrence: int
    number: int
    stage: Stage

    @classmethod
    def of(cls, seed: int) -> "Moment":
        """Seeds in a row go through the whole story."""
        chance = Random(seed)
        kind, occurrence = PHASES[seed % len(PHASES)]
        stage: Stage = chance.choice(("before", "after"))
        return cls(kind, occurrence, chance.randrange(1, _MOST + 1), stage)


class Striker:
    """Sends the signal to the worker whose request it is.

    `lost` is that worker's number of process, `late` what it changed after it was struck.
    """

    def __init__(self, fake: FakeGitHub, moment: Moment, way: signal.Signals) -> None:
        self.workers: Sequence[Sequence[subprocess.Popen[bytes]]] = ()
        self.lost: int | None = None
        self.late: list[str] = []
        self._moment = moment
        self._way = way
        self._effects = self._requests = 0
        self._struck = 0.0
        self._chosen: Recorded | None = None
        self._ports: dict[int, int] = {}
        self._lock = threading.Lock()
        fake.bystanders.append(self._see)
        fake.effects.watch(self._watch)

    def _see(self, stage: Stage, record: Recorded, port: int) -> None:
        with self._lock:
            self._ports[threading.get_ident()] = port
            if stage == "before" and self._effects >= self._moment.occurrence:
                self._requests += 1
                if self._requests == self._moment.number:
                    self._chosen = record
            if self.lost is None and record is self._chosen and stage == self._moment.stage:
                self._strike(port)

    def _strike(self, port: int) -> None:
        self.lost = owner(port, [one.pid for one in self._processes()])
        assert self.lost is not None, f"no worker has port {port}"
        os.kill(self.lost, self._way)
        self._struck = time.monotonic()
        if self._moment.stage == "before":
            raise _LostError

    def _watch(self, stage: Stage, effect: Effect) -> None:
        """In the fake's thread that does the request, or in the test's."""
        if stage == "after":
            self._effects += effect.kind == self._moment.kind
        elif effect.api and self.lost is not None:
            port = self._ports[threading.get_ident()]
            if owner(port, [self.lost]) is not None:
                self.late.append(effect.kind)

    @contextmanager
    def at_work(
        self, workers: Sequence[Sequence["subprocess.Popen[bytes]"]], log: Path
    ) -> Iterator[None]:
        """Strike one of these workers; it ends by itself, and has changed nothing more.

        What was stopped goes on once it is taken over, or else at the end; its lease is gone then.
        """
        self.workers = workers
        with self._awaking(lambda: "took over" in log.read_text()):
            yield
        (lost,) = [one for one in self._processes() if one.pid == self.lost]
        assert lost.wait(60) == (-signal.SIGKILL if self._way is signal.SIGKILL else LEASE_LOST)
        assert self.late == []

    def _processes(self) -> list["subprocess.Popen[bytes]"]:
        """Those of every worker, the former ones too."""
        return [one for started in self.workers for one in started]

    @contextmanager
    def _awaking(self, taken_over: Callable[[], bool]) -> Iterator[None]:
        over = threading.Event()

        def wake() -> None:
            while not over.wait(0.1):
                if self.lost is not None and taken_over():
                    break
            self._go_on()

        waker = threading.Thread(target=wake)
        waker.start()
        try:
            yield
        finally:
            over.set()
            waker.join()

    def _go_on(self) -> None:
        if self.lost is not None:
            time.sleep(max(0.0, self._struck + _EXPIRES - time.monotonic()))
            with suppress(ProcessLookupError):
                os.kill(self.lost, signal.SIGCONT)


def owner(port: int, pids: Collection[int]) -> int | None:
    """Which of these processes has the connection that comes from this local port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {f"socket:[{row[9]}]" for row in rows if int(row[1].partition(":")[2], 16) == port}
    found = [pid for pid in pids if ours & _open_files(pid)]
    return found[0] if found else None


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for name in Path(f"/proc/{pid}/fd").iterdir():
            # It may be closed meanwhile.
            with suppress(OSError):
                found.add(str(name.readlink()))
    return found
