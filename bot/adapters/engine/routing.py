"""Turns deliveries into jobs: each is marked in the transaction that brings its jobs."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.deliveries import mark, take_waiting
from bot.adapters.database.lookups import ImprovementLookup
from bot.adapters.engine.client import JobQueue
from bot.domain.deliveries import Delivery, DeliveryState, Malformed, Routed
from bot.domain.messages import routed_line
from bot.ports import Lookup, UserError

Verdict = Routed | Malformed
Route = Callable[[str, bytes, Lookup], Verdict | Awaitable[Verdict]]
log = logging.getLogger("ironclaw.routing")

BATCH: Final = 100
_MOST_ATTEMPTS = 5


class Router:
    """Routes what waits; several may work at once, each delivery is routed by one of them."""

    def __init__(
        self,
        engine: AsyncEngine,
        queue: JobQueue,
        route: Route,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._queue = queue
        self._route = route
        self._now = now

    async def route_some(self) -> int:
        """Route a batch of the oldest; how many there were."""
        async with self._engine.begin() as connection:
            waiting = await take_waiting(connection, BATCH)
            lookup = ImprovementLookup(connection)
            for delivery in waiting:
                await self._finish(connection, delivery, await self._verdict(delivery, lookup))
        return len(waiting)

    async def _verdict(self, delivery: Delivery, lookup: Lookup) -> Verdict | Exception:
        try:
            found = self._route(delivery.event, delivery.body, lookup)
            return await found if inspect.isawaitable(found) else found
        except (SQLAlchemyError, UserError):
            # Not this delivery's fault, and the transaction is spoilt.
            raise
        except Exception as error:  # noqa: BLE001 - one bad delivery must not stop the others
            return error

    async def _finish(
        self, connection: AsyncConnection, delivery: Delivery, verdict: Verdict | Exception
    ) -> None:
        state, why = DeliveryState.ROUTED, ""
        match verdict:
            case Routed(jobs=()):
                state = DeliveryState.IGNORED
            case Routed(jobs=jobs):
                await self._queue.enqueue_on(connection, jobs, cause=delivery.id)
                log.info("%s", routed_line(delivery, jobs))
            case Malformed(why=why):
                state = DeliveryState.PARKED
            case Exception() as error:
                why = f"{type(error).__name__}: {error}"
                last = delivery.attempts + 1 >= _MOST_ATTEMPTS
                state = DeliveryState.PARKED if last else DeliveryState.RECEIVED
        if why:
            log.warning("delivery %s is %s: %s", delivery.id, state, why)
        await mark(connection, delivery.id, state, self._now(), why)
