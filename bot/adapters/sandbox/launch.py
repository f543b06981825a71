"""Starts a warden for one job and waits for its answer; whatever happens, the job ends with us."""

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from bot.adapters.sandbox.jail.job import Finished, Job

_ROOT = str(Path(__file__).resolve().parents[3])
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from bot.adapters.sandbox.jail.warden import main; main()"
)
_COMMAND = (sys.executable, "-I", "-S", "-c", _BOOT, _ROOT)
# How much longer than its job a warden may take before it is taken for dead itself.
_GRACE_SECONDS = 30.0
_STOP_SECONDS = 10.0
# What is kept of the output, with every character escaped.
_ANSWER_BYTES = 1 << 22


async def run(job: Job, *, marker: str = "") -> Finished:
    """Run `job`; cancelled, it kills everything before the cancellation goes on."""
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(marker),
        cwd="/",
        start_new_session=True,
        limit=_ANSWER_BYTES,
    )
    try:
        return await _answer(process, job)
    finally:
        await asyncio.shield(_stop(process))


def run_blocking(job: Job) -> Finished:
    """The same for the moment when isolation is probed, before there is an event loop."""
    with subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(""),
        cwd="/",
        start_new_session=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        process.stdin.write(job.to_json().encode() + b"\n")
        process.stdin.flush()
        return _parse(process.stdout.readline())


async def _answer(process: asyncio.subprocess.Process, job: Job) -> Finished:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    process.stdin.write(job.to_json().encode() + b"\n")
    try:
        async with asyncio.timeout(job.limits.seconds + _GRACE_SECONDS):
            await process.stdin.drain()
            return _parse(await process.stdout.readline())
    except TimeoutError:
        return Finished("killed", why="its warden hung")
    except (ConnectionError, ValueError) as error:
        return Finished("killed", why=f"its warden was lost: {error}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _parse(line: bytes) -> Finished:
    if not line:
        return Finished("killed", why="its warden was killed")
    return Finished.from_json(line.decode())


def _environment(marker: str) -> dict[str, str]:
    """Nothing of ours: what the warden knows, the command behind weaker walls could read."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "IRONCLAW_SANDBOX": marker}
