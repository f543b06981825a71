"""What was reported and is not in the windows yet.

A report is answered once it is kept as it came, which takes one short write. Adding it to the
windows of three lengths takes a hundred times as long; it is done soon afterwards, for many reports
together, in transactions so short that a delivery can be kept between two of them.
"""

import asyncio
import contextlib
import logging
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import UnfoldedRow, table_of
from bot.adapters.database.windows import add_windows
from bot.adapters.failures import log_failure
from bot.adapters.signals.readings import counted_since
from bot.adapters.signals.series import KnownSeries
from bot.adapters.signals.spoken_code import SpokenCode
from bot.domain.cardinality import MOST_A_DAY, bounded
from bot.domain.code_attributes import Code
from bot.domain.counters import Reading, Tally, tally_windows
from bot.domain.metrics import Series, Values, Window, value_windows
from bot.ports import UserError

log = logging.getLogger("ironclaw.intake")

MOST_WAITING: Final = 50_000
"""Rows that may wait; while there are more, nothing is taken in."""
_ROWS: Final = table_of(UnfoldedRow)
_PARKED: Final = -1
_SHARDS: Final = 16
_FEW: Final = 256
_AT_ONCE: Final = 128
# Windows are made of them while others wait for the database: some tens of thousands of values.
_BYTES_AT_ONCE: Final = 256 * 1024
# What comes together is added together, which costs little more than one alone.
_GATHER_SECONDS: Final = 0.5
_LEVEL: Final = 1
_PAUSE_SECONDS: Final = 0.01
_LOOK_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What was measured and counted, what counters show, and the code that spans name.

    Of many small reports one window is made much sooner than of the windows of each, which only
    what waits since an earlier version has.
    """

    windows: Sequence[Window] = ()
    readings: Sequence[Reading] = ()
    code: Mapping[str, Code] = field(default_factory=dict)
    values: Sequence[Values] = ()
    tallies: Sequence[Tally] = ()

    def series(self) -> set[Series]:
        """Everything that it is of."""
        return {_series(one) for column in self._columns() for one in column}

    def split(self) -> dict[int, "Unfolded"]:
        """By the number of the shard that a series is in; without the code."""
        found: dict[int, list[list[Any]]] = {}
        for place, column in enumerate(self._columns()):
            for one in column:
                shard = _shard(_series(one))
                found.setdefault(shard, [[], [], [], []])[place].append(one)
        return {
            shard: Unfolded(windows, readings, values=values, tallies=tallies)
            for shard, (windows, readings, values, tallies) in sorted(found.items())
        }

    def _columns(self) -> tuple[Sequence[Any], ...]:
        return self.windows, self.readings, self.values, self.tallies


def _series(one: Window | Reading | Values | Tally) -> Series:
    return one.tally.series if isinstance(one, Reading) else one.series


_DECODER: Final = msgspec.msgpack.Decoder(Unfolded)


def rows_of(repository: str, one: Unfolded) -> list[dict[str, Any]]:
    """What is kept of it: few series in one row, many in several."""
    if len(one.series()) <= _FEW:
        return [_row(repository, 0, one)]
    parts = [_row(repository, shard, part) for shard, part in one.split().items()]
    return [_row(repository, 0, Unfolded(code=one.code)), *parts] if one.code else parts


def read(bodies: Iterable[bytes]) -> list[Unfolded]:
    """What these rows' bodies hold."""
    return [_DECODER.decode(zlib.decompress(body)) for body in bodies]


def _shard(series: Series) -> int:
    return 1 + zlib.crc32(repr(series).encode()) % _SHARDS


def _row(repository: str, shard: int, one: Unfolded) -> dict[str, Any]:
    body = zlib.compress(msgspec.msgpack.encode(one), _LEVEL)
    return {"repository": repository, "shard": shard, "body": body}


