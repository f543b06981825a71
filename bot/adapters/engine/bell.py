"""Tells a worker that deliveries may wait: at once where the database can say so."""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final, Protocol

import psycopg
from sqlalchemy import URL

from bot.adapters.database.address import parse_url, sqlite_file
from bot.adapters.database.announcing import channel
from bot.adapters.database.models import DeliveryRow, table_of

log = logging.getLogger("ironclaw.routing")
_SQLITE_SECONDS: Final = 0.2
_POSTGRESQL_SECONDS: Final = 2.0


class Bell(Protocol):
    """Rings when there may be something to do, and now and then anyway."""

    async def wait(self) -> None:
        """Return when it is time to look."""
        ...

    async def close(self) -> None:
        """Listen no more."""
        ...


def make_bell(url: str) -> Bell:
    """What this kind of database can do."""
    address = parse_url(url)
    return _Interval() if sqlite_file(address) else _Listening(address)


class _Interval:
    async def wait(self) -> None:
        await asyncio.sleep(_SQLITE_SECONDS)

    async def close(self) -> None:
        pass


class _Listening:
    """A session that listens; while there is none, looking now and then has to do."""

    def __init__(self, address: URL) -> None:
        plain = address.set(drivername="postgresql")
        self._conninfo = plain.render_as_string(hide_password=False)
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def wait(self) -> None:
        try:
            connection = self._connection or await self._connect()
            async for _ in connection.notifies(timeout=_POSTGRESQL_SECONDS, stop_after=1):
                return
        except psycopg.Error as error:
            log.warning("cannot listen for deliveries: %s", error)
            await self.close()
            await asyncio.sleep(_POSTGRESQL_SECONDS)

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                await self._connection.close()
        self._connection = None

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, connect_timeout=10
        )
        await connection.execute(f"LISTEN {channel(table_of(DeliveryRow))}".encode())
        self._connection = connection
        return connection
