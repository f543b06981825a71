"""Takes in what services report: many batches share one commit, and each counts once."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import (
    HostedRepositoryRow,
    RequestBatchRow,
    RequestBlockRow,
    table_of,
)
from bot.adapters.database.windows import add_windows
from bot.adapters.signals import blocks
from bot.adapters.signals.otlp import Exported
from bot.adapters.signals.readings import counted_since
from bot.adapters.signals.series import KnownSeries
from bot.adapters.signals.spoken_code import SpokenCode
from bot.domain.cardinality import MOST_A_DAY, bounded
from bot.domain.code_attributes import Code
from bot.domain.counters import Reading, tally_windows
from bot.domain.metrics import Window
from bot.domain.reported import Batch, Refused, batch_windows, refusal, tallies_refusal

log = logging.getLogger("ironclaw.intake")
_BATCHES: Final = table_of(RequestBatchRow)
_BLOCKS: Final = table_of(RequestBlockRow)
_REPOSITORIES: Final = table_of(HostedRepositoryRow)
_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """The batch is durable, by this call or an earlier one."""

    count: int


@dataclass(frozen=True, slots=True)
class OtherBatch:
    """Something else was kept under this batch's id."""


@dataclass(frozen=True, slots=True)
class UnknownRepository:
    """No code host has let us into the batch's repository."""


