"""Runs one job, sees that it keeps its limits, and leaves no process behind.

The job comes as one line on standard input, which then stays open: when it closes, Ironclaw is gone
or has lost interest, and everything is killed. The answer is one line on standard output.
"""

import os
import resource
import select
import signal
import sys
import time
from typing import NoReturn

from bot.adapters.sandbox.jail import bubblewrap, kernel, landlock, namespaces, processes
from bot.adapters.sandbox.jail.folder_size import Growth
from bot.adapters.sandbox.jail.job import End, Finished, Job
from bot.adapters.sandbox.jail.output import Kept

_CHUNK = 1 << 16
# Printing somewhat more than is kept is no crime, printing far more fills somebody's disk.
_OUTPUT_FACTOR = 10
_MEBIBYTE = 1 << 20
_OPEN_FILES = 4096
# A process may well have so many threads.
_THREADS = 8
# How long what the command wrote last may take to arrive.
_DRAIN_SECONDS = 0.2


def main() -> None:
    """Serve one job."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    job = Job.from_json(_first_line())
    if kernel.LINUX:
        kernel.adopt_orphans()
        kernel.hide_memory()
    try:
        finished = Warden(job).run()
    finally:
        processes.kill_below(os.getpid())
    sys.stdout.write(finished.to_json() + "\n")


def _first_line() -> str:
    """The job, read without a buffer that would swallow the end of the input."""
    line = b""
    while not line.endswith(b"\n"):
        data = os.read(0, _CHUNK)
        if not data:
            sys.exit(1)
        line += data
    return line.decode()


class Warden:
    """Watches one command from its start to its end."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._limits = job.limits
        self._kept = Kept()
        self._said = b""
        self._growth = Growth(job.writable)
        self._ended: int | None = None

    def run(self) -> Finished:
        """Start the command and stay until it has ended or must be ended."""
        began = time.monotonic()
        self._child = self._start()
        end, why = self._watch(began)
        seconds = time.monotonic() - began
        processes.kill_below(os.getpid())
        self._drain()
        return self._finished(end, why, seconds)

    def _start(self) -> int:
        self._output, output = os.pipe()
        self._report, report = os.pipe()
        self._open = {self._output, self._report}
        self._wakeup = _told_of_ended_children()
        child = os.fork()
        if child == 0:
            _become(self._job, output, report)
        os.close(output)
        os.close(report)
        return child

    def _watch(self, began: float) -> tuple[End, str]:
        deadline = began + self._limits.seconds
        next_look = began
        while True:
            now = time.monotonic()
            if self._has_ended():
                return "exited", ""
            if now > deadline:
                return "timed-out", f"no end after {self._limits.seconds:g} s"
            if now >= next_look:
                next_look = now + self._limits.poll_seconds
                if why := self._excess():
                    return "killed", why
            if not self._read(max(0.0, min(next_look, deadline) - now)):
                return "killed", "interrupted"

    def _has_ended(self) -> bool:
        """Reap whoever has ended, orphans too; True when it was the command itself."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == self._child:
                self._ended = status
                return True
            if pid == 0:
                return False

    def _read(self, wait: float) -> bool:
        """Take what is printed; False when whoever asked is gone."""
        ready, _, _ = select.select([*self._open, self._wakeup, 0], [], [], wait)
        for pipe in self._open & set(ready):
            data = os.read(pipe, _CHUNK)
            self._take(pipe, data)
            if not data:
                self._open.discard(pipe)
        if self._wakeup in ready:
            os.read(self._wakeup, _CHUNK)
        return 0 not in ready

    def _take(self, pipe: int, data: bytes) -> None:
        if pipe == self._output:
            self._kept.add(data)
        else:
            self._said += data

    def _excess(self) -> str:
        limits = self._limits
        if limits.output_bytes and self._kept.total > _OUTPUT_FACTOR * limits.output_bytes:
            return f"printed more than {_OUTPUT_FACTOR * limits.output_bytes // 1_000_000} MB"
        return self._too_many_processes() or self._too_much_disk()

    def _too_many_processes(self) -> str:
        limits = self._limits
        below = processes.below(os.getpid())
        living = [process for process in below if process.threads]
        if limits.processes and len(below) > limits.processes:
            return f"more than {limits.processes} processes"
        threads = _THREADS * limits.processes
        if threads and sum(process.threads for process in below) > threads:
            return f"more than {threads} threads"
        allowed = limits.memory_mb * _MEBIBYTE
        if allowed and sum(process.resident for process in living) > allowed:
            used = processes.proportional_memory([process.pid for process in living])
            if used > allowed:
                return f"used more than {limits.memory_mb} MB of memory"
        return ""

    def _too_much_disk(self) -> str:
        size, entries = self._growth.look()
        if self._limits.disk_mb and size > self._limits.disk_mb * _MEBIBYTE:
            return f"wrote more than {self._limits.disk_mb} MB"
        if self._limits.files and entries > self._limits.files:
            return f"made more than {self._limits.files} files"
        return ""

    def _drain(self) -> None:
        for pipe in (self._output, self._report):
            os.set_blocking(pipe, False)
        until = time.monotonic() + _DRAIN_SECONDS
        for pipe in (self._output, self._report):
            while time.monotonic() < until:
                try:
                    data = os.read(pipe, _CHUNK)
                except BlockingIOError:
                    break
                if not data:
                    break
                self._take(pipe, data)

    def _finished(self, end: End, why: str, seconds: float) -> Finished:
        output = self._kept.text()
        if end != "exited":
            return Finished(end, None, why, seconds, output)
        status = self._ended
        for line in self._said.decode(errors="replace").splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "error":
                return Finished("failed", None, rest, seconds, output)
            status = int(rest)
        walled = self._job.level == "namespaces"
        if status is None or (walled and b"status" not in self._said):
            return Finished("killed", None, "the kernel ended it", seconds, output)
        return Finished("exited", os.waitstatus_to_exitcode(status), "", seconds, output)


def _told_of_ended_children() -> int:
    """A pipe that becomes readable when a child ends, so that nobody waits for the next look."""
    wakeup, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return wakeup


def _become(job: Job, output: int, report: int) -> NoReturn:
    """Turn the forked child into the command; never returns."""
    try:
        os.setsid()
        if kernel.LINUX:
            kernel.die_with_parent(signal.SIGKILL)
            kernel.leave_keyrings()
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if job.level == "namespaces":
            namespaces.enter(job, lambda: _execute(job), report)
        _execute(job)
    except BaseException as error:  # noqa: BLE001 - a forked process must never return
        os.write(report, f"error {error}\n".encode(errors="replace"))
    os._exit(125)


def _execute(job: Job) -> NoReturn:
    argv = list(job.argv)
    if job.level == "bubblewrap":
        argv = bubblewrap.command(job)
    else:
        os.chdir(job.cwd)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    _set_limits(job)
    if job.level == "landlock":
        kernel.drop_capabilities()
        landlock.restrict(job.mounts, network=job.network)
    os.execvpe(argv[0], argv, dict(job.env))  # noqa: S606 - no shell is what is wanted


def _set_limits(job: Job) -> None:
    limits = job.limits
    cores = os.cpu_count() or 1
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: int(limits.seconds * min(cores, 8)) + 5,
        resource.RLIMIT_FSIZE: limits.disk_mb * _MEBIBYTE,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        # The kernel counts threads, and asks root nothing; the warden counts again.
        resource.RLIMIT_NPROC: _THREADS * limits.processes + _already_running(job),
        # A spike between two looks of the warden; address space alone is free, so no RLIMIT_AS.
        resource.RLIMIT_DATA: 2 * limits.memory_mb * _MEBIBYTE,
    }
    for number, value in wanted.items():
        _, hard = resource.getrlimit(number)
        if value or number == resource.RLIMIT_CORE:
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (most, most))


def _already_running(job: Job) -> int:
    """Threads of this user that count against its limit too, where the command is its equal."""
    if job.level in ("namespaces", "bubblewrap"):
        return 0
    return sum(process.threads for process in processes.everything() if _is_ours(process.pid))


def _is_ours(pid: int) -> bool:
    try:
        return os.stat(f"/proc/{pid}").st_uid == os.getuid()  # noqa: PTH116 - as elsewhere here
    except OSError:
        return False
