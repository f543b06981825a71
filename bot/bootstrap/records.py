"""The records alone, for what needs no repository and no sandbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn, cast

from bot.adapters.database.engine import make_engine
from bot.adapters.database.migrate import upgrade
from bot.adapters.database.store import store_factory
from bot.adapters.engine import has_worked_on
from bot.bootstrap.clock import SystemClock
from bot.bootstrap.local import outside
from bot.domain.policy import Policy
from bot.ports import Ports, SandboxSettings, StoreFactory, UserError
from bot.settings import Settings


@asynccontextmanager
async def open_records(settings: Settings) -> AsyncIterator[StoreFactory]:
    """Stores on the records of the current folder; they are brought up to date first."""
    settings = records_of(Path.cwd(), settings)
    url = settings.database_url.get_secret_value()
    await asyncio.to_thread(upgrade, url, backup_dir=settings.data_folder() / "backups")
    engine = make_engine(url)
    try:
        yield store_factory(engine)
    finally:
        await engine.dispose()


def records_of(folder: Path, settings: Settings) -> Settings:
    """The settings with the records that commands read and add to in this folder.

    They are the service's where one has worked here, also in a checkout; else those that `improve`
    keeps here.
    """
    if has_worked_on(settings.database_url.get_secret_value()):
        return settings
    return outside(folder, settings)


def records_ports(stores: StoreFactory) -> Ports:
    """The ports of what needs the records and the time alone; the others refuse every call."""
    absent = cast("Any", _Absent())
    return Ports(
        stores=stores,
        host=absent,
        sandbox=absent,
        rules=absent,
        clock=SystemClock(),
        metrics=None,
        policy=Policy(),
        settings=SandboxSettings(),
        progress=lambda _: None,
    )


class _Absent:
    """Stands where nothing is."""

    def __getattr__(self, name: str) -> NoReturn:
        problem = f"nothing here can {name}: there are the records alone"
        raise UserError(problem, "Ask in a repository.")