Taken = Kept | OtherBatch | UnknownRepository


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as it is kept: its windows, its requests as a block, what its counters show.

    `code` are the code attributes that endpoints' spans carried.
    """

    repository: str
    id: str
    count: int
    windows: Sequence[Window]
    readings: Sequence[Reading] = ()
    block: Mapping[str, Any] | None = None
    digest: str = ""
    code: Mapping[str, Code] = field(default_factory=dict)


def _system_now() -> datetime:
    return datetime.now(UTC)


def prepare(batch: Batch, now: datetime) -> Prepared | Refused:
    """What takes time and no database, for a thread that nobody waits for."""
    refused = refusal(batch, now)
    if refused is not None:
        return refused
    columns = blocks.columns(batch.requests)
    samples = json.dumps(
        [
            [
                one.metric_name,
                one.metric_type,
                one.value,
                one.at.timestamp(),
                one.unit,
                one.endpoint,
            ]
            for one in batch.samples
        ]
    )
    return Prepared(
        batch.repository,
        batch.id,
        batch.count,
        batch_windows(batch),
        block=_block(batch, columns),
        digest=hashlib.sha256(columns + samples.encode()).hexdigest(),
    )


def prepare_exported(exported: Exported, repository: str, now: datetime) -> Prepared | Refused:
    """The same for what an OpenTelemetry exporter sent."""
    batch = Batch(repository, exported.requests)
    tallies = [*exported.deltas, *(reading.tally for reading in exported.readings)]
    refused = refusal(batch, now) or tallies_refusal(tallies, now)
    if refused is not None:
        return refused
    windows = tally_windows(exported.deltas)
    return Prepared(
        repository,
        "",
        batch.count + len(tallies),
        [*batch_windows(batch), *windows],
        exported.readings,
        _block(batch, blocks.columns(batch.requests)),
        code=exported.code,
    )


def _block(batch: Batch, columns: bytes) -> Mapping[str, Any] | None:
    at = batch.requests.at
    if not at:
        return None
    return {
        "repository": batch.repository,
        "first_at": datetime.fromtimestamp(min(at), UTC),
        "last_at": datetime.fromtimestamp(max(at), UTC),
        "count": len(at),
        "body": blocks.dump(columns),
    }


class MetricsIntake:
    """Keeps batches; to be used on one loop."""

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
        self._forget()
        self._waiting: list[tuple[Prepared, asyncio.Future[Taken]]] = []
        self._writing: asyncio.Task[None] | None = None

    def _forget(self) -> None:
        """What was let in may not have been written."""
        self._series = KnownSeries()
        self._code = SpokenCode()

    async def add(self, batch: Batch) -> Taken | Refused:
        """Keep all of it or nothing; returns once it is durable."""
        prepared = prepare(batch, self._now())
        return prepared if isinstance(prepared, Refused) else await self.keep(prepared)

    async def keep(self, prepared: Prepared) -> Taken:
        """The same for a batch that is prepared; whoever comes while others are written waits."""
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append((prepared, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            try:
                taken = await self._write([prepared for prepared, _ in some])
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                self._forget()
                await self._write_each(some, error)
                continue
            for (_, answer), found in zip(some, taken, strict=True):
                _tell(answer, found)

    async def _write_each(
        self, some: Sequence[tuple[Prepared, "asyncio.Future[Taken]"]], error: Exception
    ) -> None:
        """One batch that cannot be written keeps no other one out."""
        for prepared, answer in some:
            found: Taken | Exception = error
            if len(some) > 1:
                try:
                    (found,) = await self._write([prepared])
                except Exception as own:  # noqa: BLE001 - as above
                    found = own
            _tell(answer, found)

    async def _write(self, some: Sequence[Prepared]) -> list[Taken]:
        """All in one transaction, and in one order: two writers must not wait for each other."""
        order = sorted(range(len(some)), key=lambda n: (some[n].repository, some[n].id))
        taken: dict[int, Taken] = {}
        fresh: list[Prepared] = []
        async with self._engine.begin() as connection:
            known = await _known(connection, {one.repository for one in some})
            for number in order:
                one = some[number]
                taken[number] = UnknownRepository()
                if one.repository in known:
                    taken[number] = await self._number(connection, one, fresh)
            await self._insert(connection, fresh)
        return [taken[number] for number in range(len(some))]

    async def _number(
        self, connection: AsyncConnection, one: Prepared, fresh: list[Prepared]
    ) -> Taken:
        """What becomes of it; added to `fresh` if it is to be inserted."""
        digest = await self._digest(connection, one) if one.id else None
        if digest is None:
            fresh.append(one)
        return Kept(one.count) if digest in (None, one.digest) else OtherBatch()

    async def _insert(self, connection: AsyncConnection, fresh: Sequence[Prepared]) -> None:
        rows = [one.block for one in fresh if one.block is not None]
        if rows:
            await connection.execute(insert(_BLOCKS), rows)
        by_repository: dict[str, list[Prepared]] = {}
        for one in fresh:
            by_repository.setdefault(one.repository, []).append(one)
        for repository, some in sorted(by_repository.items()):
            readings = [reading for one in some for reading in one.readings]
            counted = await counted_since(connection, repository, readings)
            known = await self._series.of(connection, repository, self._now())
            every = [*(window for one in some for window in one.windows), *counted]
            windows, beyond = bounded(every, known, self._most_series)
            if beyond:
                log.warning("%s has more than %d series today", repository, self._most_series)
            await add_windows(connection, repository, windows)
            await self._code.keep(connection, repository, [one.code for one in some], self._now())

    async def _digest(self, connection: AsyncConnection, one: Prepared) -> str | None:
        """The digest of what was kept under this id before; None if this is the first time.

        Another transaction with the same id is waited for.
        """
        key = {"repository": one.repository, "id": one.id}
        values = key | {"digest": one.digest, "received_at": self._now()}
        kind = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = kind.insert(_BATCHES).values(values).on_conflict_do_nothing()
        first = await connection.execute(statement.returning(_BATCHES.c.id))
        if first.first() is not None:
            return None
        found: str = (await connection.scalars(select(_BATCHES.c.digest).filter_by(**key))).one()
        return found


async def _known(connection: AsyncConnection, repositories: set[str]) -> set[str]:
    name = _REPOSITORIES.c.full_name
    return set(await connection.scalars(select(name).where(name.in_(repositories))))


def _tell(answer: "asyncio.Future[Taken]", found: Taken | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
