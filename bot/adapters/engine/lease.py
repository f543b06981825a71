"""Who is alive: a worker holds a lock that is taken from it when it dies or stands still."""

import asyncio
import fcntl
import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

import psycopg
from sqlalchemy import URL

from bot.adapters.database.address import parse_url, sqlite_file
from bot.adapters.database.errors import explain
from bot.ports import UserError

# Any number, as long as every version of Ironclaw takes the same.
_SPACE: Final = b"ironclaw worker "
_LOCKS: Final = (
    "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class LeaseLostError(Exception):
    """Others may take this worker's jobs by now: the process has to end at once."""


class Lease(Protocol):
    """Holds the lock of this worker until it is closed, or lost."""

    async def take(self) -> None:
        """Take the lock; UserError where another holds what only one may."""
        ...

    async def ping(self) -> None:
        """Show that this worker lives; LeaseLostError once it is too late for that."""
        ...

    def check(self) -> None:
        """LeaseLostError where another may have the lock by now; asks nobody."""
        ...

    async def dead(self, others: Sequence[str]) -> Sequence[str]:
        """Of these workers those whose lock is free."""
        ...

    async def close(self) -> None:
        """Give the lock back."""
        ...


def make_lease(url: str, executor: str, seconds: float) -> Lease:
    """The lease for this kind of database; it is lost after so many seconds without a ping."""
    address = parse_url(url)
    file = sqlite_file(address)
    return FileLease(file) if file else SessionLease(address, executor, seconds)


async def refuse_second_worker(url: str) -> None:
    """UserError if a worker has a database already that only one may work on."""
    lease = make_lease(url, uuid.uuid4().hex, seconds=10)
    try:
        await lease.take()
    finally:
        await lease.close()


def held(url: str, executors: Sequence[str]) -> Mapping[str, bool]:
    """Of these workers whether each is seen to hold its lock; takes none, so hinders nobody.

    Of an SQLite file it is whether anybody on this machine holds it, and nothing where the system
    does not tell that.
    """
    address = parse_url(url)
    file = sqlite_file(address)
    if file:
        taken = _is_locked(_lock_of(file))
        return {} if taken is None else dict.fromkeys(executors, taken)
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=10) as connection:
            rows = connection.execute(_LOCKS).fetchall()
    except psycopg.Error as error:
        raise explain(error) or error from error
    keys = {int(high) << 32 | int(low) for high, low in rows}
    return {one: _key(one) % 2**64 in keys for one in executors}


def _lock_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.worker")


def _is_locked(path: Path) -> bool | None:
    try:
        inode = path.stat().st_ino
    except OSError:
        return False
    try:
        lines = Path("/proc/locks").read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    # `1: FLOCK ADVISORY WRITE 4711 fd:00:2131 0 EOF`; the device is another below overlays.
    parts = [line.split() for line in lines]
    return any(one[1] == "FLOCK" and one[5].endswith(f":{inode}") for one in parts if len(one) > 5)


def has_worked_on(url: str) -> bool:
    """Whether a worker has ever held the SQLite file of this database."""
    file = sqlite_file(parse_url(url))
    return file is not None and _lock_of(file).exists()


class FileLease:
    """One worker per SQLite file: whoever holds the file's lock is the only one alive."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock: IO[str] | None = None

    async def take(self) -> None:
        """Take the lock; UserError if another process has it."""
        lock = _lock_of(self._file).open("a")
        try:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            remedy = "End it first. Several workers need PostgreSQL: set DATABASE_URL to one."
            problem = f"another Ironclaw works on {self._file} already"
            raise UserError(problem, remedy) from None
        self._lock = lock

    async def ping(self) -> None:
        """Nothing can take the lock from a process that lives."""

    def check(self) -> None:
        """Nor from one that was stopped for a while."""

    async def dead(self, others: Sequence[str]) -> Sequence[str]:
        """All of them: they cannot have the lock."""
        return list(others)

    async def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.close()
        self._lock = None


class SessionLease:
    """A PostgreSQL session that the server ends when it hears nothing of the worker."""

    def __init__(self, address: URL, executor: str, seconds: float) -> None:
        plain = address.set(drivername="postgresql")
        self._conninfo = plain.render_as_string(hide_password=False)
        self._executor = executor
        self._seconds = seconds
        self._until = 0.0
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def take(self) -> None:
        """Take the lock of this worker's own name."""
        try:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, connect_timeout=10
            )
        except psycopg.Error as error:
            raise explain(error) or error from error
        milliseconds = int(self._seconds * 1000)
        asked = _now()
        await self._connection.execute(f"SET idle_session_timeout = {milliseconds}".encode())
        if not await self._try(self._executor):
            message = f"the lock of {self._executor} is taken"
            raise LeaseLostError(message)
        self._until = asked + self._seconds

    async def ping(self) -> None:
        """Ask the server anything; LeaseLostError if it does not answer, or no more to us."""
        asked = _now()
        try:
            # Not `wait_for`, which before Python 3.12 can swallow that this is cancelled.
            async with asyncio.timeout(self._seconds):
                await self._ask("SELECT 1", ())
        except (psycopg.Error, TimeoutError) as error:
            message = f"the database has let this worker's session go: {error}"
            raise LeaseLostError(message) from error
        # The server counts from when it heard the question, which was not before.
        self._until = asked + self._seconds

    def check(self) -> None:
        """LeaseLostError once the server may have ended the session, whether we heard it or not.

        A process that was stopped, or a machine that slept, goes on where it was: without this its
        next request would go out before the next ping fails.
        """
        if _now() >= self._until:
            message = f"nothing was heard of the database for {self._seconds} seconds"
            raise LeaseLostError(message)

    async def dead(self, others: Sequence[str]) -> Sequence[str]:
        """Of these workers those whose lock could be taken; it is given back at once."""
        found = []
        for other in others:
            if await self._try(other):
                await self._ask("SELECT pg_advisory_unlock(%s)", (_key(other),))
                found.append(other)
        return found

    async def close(self) -> None:
        """End the session, and with it the lock."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = None

    async def _try(self, executor: str) -> bool:
        return bool(await self._ask("SELECT pg_try_advisory_lock(%s)", (_key(executor),)))

    async def _ask(self, question: str, values: tuple[int, ...]) -> Any:
        if self._connection is None:
            message = "the lease was never taken"
            raise LeaseLostError(message)
        row = await (await self._connection.execute(question.encode(), values)).fetchone()
        return row[0] if row else None


def _now() -> float:
    """Seconds by a clock that goes on while the process is stopped, and the machine asleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _key(executor: str) -> int:
    """PostgreSQL's locks have 64-bit numbers."""
    found = hashlib.sha256(_SPACE + executor.encode()).digest()
    return int.from_bytes(found[:8], "big", signed=True)
