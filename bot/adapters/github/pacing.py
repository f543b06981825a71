"""Lets each installation change one thing at a time, with a pause in between, as GitHub asks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from bot.adapters.github.exchange import Sleep


class Pacer:
    """One turn after the other per installation; installations do not wait for each other."""

    def __init__(
        self, pause: float, sleep: Sleep = asyncio.sleep, now: Callable[[], float] = monotonic
    ) -> None:
        self._pause = pause
        self._sleep = sleep
        self._now = now
        self._turns: dict[int, asyncio.Lock] = {}
        self._ended: dict[int, float] = {}

    @asynccontextmanager
    async def turn(self, installation: int) -> AsyncIterator[None]:
        """Wait for one's turn, and for the pause since the last one."""
        async with self._turns.setdefault(installation, asyncio.Lock()):
            if installation in self._ended:
                rest = self._ended[installation] + self._pause - self._now()
                if rest > 0:
                    await self._sleep(rest)
            try:
                yield
            finally:
                self._ended[installation] = self._now()
