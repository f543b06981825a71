"""One event loop for a whole process, in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from flask import Flask

Answer = TypeVar("Answer")


class SharedLoop:
    """Started after a fork: neither a thread nor a loop survives one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Answer], timeout: float | None = None) -> Answer:
        """Do it on the loop and wait here for the end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def close(self) -> None:
        """End the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class LoopFlask(Flask):
    """Flask whose asynchronous views all run on one loop, and not each on a loop of its own."""

    shared_loop: SharedLoop | None = None

    def async_to_sync(self, func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """Flask's own hook for how a view that is a coroutine is called."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if self.shared_loop is None:
                message = "no loop was given to this application"
                raise RuntimeError(message)
            return self.shared_loop.run(func(*args, **kwargs))

        return call
