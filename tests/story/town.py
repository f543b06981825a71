"""The service in this process: real workflows, adapter and records; a queue and time of our own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from bot.adapters.database.engine import make_engine
from bot.adapters.database.lookups import due_moments
from bot.adapters.database.store import store_factory
from bot.adapters.github.tokens import AppKey
from bot.bootstrap.hosted import Hosting, Tools
from bot.domain.deliveries import Routed
from bot.domain.improvement import Improvement
from bot.domain.jobs import Advance
from bot.ports import Queue, Service
from bot.settings import Settings
from tests.fakes.clock import FixedClock
from tests.fakes.github import FakeGitHub
from tests.fakes.github.state import Issue
from tests.story.jobs import MemoryQueue, Waiting
from tests.story.killing import (
    Boundary,
    KilledError,
    Killer,
    WatchedMemos,
    WatchedQueue,
    WatchedRepositories,
    watched_stores,
)
from tests.story.production import Production
from tests.workflows.world import FILE, SLOW, OneRule, ScriptedSandbox

if TYPE_CHECKING:
    from bot.adapters.engine import Trade
    from bot.adapters.engine.routing import Verdict

REPO = "team/shop"
ONBOARDING, IMPROVEMENT, REVERT = "ironclaw/onboarding", "ironclaw/slow-sum", "revert-"
POLICY = """\
version: 1
landing:
  automatic: true
  required_checks: [tests]
  minimum_confidence: 0.1
  give_up_after_seconds: 600
watch:
  warm_up_seconds: 4
  duration_seconds: 40
  minimum_requests: 5
  deployment_deadline_seconds: 900
