"""Counts everything that the process changes, and ends it just before or just after one of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.domain.hosting import KnownRepository
from bot.domain.jobs import Job
from bot.ports import Memos, Queue, Repositories, Store, StoreFactory
from tests.fakes.github import FakeGitHub
from tests.fakes.github.effects import Effect, Stage


class KilledError(BaseException):
    """The process is gone: no handler of errors may see this."""


class _NeverArrivedError(Exception):
    """What was sent is lost with its sender."""


@dataclass(frozen=True)
class Boundary:
    """Just before or just after the n-th thing that is changed, from 1."""

    number: int
    stage: Stage


class Killer:
    """Watches the fake GitHub and the records; `kinds` says what was changed, in order.

    A request is one change, however many effects it has at GitHub: nobody can end between them.
    """

    def __init__(self, fake: FakeGitHub, at: Boundary | None = None) -> None:
        self.kinds: list[str] = []
        self.killed = 0
        self._fake = fake
        self._at = at
        self._request = 0
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        fake.effects.watch(self._watch)

    async def alive(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this as the process; KilledError if it was ended meanwhile."""
        before = self.killed
        self._task = asyncio.ensure_future(work)
        await asyncio.wait({self._task})
        if self.killed > before:
            # Whatever it made of its end was done by nobody.
            if not self._task.cancelled():
                self._task.exception()
            raise KilledError
        await self._task

    async def change(self, kind: str, act: Callable[[], Awaitable[None]]) -> None:
        """One change of ours that GitHub does not see."""
        self.kinds.append(kind)
        number = len(self.kinds)
        if self._is_at(number, "before"):
            self.killed += 1
            raise KilledError
        await act()
        if self._is_at(number, "after"):
            self.killed += 1
            raise KilledError

    def _watch(self, stage: Stage, effect: Effect) -> None:
        """In the fake's thread, which holds its lock."""
        if not effect.api:
            return
        if stage == "before" and self._request != len(self._fake.requests):
            self._request = len(self._fake.requests)
            self.kinds.append(effect.kind)
            if self._is_at(len(self.kinds), "before"):
                self._kill()
                raise _NeverArrivedError
        if stage == "after" and self._is_at(len(self.kinds), "after"):
            self._kill()

    def _is_at(self, number: int, stage: Stage) -> bool:
        return not self.killed and self._at == Boundary(number, stage)

    def _kill(self) -> None:
        """Before the answer can arrive."""
        self.killed += 1
        assert self._task is not None
        self._loop.call_soon_threadsafe(self._task.cancel)


@dataclass(frozen=True)
class WatchedQueue:
    inner: Queue
    killer: Killer

    async def enqueue(self, jobs: Sequence[Job], *, cause: str = "") -> None:
        if jobs:
            await self.killer.change("enqueue", lambda: self.inner.enqueue(jobs, cause=cause))


@dataclass(frozen=True)
class WatchedMemos:
    inner: Memos
    killer: Killer

    async def read(self, name: str) -> Any:
        return await self.inner.read(name)

    async def write(self, name: str, value: Any) -> None:
        await self.killer.change("memo", lambda: self.inner.write(name, value))


@dataclass(frozen=True)
class WatchedRepositories:
    inner: Repositories
    killer: Killer

    async def save(self, repository: KnownRepository) -> None:
        await self.killer.change("repository", lambda: self.inner.save(repository))

    async def by_id(self, host_id: int) -> KnownRepository | None:
        return await self.inner.by_id(host_id)

    async def by_name(self, full_name: str) -> KnownRepository | None:
        return await self.inner.by_name(full_name)

    async def of_installation(self, installation_id: int) -> Sequence[KnownRepository]:
        return await self.inner.of_installation(installation_id)

    async def due(self, now: Any) -> Sequence[KnownRepository]:
        return await self.inner.due(now)


def watched_stores(inner: StoreFactory, killer: Killer) -> StoreFactory:
    """Stores whose every commit is a change."""

    @asynccontextmanager
    async def open_store() -> AsyncIterator[Store]:
        async with inner() as store:
            commit = store.commit
            store.commit = lambda: killer.change("commit", commit)  # type: ignore[method-assign]
            yield store

    return open_store
