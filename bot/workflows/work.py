"""Does one job: what its kind leads to, and what becomes of it where the host is in the way."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.asked import Progress
from bot.domain.hosting import KnownRepository, Standing
from bot.domain.improvement import TRANSITIONS, Improvement, State
from bot.domain.jobs import Advance, CarryOut, Job, LookAtInstallation, LookAtRepository, Obey
from bot.domain.onboarding import Active
from bot.ports import (
    HostBusyError,
    Hosted,
    HostError,
    InstallationGoneError,
    Service,
    StaleError,
    UserError,
)
from bot.workflows import asked as wishes
from bot.workflows.advance import STEPS, advance
from bot.workflows.listen import listen
from bot.workflows.obey import obey
from bot.workflows.visit import look_at_installation, visit

AGAIN = timedelta(minutes=5)
"""When to look again where the host did not answer."""
_KEEPS_REASON = frozenset({State.HELD, State.REVERTING})
_CLOSED = frozenset({Standing.SUSPENDED, Standing.GONE})


async def work(service: Service, job: Job) -> None:
    """Do one job; safe to repeat. What it raises is tried again by whoever asked for it."""
    match job:
        case Advance(id):
            await _advance(service, id)
        case LookAtRepository(name):
            await _visit(service, name)
        case LookAtInstallation(id, changes_only):
            await look_at_installation(service, id, changes_only=changes_only)
        case Obey(name):
            await _obey(service, name, job)
        case CarryOut(_, asked):
            await _carry_out(service, asked)


async def _advance(service: Service, id: str) -> None:
    async with service.stores() as store:
        before = await store.improvement(id)
    if before is None:
        return

    async def act(hosted: Hosted) -> None:
        if not isinstance(_agreed(hosted), Active):
            return
        after = await advance(hosted.ports, id)
        if after is None:
            return
        if after.state is State.OPEN:
            await listen(hosted.ports, after)
        if after.state is not before.state or after == before:
            # Whoever looks at the dashboard sees it, also if a former attempt died before this.
            cause = f"{id}/{after.state}/{after.updated_at.isoformat()}"
            await service.queue.enqueue([LookAtRepository(after.repository)], cause=cause)

    async def later(until: datetime, why: str) -> None:
        await _look_again(service, before, until, why)

    try:
        await _with(service, before.repository, act, later)
    except UserError as error:
        await _hold(service, before, f"{error}. {error.remedy}".strip())


async def _visit(service: Service, name: str) -> None:
    async def later(until: datetime, why: str) -> None:
        known = await service.repositories.by_name(name)
        if known is not None:
            await service.repositories.save(replace(known, why=why, look_again_at=until))

    async def act(hosted: Hosted) -> None:
        await visit(service, hosted)

    try:
        await _with(service, name, act, later)
    except UserError as error:
        await later(service.clock.now() + 12 * AGAIN, f"{error}. {error.remedy}".strip())


async def _obey(service: Service, name: str, job: Obey) -> None:
    async def act(hosted: Hosted) -> None:
        if isinstance(_agreed(hosted), Active):
            await service.queue.enqueue(await obey(hosted.ports, job))

    await _with(service, name, act, None)


async def _carry_out(service: Service, wish: str) -> None:
    """Whoever asked sees at once what is in the way, and may ask again: nothing is retried."""
    if service.asked is None or (asked := await wishes.is_open(service.asked, wish)) is None:
        return
    records, now = service.asked, service.clock.now
    seen = False

    async def act(hosted: Hosted) -> None:
        nonlocal seen
        seen = True
        if not isinstance(_agreed(hosted), Active):
            raise UserError("nothing is done in this repository now", "See its policy file.")
        if hosted.ports.stopped:
            raise UserError(f"nothing is done here now: {hosted.ports.stopped}", "Resume it first.")
        await records.put(wish, Progress.RUNNING, now(), {}, "")
        result, jobs = await wishes.do(hosted.ports, asked)
        await service.queue.enqueue(jobs, cause=f"asked/{wish}")
        await records.put(wish, Progress.DONE, now(), result, "")

    async def later(_: datetime, why: str) -> None:
        nonlocal seen
        seen = True
        await records.put(wish, Progress.FAILED, now(), {}, f"{why}: ask again later")

    try:
        await _with(service, asked.repository, act, later)
        if not seen:
            await records.put(wish, Progress.FAILED, now(), {}, "the host lets us in no more")
    except UserError as error:
        await records.put(wish, Progress.FAILED, now(), {}, f"{error} {error.remedy}".strip())
    except StaleError:
        why = "it was moved meanwhile: look where it stands and ask again"
        await records.put(wish, Progress.FAILED, now(), {}, why)


async def _with(
    service: Service,
    name: str,
    act: Callable[[Hosted], Awaitable[None]],
    later: Callable[[datetime, str], Awaitable[None]] | None,
) -> None:
    """Open a repository and act; `later` says when to look again if the host is in the way."""
    known = await service.repositories.by_name(name)
    if known is None or known.state in _CLOSED:
        return
    try:
        async with service.open(known) as hosted:
            await act(hosted)
    except InstallationGoneError as error:
        await _shut_out(service, known, str(error))
    except HostBusyError as error:
        if later is None:
            raise
        await later(error.until, str(error))
    except HostError as error:
        if later is None:
            raise
        await later(service.clock.now() + AGAIN, f"the host does not answer: {error}")


def _agreed(hosted: Hosted) -> Active | None:
    """Nothing is done in a repository whose policy file is not on its default branch."""
    policy = hosted.policy
    return Active(policy, "") if policy is not None and not isinstance(policy, tuple) else None


async def _shut_out(service: Service, known: KnownRepository, why: str) -> None:
    """The host says when that changes; what waits here is looked at again then."""
    now = service.clock.now()
    shut = replace(known, state=Standing.SUSPENDED, why=why, look_again_at=None, updated_at=now)
    await service.repositories.save(shut)


async def _look_again(service: Service, before: Improvement, until: datetime, why: str) -> None:
    if before.state is not State.HELD and before.state not in STEPS:
        # Nothing waits for the host: whoever woke it finds it as it was.
        return

    def waits(one: Improvement, now: datetime) -> Improvement:
        # Why it is held, or taken back, is what people are told and what the revert says.
        reason = one.reason if one.state in _KEEPS_REASON else why
        return one.stay(reason, now, look_again_at=until)

    await _store(service, before, waits)


async def _hold(service: Service, before: Improvement, why: str) -> None:
    def held(one: Improvement, now: datetime) -> Improvement:
        if State.HELD in TRANSITIONS[one.state]:
            return one.move(State.HELD, why, now)
        return one.stay(why, now)

    await _store(service, before, held)


async def _store(
    service: Service,
    before: Improvement,
    change: Callable[[Improvement, datetime], Improvement],
) -> None:
    try:
        async with service.stores() as store:
            now = await store.improvement(before.id)
            if now is not None and now.state is before.state:
                await store.save(change(now, service.clock.now()))
                await store.commit()
    except StaleError:
        return
