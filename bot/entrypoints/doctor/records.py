"""Looks at the database: the file or server, its version, and what waits in it."""

import asyncio
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import URL

from bot import __version__
from bot.adapters.database.address import parse_url, shown, sqlite_file
from bot.adapters.database.condition import reach, try_writing
from bot.adapters.database.engine import make_engine
from bot.adapters.database.migrate import current, head, revisions
from bot.adapters.engine.lease import held
from bot.adapters.engine.presence import read_backlog
from bot.domain import checkup
from bot.domain.backlog import Backlog
from bot.domain.checkup import Checked, Standing, error, not_checked, ok
from bot.ports import UserError
from bot.settings import Settings

_AFTER = ("database version", "database writes", "worker", "deliveries", "jobs")
_BEHIND = "the database has no version that this program works with"


def database(settings: Settings, *, offline: bool) -> Iterator[Checked]:
    """One after the other, since each takes the one before; nothing is made or changed."""
    url = settings.database_url.get_secret_value()
    address = parse_url(url)
    if offline and not is_near(address):
        yield from _left("it is on another machine (--offline)", "database", *_AFTER)
        return
    file = sqlite_file(address)
    if file and not file.exists():
        remedy = "Run `ironclaw db upgrade`, or start the service; or correct DATABASE_URL."
        yield error("database", f"{file} is not there", remedy)
        yield from _left("there is no database", *_AFTER)
        return
    try:
        yield from _reached(url, address)
    except UserError as problem:
        yield error("database", f"{shown(address)}: {problem}", problem.remedy)
        yield from _left("the database cannot be used", *_AFTER)
        return
    if file:
        yield from _of_file(file)
    version = checkup.revision(current(url), head(), revisions())
    yield version
    if version.standing is not Standing.OK:
        yield from _left(_BEHIND, *_AFTER[1:])
        return
    yield _written(url)
    yield from _work(url, is_file=bool(file))


def is_near(address: URL) -> bool:
    """Whether no network lies between: a file, a socket, or this machine's own address."""
    host = address.host or str(address.query.get("host", ""))
    if sqlite_file(address) or not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reached(url: str, address: URL) -> Iterator[Checked]:
    found = reach(url)
    yield ok("database", f"{found.version} answers at {shown(address)}")
    if found.ahead is not None:
        yield checkup.clock("database clock", "the server's", found.ahead)


def _of_file(file: Path) -> Iterator[Checked]:
    yield checkup.secret_file("database file", str(file), file.stat().st_mode)
    yield checkup.free_space("database disk", str(file.parent), shutil.disk_usage(file.parent).free)


def _written(url: str) -> Checked:
    try:
        try_writing(url)
    except UserError as problem:
        return error("database writes", str(problem), problem.remedy)
    return ok("database writes", "a row was written and taken back")


def _work(url: str, *, is_file: bool) -> Iterator[Checked]:
    backlog, now = asyncio.run(_backlog(url)), datetime.now(UTC)
    here = socket.gethostname()
    # The lock of a file is seen on its own machine alone.
    seen = [one.executor for one in backlog.workers if one.host == here or not is_file]
    yield from checkup.workers(backlog, now, held(url, seen), __version__)
    yield from checkup.deliveries(backlog, now)
    yield from checkup.jobs(backlog, now)


async def _backlog(url: str) -> Backlog:
    engine = make_engine(url)
    try:
        return await read_backlog(engine)
    finally:
        await engine.dispose()


def _left(why: str, *names: str) -> Iterator[Checked]:
    for name in names:
        yield not_checked(name, why)