async def keep(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write these; UserError if too much waits already."""
    first, last = (await connection.execute(select(_least(), _greatest()))).one()
    if first is not None and last - first > MOST_WAITING:
        problem = "reports come faster than they can be counted"
        raise UserError(problem, "Send fewer, or give the database more to work with.")
    if rows:
        await connection.execute(insert(_ROWS), rows)


def _least() -> Any:
    waiting = select(_ROWS.c.id).where(_ROWS.c.shard >= 0)
    return waiting.order_by(_ROWS.c.id).limit(1).scalar_subquery()


def _greatest() -> Any:
    return select(func.max(_ROWS.c.id)).scalar_subquery()


def _system_now() -> datetime:
    return datetime.now(UTC)


class Folding:
    """Adds what waits to the windows, each row once, whoever else does the same."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        now: Callable[[], datetime] = _system_now,
        most_series: int = MOST_A_DAY,
    ) -> None:
        self._engine = engine
        self._now = now
        self._most_series = most_series
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._forget()

    def _forget(self) -> None:
        """What was let in may not have been written."""
        self._series = KnownSeries()
        self._code = SpokenCode()

    def start(self) -> None:
        """Do it from now on, on the running loop."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Something has come."""
        self._called.set()

    async def stop(self) -> None:
        """End; what waits goes on waiting."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def fold(self) -> None:
        """Add everything that waits now."""
        goes_on = True
        while goes_on:
            goes_on = await self._fold_some(_AT_ONCE)
            # Whoever waits for the database gets it.
            await asyncio.sleep(_PAUSE_SECONDS if goes_on else 0)

    async def _run(self) -> None:
        while True:
            self._called.clear()
            wait = _LOOK_SECONDS
            try:
                await self.fold()
            except Exception as error:  # noqa: BLE001 - it waits, and is tried again
                log_failure(log, "what was reported cannot be counted now", error)
                wait = _RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                # Another process may have left something.
                async with asyncio.timeout(wait):
                    await self._called.wait()
            await asyncio.sleep(_GATHER_SECONDS)

    async def _fold_some(self, limit: int) -> bool:
        """Add some rows of one repository; whether there were any."""
        async with self._engine.connect() as connection:
            waiting = select(_ROWS.c.repository, _ROWS.c.shard).where(_ROWS.c.shard >= 0)
            found = (await connection.execute(waiting.order_by(_ROWS.c.id).limit(1))).first()
        if found is None:
            return False
        repository, shard = found
        try:
            async with self._engine.begin() as connection:
                parts = await _take(connection, repository, shard, limit)
                await self._add(connection, repository, parts)
        except (DBAPIError, UserError, OSError) as error:
            self._forget()
            if not isinstance(error, DataError | IntegrityError):
                raise
            await self._retry(repository, shard, limit, error)
        except Exception as error:  # noqa: BLE001 - a report that cannot be counted stops no other
            self._forget()
            await self._retry(repository, shard, limit, error)
        return True

    async def _add(
        self, connection: AsyncConnection, repository: str, parts: Sequence[Unfolded]
    ) -> None:
        readings = [reading for one in parts for reading in one.readings]
        counted = await counted_since(connection, repository, readings)
        known = await self._series.of(connection, repository, self._now())
        made = [
            *value_windows(value for one in parts for value in one.values),
            *tally_windows(tally for one in parts for tally in one.tallies),
        ]
        # Where there are too many, an endpoint's durations and errors are let in together.
        made.sort(key=lambda window: window.endpoint)
        every = [*made, *(window for one in parts for window in one.windows), *counted]
        windows, beyond = bounded(every, known, self._most_series)
        if beyond:
            log.warning("%s has more than %d series today", repository, self._most_series)
        await add_windows(connection, repository, windows)
        await self._code.keep(connection, repository, [one.code for one in parts], self._now())

    async def _retry(self, repository: str, shard: int, limit: int, error: Exception) -> None:
        """Find out which row it is that cannot be added."""
        if limit > 1:
            await self._fold_some(1)
        else:
            await self._park(repository, shard, error)

    async def _park(self, repository: str, shard: int, error: Exception) -> None:
        """Put the oldest aside, which cannot be added whatever is done."""
        log.error("a report of %s cannot be counted and is put aside: %s", repository, error)
        async with self._engine.begin() as connection:
            oldest = _oldest(repository, shard, 1)
            await connection.execute(
                update(_ROWS).where(_ROWS.c.id.in_(oldest)).values(shard=_PARKED)
            )


async def _take(
    connection: AsyncConnection, repository: str, shard: int, limit: int
) -> list[Unfolded]:
    """Take the oldest out, oldest first; whoever comes at the same time waits, and finds others."""
    chosen = _ROWS.c.id.in_(_oldest(repository, shard, limit))
    taken = await connection.execute(
        delete(_ROWS).where(chosen).returning(_ROWS.c.id, _ROWS.c.body)
    )
    return read(body for _, body in sorted(map(tuple, taken)))


def _oldest(repository: str, shard: int, limit: int) -> Any:
    """The ids of so many, or of fewer that are large; of one at least."""
    mine = (_ROWS.c.repository == repository) & (_ROWS.c.shard == shard)
    size = func.length(_ROWS.c.body).label("size")
    first = select(_ROWS.c.id, size).where(mine).order_by(_ROWS.c.id).limit(limit)
    some = first.with_for_update().subquery()
    before = func.sum(some.c.size).over(order_by=some.c.id) - some.c.size
    counted = select(some.c.id, before.label("before")).subquery()
    return select(counted.c.id).where(counted.c.before < _BYTES_AT_ONCE)
