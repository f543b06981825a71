"""What the processes below the warden are and use, read from /proc or, elsewhere, from ps."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE")
_KILL_FOR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its parent, its threads and its resident memory."""

    pid: int
    parent: int
    threads: int
    resident: int


def everything() -> Iterator[Process]:
    """Every process that can be seen."""
    return _from_proc() if sys.platform == "linux" else _from_ps()


def below(root: int) -> list[Process]:
    """All descendants of a process, parents before children."""
    children: dict[int, list[Process]] = {}
    for process in everything():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    todo = [root]
    while todo:
        mine = children.pop(todo.pop(), [])
        found += mine
        todo += [process.pid for process in mine]
    return found


def kill_below(root: int) -> int:
    """Kill all descendants until none is left; answers how many still are."""
    deadline = time.monotonic() + _KILL_FOR_SECONDS
    while living := [process.pid for process in below(root) if not _ended(process.pid)]:
        for pid in living:
            _kill(pid)
        if time.monotonic() > deadline:
            return len(living)
        time.sleep(0.005)
    return 0


def proportional_memory(pids: list[int]) -> int:
    """Bytes that the processes use together, with what they share counted once."""
    return sum(_proportional(pid) for pid in pids)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _ended(pid: int) -> bool:
    """Whether it is a child of ours that has ended; it is reaped by asking."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return False


def _from_proc() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - many times faster, and this runs often
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - the same
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            # A zombie uses nothing but its entry.
            threads = 0 if fields[0] == b"Z" else int(fields[17])
            yield Process(int(name), int(fields[1]), threads, int(fields[21]) * _PAGE)


def _from_ps() -> Iterator[Process]:
    import subprocess  # noqa: PLC0415 - slow to load, and only needed where there is no /proc

    listing = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False
    )
    for line in listing.stdout.splitlines():
        pid, parent, resident = (int(field) for field in line.split())
        yield Process(pid, parent, 1, resident * 1024)


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:  # noqa: PTH123 - see above
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
