"""Locks between processes that the kernel gives back when their holder dies."""

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from bot.ports import UserError

_PAUSE = 0.02


def try_lock(path: Path) -> int | None:
    """A locked descriptor of the file, made if needed; None while somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def held(path: Path, patience: float) -> Iterator[int]:
    """Hold the lock, waiting for at most `patience` seconds; gives its descriptor."""
    deadline = time.monotonic() + patience
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise _busy()
        time.sleep(_PAUSE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@asynccontextmanager
async def held_async(path: Path, patience: float) -> AsyncIterator[None]:
    """Hold a lock that may be long in coming without keeping a thread."""
    deadline = time.monotonic() + patience
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise _busy()
        await asyncio.sleep(_PAUSE)
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, or, after a kill, when the next one is asked for."""
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder, descriptor = _make(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _make(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent))
        descriptor = _lock_folder(folder)
        if descriptor is not None:
            return folder, descriptor


def _sweep(parent: Path) -> None:
    """Remove the folders whose owner is dead: a living one holds a lock on its own."""
    for folder in parent.iterdir():
        descriptor = _lock_folder(folder)
        if descriptor is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def _lock_folder(folder: Path) -> int | None:
    """A lock on the folder itself; None if it is locked, or swept away meanwhile."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_ino == folder.stat().st_ino:
                return descriptor
        except OSError:
            pass
        os.close(descriptor)
    return None


def _busy() -> UserError:
    return UserError(
        "another ironclaw has been at work on this repository for a while",
        "wait for it or stop it, then try again",
    )
