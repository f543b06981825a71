"""A worker with a toy handler, as a process of its own that a test may kill.

Arguments: the database, the folder to write into, and what the handler does:

    note        write the job down
    hold        write the job down, then wait until the file `go` is there
    fail        write the job down, then raise
    die         write the job down, then end the process as the system would
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from bot.adapters.engine import Handle, JobQueue, Limits, MayAct, Pace, Trade, Worker
from bot.domain.deliveries import Malformed, Routed
from bot.domain.jobs import Job, LookAtRepository
from bot.entrypoints.worker import run_worker
from bot.ports import Lookup

QUICK = Pace(lease=3, ping=0.5, take_over=0.3, timers=0.3)


def noting(place: Path, way: str, may_act: MayAct) -> Handle:
    """A handler that appends one line per start of a job, and one per end, which is its effect."""

    async def handle(job: Job) -> None:
        note(place / "begun", job)
        if way == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if way == "fail":
            message = "the toy fails"
            raise RuntimeError(message)
        # Another process makes the file.
        while way == "hold" and not (place / "go").exists():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)
        may_act()
        note(place / "done", job)

    return handle


def note(file: Path, job: Job) -> None:
    line = json.dumps({"key": job.key, "pid": os.getpid()}) + "\n"
    # One write of a short line to a file opened for appending is whole, whoever else writes.
    with file.open("a") as opened:
        opened.write(line)


def route(event: str, body: bytes, _: Lookup) -> Routed | Malformed:
    if event == "broken":
        message = "the toy cannot read it"
        raise ValueError(message)
    if event == "malformed":
        return Malformed("it says nothing")
    if event == "ignored":
        return Routed()
    if event == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    return Routed((LookAtRepository(body.decode()),))


def make(url: str, place: Path, way: str) -> Worker:
    limits = Limits(at_once=4, retry_after=(0.1, 0.1), stop_within=1)

    def trade(_: JobQueue, may_act: MayAct) -> Trade:
        return Trade(noting(place, way, may_act), route)

    return Worker(url, trade, limits=limits, pace=QUICK)


if __name__ == "__main__":
    asyncio.run(
        run_worker(
            lambda: make(sys.argv[1], Path(sys.argv[2]), sys.argv[3]),
            lambda text: print(text, flush=True),  # noqa: T201 - the test waits for it
        )
    )
