"""One worker: holds its lease, runs jobs, routes deliveries, wakes what is due, takes over."""

import asyncio
import logging
import os
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from bot.adapters.database.engine import make_engine as make_database_engine
from bot.adapters.engine.bell import Bell, make_bell
from bot.adapters.engine.client import JobQueue, system_engine
from bot.adapters.engine.jobs import Handle, JobRunner, Limits
from bot.adapters.engine.lease import Lease, LeaseLostError, make_lease
from bot.adapters.engine.presence import Presence
from bot.adapters.engine.routing import BATCH, Route, Router
from bot.adapters.engine.tables import tables
from bot.adapters.engine.timers import Timers
from bot.adapters.failures import log_failure
from bot.domain.backlog import SIGN_EVERY

log = logging.getLogger("ironclaw.worker")

LEASE_LOST: Final = 75
"""The exit code of a worker that may not go on: the system's word for `try again`."""
_PENDING: Final = "SELECT DISTINCT executor_id FROM {status} WHERE status = 'PENDING'"


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that every worker does by the clock; several may do it at once."""

    name: str
    seconds: float
    act: Callable[[], Awaitable[object]]


async def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Trade:
    """What a worker is for: how a job is done, a delivery routed, and what is done by the clock.

    `close` lets go of what they hold; it runs last, on the worker's loop. `share_left` is what is
    left of the code host's rate limit, 0 to 1, and None where nothing was asked yet.
    """

    handle: Handle
    route: Route
    chores: tuple[Chore, ...] = ()
    close: Callable[[], Awaitable[None]] = _nothing
    share_left: Callable[[], float | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker does what it does by itself, in seconds.

    One that dies loses its `lease` at once; so long only one that stands still keeps it, which may
    be no more than a machine that has too much to do.
    """

    lease: float = 30
    ping: float = 2
    take_over: float = 2
    timers: float = 5
    clear_away: float = 3600
    after_error: float = 2
    sign: float = SIGN_EVERY.total_seconds()


MayAct = Callable[[], None]
"""Asked before everything that changes the world outside; returns only if that may be done."""
_CANCEL_AGAIN: Final = 1.0
_LIMITS: Final = Limits()
_PACE: Final = Pace()


def end_at_once(why: str) -> None:
    """End the process without another step: every effect from here on may be another's too."""
    log.critical("this worker ends: %s", why)
    os._exit(LEASE_LOST)


class Worker:
    """Everything that a worker process does, between `start` and `stop`."""

    def __init__(
        self,
        url: str,
        trade: Callable[[JobQueue, MayAct], Trade],
        *,
        limits: Limits = _LIMITS,
        pace: Pace = _PACE,
        end: Callable[[str], None] = end_at_once,
    ) -> None:
        self.executor = uuid.uuid4().hex
        self.alive = False
        self._url = url
        self._pace = pace
        self._end = end
        self._engine = make_database_engine(url)
        self._system = system_engine(url)
        self.queue = JobQueue(self._engine, self._system)
        self._lease: Lease = make_lease(url, self.executor, pace.lease)
        self._bell: Bell = make_bell(url)
        self._trade = trade(self.queue, self._may_act)
        self._router = Router(self._engine, self.queue, self._trade.route)
        self._timers = Timers(self._engine, self.queue)
        self._presence = Presence(self._engine, self.executor, self._trade.share_left)
        self._runner = JobRunner(self.queue, self._trade.handle, limits, self.executor)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take the lease, then begin; UserError where a person must mend something."""
        await self._lease.take()
        await self._runner.start(self._url)
        self._tasks = [
            asyncio.create_task(self._keep_lease()),
            asyncio.create_task(self._route()),
            *(asyncio.create_task(self._every(chore)) for chore in self._chores()),
        ]
        self.alive = True

    def _chores(self) -> Iterator[Chore]:
        pace, timers = self._pace, self._timers
        yield Chore("taking over from workers that are gone", pace.take_over, self._take_over)
        yield Chore("waking what is due", pace.timers, timers.wake_due)
        yield Chore("signing the list of workers", pace.sign, self._presence.sign)
        yield Chore("clearing away", pace.clear_away, timers.clear_away)
        yield from self._trade.chores

    async def stop(self) -> None:
        """Finish or hand back what runs, then let everything go."""
        self.alive = False
        # Of one that did not come to its start there is none.
        keeping, others = self._tasks[:1], self._tasks[1:]
        await _cancel(others)
        # The lease is kept while jobs still run.
        await self._runner.stop()
        await _cancel(keeping)
        await self._bell.close()
        if keeping:
            await self._sign_off()
        await self._lease.close()
        await self._trade.close()
        self.queue.close()
        self._system.dispose()
        await self._engine.dispose()

    async def _sign_off(self) -> None:
        try:
            await self._presence.leave()
        except Exception as error:  # noqa: BLE001 - its sign grows old by itself
            log_failure(log, "signing off failed", error)

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(self._pace.ping)
            try:
                await self._lease.ping()
            except LeaseLostError as error:
                self._lost(error)
                return

    def _may_act(self) -> None:
        """End the process where another may do its jobs by now."""
        try:
            self._lease.check()
        except LeaseLostError as error:
            self._lost(error)
            raise

    def _lost(self, error: LeaseLostError) -> None:
        self.alive = False
        self._end(str(error))

    async def _route(self) -> None:
        while True:
            try:
                while await self._router.route_some() == BATCH:
                    pass
            except Exception as error:  # noqa: BLE001 - it is tried again, whatever it is
                log_failure(log, "routing deliveries failed", error)
                await asyncio.sleep(self._pace.after_error)
            await self._bell.wait()

    async def _every(self, chore: Chore) -> None:
        while True:
            try:
                await chore.act()
            except Exception as error:  # noqa: BLE001 - it is tried again, whatever it is
                log_failure(log, f"{chore.name} failed", error)
            await asyncio.sleep(chore.seconds)

    async def _take_over(self) -> None:
        """Let the jobs of workers run again whose lock is free."""
        async with self._engine.connect() as connection:
            found = await connection.scalars(tables(self._engine.dialect.name).sql(_PENDING))
            others = [id for id in found if id and id != self.executor]
        dead = await self._lease.dead(others)
        if dead:
            count = await asyncio.to_thread(self._runner.recover, list(dead))
            log.warning("took over %d jobs of %d workers that are gone", count, len(dead))


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    """Say it until they have ended: what they wait for may swallow a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
