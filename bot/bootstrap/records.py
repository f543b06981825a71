"""The records alone, for what needs no repository and no sandbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.adapters.database.engine import make_engine
from bot.adapters.database.migrate import upgrade
from bot.adapters.database.store import store_factory
from bot.bootstrap.local import outside
from bot.ports import StoreFactory
from bot.settings import Settings


@asynccontextmanager
async def open_records(settings: Settings) -> AsyncIterator[StoreFactory]:
    """Stores on the database that `improve` uses here; it is brought up to date first."""
    settings = outside(Path.cwd(), settings)
    url = settings.database_url.get_secret_value()
    await asyncio.to_thread(upgrade, url, backup_dir=settings.data_folder() / "backups")
    engine = make_engine(url)
    try:
        yield store_factory(engine)
    finally:
        await engine.dispose()
