"""Recovers what was never heard: lost deliveries, new installations, repositories that are due."""

from datetime import datetime, timedelta

from bot.domain.jobs import LookAtInstallation, LookAtRepository
from bot.ports import Service

_REACH = timedelta(days=3)
"""How far back the host can send a delivery again."""
_MEMO = "deliveries_swept"


async def sweep_deliveries(service: Service) -> int:
    """Ask for every delivery that never arrived, once a sweep; how many were asked for."""
    began = service.clock.now()
    swept = await service.memos.read(_MEMO)
    since = datetime.fromisoformat(swept) if swept else began - _REACH
    asked = 0
    for delivery in await service.app.failed_deliveries(since):
        asked += await service.app.redeliver(delivery)
    # Only now: what a sweep that dies has not asked for is asked for by the next.
    await service.memos.write(_MEMO, began.isoformat())
    return asked


async def sweep_installations(service: Service) -> int:
    """Look at everywhere that the App is installed, once an hour; how many that are.

    Once for all workers and however often they start: each look reads all its repositories.
    """
    every = await service.app.installations()
    hour = f"sweep/{service.clock.now():%Y-%m-%dT%H}"
    await service.queue.enqueue(
        [LookAtInstallation(one.id, changes_only=True) for one in every], cause=hour
    )
    return len(every)


async def wake_repositories(service: Service) -> int:
    """Look at every repository that is due, once for each due moment."""
    due = await service.repositories.due(service.clock.now())
    for one in due:
        cause = f"due/{one.look_again_at.isoformat()}" if one.look_again_at else ""
        await service.queue.enqueue([LookAtRepository(one.full_name)], cause=cause)
    return len(due)
