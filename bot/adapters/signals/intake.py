"""Takes in what services report: many batches share one commit, and each counts once.

They are kept as they came; `unfolded` adds them to the windows.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.adapters.database.models import (
    RequestBatchRow,
    RequestBlockRow,
    table_of,
)
from bot.adapters.database.names import hosted_now
from bot.adapters.database.rows import check_key
from bot.adapters.signals import blocks, unfolded
from bot.adapters.signals.otlp import Exported
from bot.adapters.signals.unfolded import Unfolded
from bot.domain.counters import together
from bot.domain.reported import (
    Batch,
    Refused,
    Samples,
    batch_values,
    refusal,
    tallies_refusal,
)

_BATCHES: Final = table_of(RequestBatchRow)
_BLOCKS: Final = table_of(RequestBlockRow)
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
_Waiting = tuple[Sequence["Prepared"], "asyncio.Future[list[Taken]]"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as it is kept: what is to be counted of it as rows, and its requests as a block."""

    repository: str
    id: str
    count: int
    rows: Sequence[Mapping[str, Any]]
    block: Mapping[str, Any] | None = None
    digest: str = ""


def _system_now() -> datetime:
    return datetime.now(UTC)


def prepare(batch: Batch, now: datetime) -> Prepared | Refused:
    """What takes time and no database, for a thread that nobody waits for."""
    refused = refusal(batch, now)
    if refused is not None:
        return refused
    values, errors = batch_values(batch)
    rows = _rows(batch.repository, Unfolded(values=values, tallies=errors))
    if isinstance(rows, Refused):
        return rows
    columns = blocks.columns(batch.requests)
    return Prepared(
        batch.repository,
        batch.id,
        batch.count,
        rows,
        block=_block(batch, columns),
        digest=_digest(columns, batch.samples) if batch.id else "",
    )


def prepare_exported(exported: Exported, repository: str, now: datetime) -> Prepared | Refused:
    """The same for what an OpenTelemetry exporter sent."""
    batch = Batch(repository, exported.requests)
    tallies = [*exported.deltas, *(reading.tally for reading in exported.readings)]
    refused = refusal(batch, now) or tallies_refusal(tallies, now)
    if refused is not None:
        return refused
    values, errors = batch_values(batch)
    counted = [*errors, *together(exported.deltas)]
    one = Unfolded((), exported.readings, exported.code, values, counted)
    rows = _rows(repository, one)
    if isinstance(rows, Refused):
        return rows
    block = _block(batch, blocks.columns(batch.requests))
    return Prepared(repository, "", batch.count + len(tallies), rows, block)


def _rows(repository: str, one: Unfolded) -> list[dict[str, Any]] | Refused:
    """What could not be counted later is not taken."""
    try:
        for name, _, endpoint, unit in one.series():
            check_key("window", name, endpoint, unit, repository)
    except ValueError as error:
        return Refused(str(error))
    return unfolded.rows_of(repository, one)


def _digest(columns: bytes, samples: Samples) -> str:
    rows = zip(samples.at, samples.value, samples.which, strict=True)
    listed = []
    for at, value, which in rows:
        name, kind, endpoint, unit = samples.series[which]
        listed.append([name, kind, value, at, unit, endpoint])
    return hashlib.sha256(columns + json.dumps(listed).encode()).hexdigest()


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
    """Keeps batches; to be used on one loop. `kept` is called after each commit."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        now: Callable[[], datetime] = _system_now,
        kept: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._now = now
        self._kept = kept
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, batch: Batch) -> Taken | Refused:
        """Keep all of it or nothing; returns once it is durable."""
        prepared = prepare(batch, self._now())
        return prepared if isinstance(prepared, Refused) else await self.keep(prepared)

    async def keep(self, prepared: Prepared) -> Taken:
        """The same for a batch that is prepared."""
        (taken,) = await self.keep_all([prepared])
        return taken

    async def keep_all(self, prepared: Sequence[Prepared]) -> list[Taken]:
        """All of these or none; whoever comes while others are written waits."""
        answer: asyncio.Future[list[Taken]] = asyncio.get_running_loop().create_future()
        self._waiting.append((prepared, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            try:
                taken = iter(await self._write([one for group, _ in some for one in group]))
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                await self._write_each(some, error)
                continue
            for group, answer in some:
                _tell(answer, [next(taken) for _ in group])

    async def _write_each(self, some: Sequence["_Waiting"], error: Exception) -> None:
        """One group that cannot be written keeps no other one out."""
        for group, answer in some:
            found: list[Taken] | Exception = error
            if len(some) > 1:
                try:
                    found = await self._write(group)
                except Exception as own:  # noqa: BLE001 - as above
                    found = own
            _tell(answer, found)

    async def _write(self, some: Sequence[Prepared]) -> list[Taken]:
        """All in one transaction, and in one order: two writers must not wait for each other."""
        order = sorted(range(len(some)), key=lambda n: (some[n].repository.lower(), some[n].id))
        taken: dict[int, Taken] = {}
        fresh: list[Prepared] = []
        async with self._engine.begin() as connection:
            known = await hosted_now(connection, {one.repository for one in some})
            for number in order:
                one = some[number]
                taken[number] = UnknownRepository()
                if one.repository.lower() in known:
                    name, _ = known[one.repository.lower()]
                    taken[number] = await self._number(connection, _named(one, name), fresh)
            await _insert(connection, fresh)
        self._kept()
        return [taken[number] for number in range(len(some))]

    async def _number(
        self, connection: AsyncConnection, one: Prepared, fresh: list[Prepared]
    ) -> Taken:
        """What becomes of it; added to `fresh` if it is to be inserted."""
        digest = await self._digest(connection, one) if one.id else None
        if digest is None:
            fresh.append(one)
        return Kept(one.count) if digest in (None, one.digest) else OtherBatch()

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


async def _insert(connection: AsyncConnection, fresh: Sequence[Prepared]) -> None:
    rows = [one.block for one in fresh if one.block is not None]
    if rows:
        await connection.execute(insert(_BLOCKS), rows)
    await unfolded.keep(connection, [row for one in fresh for row in one.rows])


def _named(one: Prepared, repository: str) -> Prepared:
    """The same under the name as the host writes it."""
    if one.repository == repository:
        return one
    block = None if one.block is None else {**one.block, "repository": repository}
    rows = [{**row, "repository": repository} for row in one.rows]
    return replace(one, repository=repository, rows=rows, block=block)


def _tell(answer: "asyncio.Future[list[Taken]]", found: list[Taken] | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
