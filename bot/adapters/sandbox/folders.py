"""Temporary folders that go away: at the end, or at the next start if we were killed.

Each holds a lock file whose lock lives exactly as long as its owner. A folder whose lock is free
belongs to nobody any more.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import stat
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

PREFIX = "ironclaw-sandbox-"
_LOCK = "owner.lock"
_MAKING = "owner.being-made"
# A folder without its lock is one that is being made this very moment, or one of a crash.
_BEING_MADE_SECONDS = 60
_ATTEMPTS, _BETWEEN_SECONDS = 20, 0.1
_FS_IOC_SETFLAGS = 0x40086602


@asynccontextmanager
async def temporary_folder(parent: Path) -> AsyncIterator[Path]:
    """A fresh folder, removed even when we are cancelled meanwhile."""
    folder, lock = _make(parent)
    try:
        yield folder
    finally:
        os.close(lock)
        await asyncio.shield(asyncio.to_thread(_remove_for_good, folder))


def _remove_for_good(folder: Path) -> None:
    """Remove it although something may still be writing there: that is ended first."""
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(OSError):
            remove(folder)
            return
        _kill_survivors(folder)
        time.sleep(_BETWEEN_SECONDS)
    remove(folder)


def sweep(parent: Path) -> int:
    """Remove what former runs left behind, and end what still runs there; answers how many."""
    swept = 0
    for folder in parent.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):
            if _is_ours(folder) and _is_abandoned(folder):
                _kill_survivors(folder)
                remove(folder)
                swept += 1
    return swept


def remove(folder: Path) -> None:
    """Remove a folder whatever is in it: unreadable, immutable, or deeper than any path.

    Deep folders are moved up before they are emptied, so that two open folders are always enough.
    No symbolic link is ever followed.
    """
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        # Somebody has put a link or a file in its place.
        folder.unlink()
        return
    try:
        number = 0
        while names := os.listdir(root):  # noqa: PTH208 - by descriptor
            for name in names:
                number = _empty(root, name, number)
    finally:
        os.close(root)
    folder.rmdir()


def _make(parent: Path) -> tuple[Path, int]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    lock = os.open(folder / _MAKING, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Under its own name only once it is held: nobody ever sees it free while its owner lives.
    (folder / _MAKING).rename(folder / _LOCK)
    return folder, lock


def _is_ours(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        # Never one with contents: that would be somebody else's of the same name.
        empty = all(entry.name == _MAKING for entry in folder.iterdir())
        return empty and time.time() - folder.lstat().st_mtime > _BEING_MADE_SECONDS
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _kill_survivors(folder: Path) -> None:
    for pid in processes_of(folder.name):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def processes_of(marker: str) -> Iterator[int]:
    """Processes that carry a folder's name in their environment or work inside it."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            inside = f"/{marker}/" in f"{(entry / 'cwd').readlink()}/"
            if inside or f"={marker}\0".encode() in (entry / "environ").read_bytes():
                yield int(entry.name)


def _empty(root: int, name: str, number: int) -> int:
    """Remove one entry of the root; its folders move up to the root under numbers."""
    if not stat.S_ISDIR(os.lstat(name, dir_fd=root).st_mode):
        _unlink(root, name)
        return number
    os.chmod(name, 0o700, dir_fd=root)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
    try:
        for child in os.listdir(folder):  # noqa: PTH208 - by descriptor
            if stat.S_ISDIR(os.lstat(child, dir_fd=folder).st_mode):
                os.chmod(child, 0o700, dir_fd=folder)
                number = _move_up(folder, child, root, number)
            else:
                _unlink(folder, child)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=root)
    return number


def _move_up(folder: int, child: str, root: int, number: int) -> int:
    while True:
        number += 1
        try:
            os.lstat(f".up-{number}", dir_fd=root)
        except FileNotFoundError:
            os.rename(child, f".up-{number}", src_dir_fd=folder, dst_dir_fd=root)
            return number


def _unlink(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except PermissionError:
        _make_mutable(folder, name)
        os.unlink(name, dir_fd=folder)


def _make_mutable(folder: int, name: str) -> None:
    """Take away the attributes that keep even an owner from deleting."""
    with contextlib.suppress(OSError):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            fcntl.ioctl(file, _FS_IOC_SETFLAGS, struct.pack("L", 0))
        finally:
            os.close(file)