"""
_SWEEP, _HOUR, _DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)


async def _no_sleep(_: float) -> None:
    return


class Process(Hosting):
    """What is lost when the process ends."""

    def __init__(self, settings: Settings, key: AppKey, queue: Queue, tools: Tools, killer: Killer):
        super().__init__(settings, key, WatchedQueue(queue, killer), tools)
        self._killer = killer
        self._stores = watched_stores(self._stores, killer)

    @cached_property
    def service(self) -> Service:
        plain = super().service
        return replace(
            plain,
            repositories=WatchedRepositories(plain.repositories, self._killer),
            memos=WatchedMemos(plain.memos, self._killer),
        )


class _Unused:
    """Routing asks the records by itself."""

    async def improvements(self, *_: object, **__: object) -> tuple[str, ...]:
        return ()


@dataclass
class Town:
    """One installation, the people around it, and the worker that comes back when it dies."""

    fake: FakeGitHub
    clock: FixedClock
    settings: Settings
    queue: MemoryQueue
    killer: Killer
    sandbox: ScriptedSandbox
    patience: float = 20.0

    def __post_init__(self) -> None:
        self.production = Production(self.fake, REPO)
        self.inbox: dict[str, tuple[str, bytes]] = {}
        self.unrouted: list[str] = []
        self.deaf = False
        self.outside: list[Callable[[], bool]] = []
        self.before_delivery: Callable[[], object] = int
        self.engine = make_engine(self.settings.database_url.get_secret_value())
        self.stores = store_factory(self.engine)
        self._swept = self._looked = self.clock.now() - _HOUR
        self.fake.webhooks.sink = self._deliver
        self._start()

    def _start(self) -> None:
        tools = Tools(
            sandbox=self.sandbox,
            rules=OneRule(),
            clock=self.clock,
            metrics=self.production,
            sleep=_no_sleep,
            timeout=self.patience,
        )
        key = AppKey(self.fake.client_id, self.fake.private_key)
        self._process = Process(self.settings, key, self.queue, tools, self.killer)
        self.trade: Trade = self._process.trade()

    async def close(self) -> None:
        await self.trade.close()
        await self.engine.dispose()

    def _deliver(self, headers: dict[str, str], body: bytes) -> int:
        """The intake: one row per delivery."""
        if self.deaf:
            return 503
        guid = headers["X-GitHub-Delivery"]
        if guid not in self.inbox:
            self.inbox[guid] = (headers["X-GitHub-Event"], body)
            self.unrouted.append(guid)
        return 202

    # The process.

    async def _alive(self, act: Callable[[], Awaitable[object]]) -> bool:
        """Do it, or die and come back."""

        async def work() -> None:
            await act()

        try:
            await self.killer.alive(work())
        except KilledError:
            await self.trade.close()
            self._start()
            return False
        return True

    async def _route(self) -> None:
        guid = self.unrouted[0]
        event, body = self.inbox[guid]
        found = self.trade.route(event, body, _Unused())
        verdict: Verdict = await found if isinstance(found, Awaitable) else found
        assert isinstance(verdict, Routed), verdict
        await self.queue.enqueue(verdict.jobs, cause=guid)
        self.unrouted.remove(guid)

    async def _work(self, one: Waiting) -> None:
        try:
            done = await self._alive(lambda: self.trade.handle(one.job))
        except Exception as error:  # noqa: BLE001 - whatever a job raises
            self.queue.failed(one, error)
        else:
            if not done:
                self.queue.hand_back(one)

    async def _chores(self) -> None:
        asked, wake, sweep, installations = self.trade.chores
        acts = [asked, wake]
        if self.clock.now() - self._swept >= _SWEEP:
            self._swept = self.clock.now()
            acts.append(sweep)
        if self.clock.now() - self._looked >= _HOUR:
            self._looked = self.clock.now()
            acts.append(installations)
        for chore in acts:
            try:
                await self._alive(chore.act)
            except Exception:  # noqa: BLE001, S112 - the worker logs it and goes on
                continue

    async def _wake_due(self) -> None:
        now = self.clock.now()
        for id, moment in await due_moments(self.engine, now, 500):
            cause = f"due/{moment.isoformat()}/{(now - moment).days}"
            await self.queue.enqueue([Advance(id)], cause=cause)

    # Time.

    async def settle(self) -> None:
        """Everything that can happen at this moment."""
        await self._chores()
        await self._wake_due()
        for _ in range(5000):
            self.before_delivery()
            self.fake.webhooks.flush()
            if self.unrouted:
                await self._route()
            elif (one := self.queue.take()) is not None:
                await self._work(one)
            elif not self._go_on():
                return
        message = f"it never comes to rest: {self.queue.waiting}"
        raise AssertionError(message)

    def _go_on(self) -> bool:
        """Let everybody else do something."""
        return any(act() for act in (self.production.check, *self.outside, self.production.deploy))

    async def run(self, until: Callable[[], Awaitable[bool]], *, at_most: timedelta) -> None:
        """Let time go by until it is so; fail if it takes longer than this."""
        end = self.clock.now() + at_most
        while True:
            await self.settle()
            if await until():
                return
            moment = await self._next_moment()
            assert moment <= end, f"it is stuck: {await self.stories()}, {self.queue.waiting}"
            self.clock.set(moment)

    async def run_for(self, time: timedelta) -> None:
        """Let so much time go by."""
        end = self.clock.now() + time
        while (moment := await self._next_moment()) <= end:
            self.clock.set(moment)
            await self.settle()
        self.clock.set(end)
        await self.settle()

    async def _next_moment(self) -> datetime:
        now = self.clock.now()
        known = [now + _SWEEP, self.queue.next_moment(), self.production.next_moment()]
        known += [one.look_again_at for one in await self.improvements()]
        for installation in list(self.fake.hub.installations):
            repositories = await self._process.service.repositories.of_installation(installation)
            known += [one.look_again_at for one in repositories]
        return min(_later(at, now) for at in known if at is not None)

    # What tests look at.

    async def improvements(self) -> list[Improvement]:
        async with self.stores() as store:
            return list(await store.improvements())

    async def stories(self) -> list[str]:
        return [f"{one.state}: {one.reason}" for one in await self.improvements()]

    def pulls(self, prefix: str) -> list[Issue]:
        """The pull requests whose branch begins so."""
        found = self.production.record.pulls()
        return [one for one in found if one.pull and one.pull.head_ref.startswith(prefix)]

    def merged(self, prefix: str) -> int:
        return sum(one.pull.merged_at is not None for one in self.pulls(prefix) if one.pull)

    # What people do.

    def agree(self) -> bool:
        """A person lets it begin, with a policy; whether that was now."""
        asked = [one for one in self.pulls(ONBOARDING) if one.state == "open"]
        for one in asked:
            self.fake.push(REPO, ONBOARDING, {".github/ironclaw.yml": POLICY})
            self.fake.merge_as_person(REPO, one.number)
        return bool(asked)


def _later(at: datetime, now: datetime) -> datetime:
    """That moment, or if it is over a day after it: so often is what is overdue woken."""
    return at if at > now else at + _DAY * ((now - at).days + 1)


@asynccontextmanager
async def town(
    folder: Path,
    url: str,
    *,
    kill: Boundary | None = None,
    order: Random | None = None,
    patience: float = 20,
) -> AsyncIterator[Town]:
    """A town whose repository has one thing to improve; nothing is left behind."""
    clock = FixedClock()
    with FakeGitHub(folder / "github", clock) as fake:
        settings = Settings(
            database_url=url,
            ironclaw_data_dir=folder / "data",
            github_api_url=fake.url,
            github_write_pause_seconds=0,
            enable_auto_improvements=True,
            improvement_confidence_threshold=0.1,
        )
        queue, killer = MemoryQueue(clock, order), Killer(fake, kill)
        made = Town(fake, clock, settings, queue, killer, ScriptedSandbox(), patience)
        try:
            fake.create_repository(REPO, {FILE: SLOW})
            yield made
        finally:
            await made.close()
