"""Turns events into jobs: whom the table wakes, looked up in the records."""

from collections.abc import Iterable

from bot.domain.host_events import HostEvent
from bot.domain.improvement import Improvement, State
from bot.domain.jobs import Advance, Job, LookAtInstallation, LookAtRepository, Obey
from bot.domain.routing import (
    ByBranch,
    ByCommit,
    ByPull,
    Merged,
    Spoken,
    TheInstallation,
    TheRepository,
    Wake,
    wakes,
)
from bot.ports import Store

_DEPLOYABLE = frozenset({State.MERGED, State.WATCHING, State.REVERTING, State.HELD})


async def jobs_for(store: Store, event: HostEvent) -> tuple[Job, ...]:
    """The jobs that an event leads to, each once; the store is the caller's unit of work."""
    woken = wakes(event)
    jobs = [*_direct(woken, event.repository), *await _advances(store, woken, event.repository)]
    return tuple(dict.fromkeys(jobs))


def _direct(woken: Iterable[Wake], repository: str) -> Iterable[Job]:
    for wake in woken:
        match wake:
            case TheInstallation(id):
                yield LookAtInstallation(id)
            case TheRepository():
                yield LookAtRepository(repository)
            case Spoken(number, comment):
                yield Obey(repository, number, comment)
            case ByPull() | ByCommit() | ByBranch() | Merged():
                pass


async def _advances(store: Store, woken: Iterable[Wake], repository: str) -> list[Job]:
    """One look-up for everything that has a name, and one for what waits for deployments."""
    pulls = {wake.number for wake in woken if isinstance(wake, ByPull)}
    commits = {wake.sha for wake in woken if isinstance(wake, ByCommit)}
    branches = {wake.name for wake in woken if isinstance(wake, ByBranch)}
    found: list[Improvement] = []
    if pulls or commits or branches:
        found += await store.touching(repository, pulls=pulls, commits=commits, branches=branches)
    if any(isinstance(wake, Merged) for wake in woken):
        found += await store.improvements(repository, _DEPLOYABLE)
    return [Advance(one.id) for one in found]
