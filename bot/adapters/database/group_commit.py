"""Many writers, one commit: whoever comes while one commit runs shares the next."""

import threading
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
        self._waiting: list[tuple[Item, Done]] = []
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._ready = False
        self._closed = False
        self.after_commit: Callable[[], None] = lambda: None

    def add(self, item: Item, done: Done) -> None:
        """Write it with the commit after the next `flush`; the writing thread tells `done`."""
        with self._changed:
            if self._closed or len(self._waiting) >= self._most:
                message = f"{len(self._waiting)} items wait to be written"
                raise OverloadedError(message)
            self._waiting.append((item, done))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write what waits: the more is added before, the less each costs."""
        with self._changed:
            self._ready = bool(self._waiting)
            self._changed.notify()

    def put(self, item: Item, timeout: float) -> None:
        """Return once it is durable; the error of the write, or TimeoutError."""
        answer: list[Exception | None] = []
        finished = threading.Lock()
        finished.acquire()

        def done(error: Exception | None) -> None:
            answer.append(error)
            finished.release()

        self.add(item, done)
        self.flush()
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
        while batch := self._next():
            error: Exception | None = None
            try:
                self._write([item for item, _ in batch])
            except Exception as raised:  # noqa: BLE001 - whoever waits is told, whatever it is
                error = raised
            for _, done in batch:
                done(error)
            self.after_commit()

    def _next(self) -> list[tuple[Item, Done]]:
        with self._changed:
            while not self._ready and not self._closed:
                self._changed.wait()
            batch = self._waiting[: self._at_once]
            del self._waiting[: self._at_once]
            self._ready = bool(self._waiting)
            return batch
