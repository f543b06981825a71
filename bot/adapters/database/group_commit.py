"""Many writers, one commit: whoever comes while one commit runs shares the next."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Done = Callable[[Exception | None], None]


class OverloadedError(Exception):
    """More waits to be written than is sensible; come again later."""


class GroupCommit(Generic[Item]):
    """Hands what waits to `write`, which is to return once all of it is durable.

    The thread that writes is started by the first item, so that an object made before a fork works
    after it.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], None], *, at_once: int = 256, waiting: int = 4096
    ) -> None:
        self._write = write
        self._at_once = at_once
        self._most = waiting
        self._waiting: deque[tuple[Sequence[Item], Done]] = deque()
        self._count = 0
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, items: Sequence[Item], done: Done) -> None:
        """Write them all with the next commit; the writing thread tells `done`."""
        with self._changed:
            if self._closed or self._count + len(items) > self._most:
                message = f"{self._count} items wait to be written"
                raise OverloadedError(message)
            self._waiting.append((items, done))
            self._count += len(items)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
                self._thread.start()
            self._changed.notify()

    def put(self, item: Item, timeout: float) -> None:
        """Return once it is durable; the error of the write, or TimeoutError."""
        answer: list[Exception | None] = []
        finished = threading.Lock()
        finished.acquire()

        def done(error: Exception | None) -> None:
            answer.append(error)
            finished.release()

        self.add([item], done)
        if not finished.acquire(timeout=timeout):
            message = f"not durable within {timeout} seconds"
            raise TimeoutError(message)
        if answer[0] is not None:
            raise answer[0]

    def close(self) -> None:
        """Write what waits, then end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while groups := self._next():
            error: Exception | None = None
            try:
                self._write([item for items, _ in groups for item in items])
            except Exception as raised:  # noqa: BLE001 - whoever waits is told, whatever it is
                error = raised
            for _, done in groups:
                done(error)

    def _next(self) -> list[tuple[Sequence[Item], Done]]:
        """As many whole groups as go into one commit, at least one; none when it is closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            groups: list[tuple[Sequence[Item], Done]] = []
            taken = 0
            while self._waiting and (
                not groups or taken + len(self._waiting[0][0]) <= self._at_once
            ):
                groups.append(self._waiting.popleft())
                taken += len(groups[-1][0])
            self._count -= taken
            return groups
