"""Runs jobs: each one workflow of the engine, its handler on the loop of the worker."""

import asyncio
import contextvars
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, DBOSConfig

from bot.adapters.engine.client import (
    APPLICATION,
    QUEUE,
    SERIALIZER,
    VERSION,
    WORKFLOW,
    JobQueue,
    system_engine,
)
from bot.adapters.engine.wire import UnknownJobError, from_wire
from bot.adapters.failures import log_failure
from bot.domain.jobs import Job
from bot.ports import HostBusyError

Handle = Callable[[Job], Awaitable[None]]
log = logging.getLogger("ironclaw.jobs")

_POLL_SECONDS = 0.2
# So often may a job take its process down, or be handed back, before it is parked.
_MOST_STARTS = 5
_OWN_THREADS = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs run at once, and when one that fails is tried again before it is parked."""

    at_once: int = 16
    retry_after: tuple[float, ...] = (5, 30, 300, 1800)
    stop_within: float = 20


def pause_after(error: Exception, planned: float, now: datetime) -> float:
    """Seconds until it is tried again: not before the host lets us, if it is that which failed."""
    if isinstance(error, HostBusyError):
        return max(planned, (error.until - now).total_seconds())
    return planned


class ParkedError(Exception):
    """The job has failed as often as it may; it waits for a person."""


class _HandedBackError(BaseException):
    """Leave the job as it is; no Exception, since the engine would write that down as its end."""


class JobRunner:
    """The engine in this process, of which there can be one; `handle` runs on the loop."""

    def __init__(self, queue: JobQueue, handle: Handle, limits: Limits, executor: str) -> None:
        self._queue = queue
        self._handle = handle
        self._limits = limits
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = threading.Event()
        self._system: Any = None

    async def start(self, url: str) -> None:
        """Make the engine's tables if they are not there, then begin to take jobs."""
        self._system = system_engine(url)
        await asyncio.to_thread(self._launch)

    async def stop(self) -> None:
        """Take no more jobs, let those that run finish, and hand back what does not."""
        self._stopping.set()
        if self._system is None:
            # It never began; the engine of this process may be another's.
            return
        if self._running:
            await asyncio.wait(self._running, timeout=self._limits.stop_within)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=self._limits.stop_within)
        await asyncio.to_thread(self._end)

    @property
    def busy(self) -> int:
        """How many jobs run now."""
        return len(self._running)

    def recover(self, executors: list[str]) -> int:
        """Let the jobs of workers that are gone run again; how many there were."""
        # It has no public name in the free core.
        return len(DBOS._recover_pending_workflows(executors))  # noqa: SLF001 - see above

    def _launch(self) -> None:
        quiet = logging.getLogger("dbos")
        if not quiet.handlers:
            # Else it writes to the console by itself.
            quiet.addHandler(logging.NullHandler())
        DBOS(config=_config(self._executor, self._limits, self._system))
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=_MOST_STARTS)(self._workflow())
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._limits.at_once,
            partition_concurrency=1,
            polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )

    def _end(self) -> None:
        DBOS.destroy(destroy_registry=True)
        # What was not finished has no public way back into the queue.
        database = self._queue.client._sys_db  # noqa: SLF001 - see above
        for pending in database.get_pending_workflows(self._executor, VERSION):
            database.reenqueue_for_recovery(pending.workflow_id, [self._executor], QUEUE)
        self._system.dispose()

    def _workflow(self) -> Callable[[dict[str, Any], str, int], None]:
        def run(given: dict[str, Any], cause: str, attempt: int) -> None:
            try:
                self._run(from_wire(given))
            except UnknownJobError as error:
                raise ParkedError(str(error)) from error
            except Exception as error:  # noqa: BLE001 - whatever a handler raises
                self._failed(from_wire(given), cause, attempt, error)

        return run

    def _run(self, job: Job) -> None:
        """Run the handler on the loop and wait in this thread, which is the engine's."""
        if self._stopping.is_set():
            raise _HandedBackError
        # In an empty context: the engine's own would make it think that the handler is a workflow.
        submit = asyncio.run_coroutine_threadsafe
        future = contextvars.Context().run(submit, self._tracked(job), self._loop)
        try:
            future.result()
        except CancelledError:
            if self._stopping.is_set():
                raise _HandedBackError from None
            # Not by us, so nobody would hand it back.
            raise

    async def _tracked(self, job: Job) -> None:
        task = asyncio.ensure_future(self._handle(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task

    def _failed(self, job: Job, cause: str, attempt: int, error: Exception) -> None:
        """Try again later, or park it: the engine keeps the error with the job."""
        what = f"{job.key} failed for the {attempt}. time"
        if attempt <= len(self._limits.retry_after):
            log_failure(log, what, error)
            planned = self._limits.retry_after[attempt - 1]
            seconds = pause_after(error, planned, datetime.now(UTC))
            self._queue.retry_later(job, cause, attempt + 1, seconds)
            return
        log_failure(log, f"parked: {what}", error, logging.ERROR)
        raise ParkedError(f"{what}: {type(error).__name__}: {error}") from error


def _config(executor: str, limits: Limits, system: Any) -> DBOSConfig:
    return {
        "name": APPLICATION,
        "system_database_engine": system,
        "application_version": VERSION,
        "executor_id": executor,
        "serializer": SERIALIZER,
        "max_executor_threads": limits.at_once + _OWN_THREADS,
        "use_listen_notify": False,
        "log_level": "WARNING",
    }
