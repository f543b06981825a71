"""How long a worker that stands still keeps what is its own."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.adapters.database import make_engine
from bot.adapters.engine.client import system_engine
from bot.adapters.engine.lease import LeaseLostError, make_lease


async def test_a_lease_holds_from_when_it_is_taken(postgresql_url: str) -> None:
    lease = make_lease(postgresql_url, "me", seconds=600)
    with pytest.raises(LeaseLostError):
        lease.check()
    await lease.take()
    lease.check()
    await lease.ping()
    lease.check()
    await lease.close()


async def test_it_ends_by_itself_when_nothing_is_heard_of_the_database(postgresql_url: str) -> None:
    lease = make_lease(postgresql_url, "me", seconds=0.2)
    await lease.take()
    await asyncio.sleep(0.2)
    with pytest.raises(LeaseLostError, match=r"0\.2 seconds"):
        lease.check()
    await lease.close()


async def test_the_lock_of_a_file_has_no_end(tmp_path: Path) -> None:
    lease = make_lease(f"sqlite:///{tmp_path / 'ironclaw.db'}", "me", seconds=0)
    await lease.take()
    await lease.ping()
    lease.check()
    await lease.close()


async def test_who_stands_still_within_a_transaction_frees_its_locks(postgresql_url: str) -> None:
    asked = text("SHOW idle_in_transaction_session_timeout")
    engine, system = make_engine(postgresql_url), system_engine(postgresql_url)
    async with engine.connect() as connection:
        assert await connection.scalar(asked) == "30s"
    with system.connect() as plain:
        assert plain.scalar(asked) == "30s"
    system.dispose()
    await engine.dispose()
