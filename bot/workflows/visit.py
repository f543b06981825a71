"""Looks at a repository or an installation as a whole, and sees that everything in it goes on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.hosting import InstalledRepository, KnownRepository, Standing
from bot.domain.improvement import Improvement, State
from bot.domain.jobs import Advance, LookAtRepository
from bot.domain.onboarding import (
    Active,
    Ask,
    MendPolicy,
    OnboardingDecision,
    Refused,
    WaitForAnswer,
)
from bot.learning.hotspots import read_measured
from bot.ports import Hosted, InstallationGoneError, Service
from bot.workflows.catch_up import unanswered
from bot.workflows.dashboard import keep_dashboard
from bot.workflows.onboard import onboard
from bot.workflows.scan import Scan
from bot.workflows.unanswered import REACH

EVERY = timedelta(hours=1)
"""How often a repository is looked at even if nothing is heard of it."""
_UNDECIDED_AT_ONCE = 8
_UNDECIDED = frozenset({State.FOUND, State.PROPOSED})
_COMPARED = frozenset({State.OPEN, State.HELD, State.MERGED, State.WATCHING, State.REVERTING})
_SHUT = frozenset({Standing.SUSPENDED, Standing.GONE})


async def visit(service: Service, hosted: Hosted) -> None:
    """Onboard; then scan, compare what is open with the truth, and keep the dashboard.

    Commands that were never answered are answered now.
    """
    known = await service.repositories.by_name(hosted.name)
    if known is None:
        return
    decision = await onboard(hosted.ports, hosted.policy)
    if isinstance(decision, Active) and not hosted.ports.stopped:
        await _scan(service, hosted, known)
        async with service.stores() as store:
            every = await store.improvements(hosted.name)
        open_now = [one for one in every if one.state in _COMPARED]
        since = service.clock.now() - REACH
        lately = [one for one in every if one.state not in _COMPARED and one.updated_at > since]
        told = await keep_dashboard(hosted.ports)
        said = await unanswered(hosted.ports, hosted.name, [*open_now, *lately])
        await service.queue.enqueue([*(Advance(one.id) for one in open_now), *told, *said])
    now = service.clock.now()
    state, why = standing(decision)
    seen = replace(known, state=state, why=why, default_branch=hosted.default_branch)
    await service.repositories.save(replace(seen, updated_at=now, look_again_at=now + EVERY))


def standing(decision: OnboardingDecision) -> tuple[Standing, str]:
    """How we stand with a repository after what was decided about it."""
    match decision:
        case Active(_, why):
            return Standing.ACTIVE, why
        case Ask(why) | WaitForAnswer(_, why):
            return Standing.ONBOARDING, why
        case Refused(why):
            return Standing.REFUSED, why
        case MendPolicy(_, why):
            return Standing.PAUSED, why


async def _scan(service: Service, hosted: Hosted, known: KnownRepository) -> None:
    """Keep what is new as found, so much at once; the rest waits for the next look."""
    if not hosted.ports.policy.scan.enabled:
        return
    memo = f"scanned/{known.host_id}"
    # What is measured moves what is looked at first, and so what there is room for.
    now = f"{hosted.head_sha} {(await read_measured(hosted.ports)).digest}".strip()
    if await service.memos.read(memo) == now:
        return
    async with service.stores() as store:
        every = await store.improvements(hosted.name)
    room = _room(every)
    scan = Scan(hosted.ports)
    findings = await scan.findings(await hosted.ports.host.tree(hosted.head_sha))
    decided = {one.finding.id for one in every}
    fresh = [finding for finding in findings if finding.id not in decided]
    for finding in fresh[:room]:
        await scan.keep(finding)
    if len(fresh) <= room:
        await service.memos.write(memo, now)


def _room(every: Sequence[Improvement]) -> int:
    return max(0, _UNDECIDED_AT_ONCE - sum(one.state in _UNDECIDED for one in every))


async def look_at_installation(
    service: Service, installation: int, *, changes_only: bool = False
) -> None:
    """Compare the repositories that we know with those that the installation gives us."""
    known = await service.repositories.of_installation(installation)
    now = service.clock.now()
    try:
        given = await service.app.repositories(installation)
    except InstallationGoneError as error:
        for one in known:
            shut = replace(one, state=Standing.SUSPENDED, why=str(error), look_again_at=None)
            await service.repositories.save(replace(shut, updated_at=now))
        return
    met = {one.id: await _meet(service, installation, one, now) for one in given}
    lost = {one.host_id for one in known} - {one.id for one in given}
    for one in known:
        if one.host_id in lost:
            gone = replace(one, state=Standing.GONE, why="the App no longer reaches it")
            await service.repositories.save(replace(gone, look_again_at=None, updated_at=now))
    looks = [one for one in given if not one.archived and (met[one.id] or not changes_only)]
    await service.queue.enqueue([LookAtRepository(one.name) for one in looks])


async def _meet(
    service: Service, installation: int, given: InstalledRepository, now: datetime
) -> bool:
    """Write down what is known of it now; whether it is not as it was, or was never visited."""
    known = await service.repositories.by_id(given.id)
    before = known or KnownRepository(given.id, given.name, installation, now)
    if before.full_name != given.name:
        async with service.stores() as store:
            await store.rename(before.full_name, given.name)
            await store.commit()
    state = Standing.NEW if before.state in _SHUT else before.state
    why = before.why
    if given.archived:
        state, why = Standing.GONE, "it is archived"
    fresh = replace(
        before, full_name=given.name, installation_id=installation, state=state, why=why
    )
    if fresh == known:
        # Whoever met it first may have died before the visit was asked for.
        return known.look_again_at is None
    await service.repositories.save(replace(fresh, updated_at=now))
    return True
