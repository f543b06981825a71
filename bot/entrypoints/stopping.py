"""A polite stop, by Ctrl-C or SIGTERM, ends everything that was started."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

T = TypeVar("T")


def run(work: Coroutine[object, object, T]) -> T:
    """Run it; a polite stop cancels it, lets it clean up, and raises `KeyboardInterrupt`."""
    try:
        return asyncio.run(_stoppable(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _stoppable(work: Coroutine[object, object, T]) -> T:
    """Cancelled by the loop: an exception out of a signal handler can hit the loop's own code.

    SIGINT is asyncio's already, except in a script's background job, which ignores it.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGTERM)
    with suppress(NotImplementedError):  # There are no such signals on Windows.
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)


@contextmanager
def while_blocked() -> Iterator[None]:
    """A polite stop raises at once: while a question waits, the event loop does not run."""
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, raise_stop)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def raise_stop(*_: object) -> None:
    """A signal handler: end as after Ctrl-C."""
    raise KeyboardInterrupt
