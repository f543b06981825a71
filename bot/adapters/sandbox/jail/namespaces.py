"""Walls by user, mount, process, network, IPC and host-name namespaces.

The command sees a root of its own in which only what the job names is bound, its own processes
and its own loopback; when its first process ends the kernel ends all the others.
"""

import contextlib
import fcntl
import os
import signal
import socket
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from bot.adapters.sandbox.jail import kernel
from bot.adapters.sandbox.jail.job import Job, Mount

# A process that is root outside would be the owner of these, and so could write to them.
_PROC_MASKED = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_DEVICE_LINKS = {
    "ptmx": "pts/ptmx",
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
_OLD = "/.old-root"
_USER = 1000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def enter(job: Job, start: Callable[[], NoReturn], report: int) -> NoReturn:
    """Go behind the walls; `start` becomes the command, whose wait status goes to `report`."""
    _new_namespaces(network=job.network)
    first = os.fork()
    if first == 0:
        kernel.die_with_parent(signal.SIGKILL)
        _guarded(lambda: _first_process(job, start, report), report)
    os.waitpid(first, 0)
    os._exit(0)


def _new_namespaces(*, network: bool) -> None:
    # A hidden process may not even write its own maps, unless it is root's.
    kernel.hide_memory(hidden=False)
    user, group = os.geteuid(), os.getegid()
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID
    flags |= kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | (0 if network else kernel.CLONE_NEWNET)
    kernel.unshare(flags)
    inside = user or _USER
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{inside} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group or _USER} {group} 1", encoding="ascii")


def _first_process(job: Job, start: Callable[[], NoReturn], report: int) -> NoReturn:
    """Build the walls, start the command, and reap until it ends; our end ends everything."""
    kernel.hide_memory()
    _build_root(job.mounts)
    socket.sethostname("ironclaw")
    if not job.network:
        _bring_loopback_up()
    _limit_processes(job.limits.processes)
    _forbid_namespaces()
    _mask_processes()
    kernel.remount_read_only("/")
    kernel.no_new_privileges()
    command = os.fork()
    if command == 0:
        kernel.die_with_parent(signal.SIGKILL)
        _guarded(start, report)
    while True:
        child, status = os.wait()
        if child == command:
            os.write(report, f"status {status}\n".encode())
            os._exit(0)


def _forbid_namespaces() -> None:
    """No further namespaces: in one of its own the command could mount memory nobody counts."""
    for name in ("max_user_namespaces", "max_mnt_namespaces"):
        with contextlib.suppress(OSError):
            Path("/proc/sys/user", name).write_text("0", encoding="ascii")


def _guarded(do: Callable[[], NoReturn], report: int) -> NoReturn:
    """Whatever goes wrong before the command runs is said, never a traceback in its output."""
    try:
        do()
    except BaseException as error:  # noqa: BLE001 - a forked process must never return
        os.write(report, f"error {error}\n".encode(errors="replace"))
    os._exit(125)


def _build_root(mounts: Sequence[Mount]) -> None:
    kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_PRIVATE)
    _tmpfs("/tmp", 16, mode="755")  # noqa: S108 - any folder will do to start the new root from
    os.chdir("/tmp")  # noqa: S108
    Path(_OLD.strip("/")).mkdir()
    kernel.pivot_root(".", _OLD.strip("/"))
    os.chdir("/")
    _devices()
    _processes()
    for mount in mounts:
        _place(mount)
    kernel.detach(_OLD)
    Path(_OLD).rmdir()


def _place(mount: Mount) -> None:
    target = Path(mount.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if mount.kind == "link":
        target.symlink_to(mount.source)
    elif mount.kind == "dir":
        target.mkdir(exist_ok=True)
    elif mount.kind == "tmpfs":
        target.mkdir(exist_ok=True)
        _tmpfs(mount.target, mount.size_mb, mode="1777")
    else:
        _bind(_OLD + mount.source, target)
        if mount.kind == "ro":
            kernel.make_read_only(mount.target)


def _bind(source: str, target: Path) -> None:
    if Path(source).is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    kernel.mount(source, str(target), "none", kernel.MS_BIND | kernel.MS_REC)


def _tmpfs(target: str, size_mb: int, *, mode: str) -> None:
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", target, "tmpfs", flags, f"size={size_mb}m,mode={mode}")


def _devices() -> None:
    Path("/dev").mkdir()
    for name in _DEVICES:
        _bind(f"{_OLD}/dev/{name}", Path("/dev", name))
    for name, target in _DEVICE_LINKS.items():
        Path("/dev", name).symlink_to(target)
    Path("/dev/pts").mkdir()
    flags = kernel.MS_NOSUID | kernel.MS_NOEXEC
    kernel.mount("devpts", "/dev/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=620")


def _processes() -> None:
    Path("/proc").mkdir()
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    try:
        kernel.mount("proc", "/proc", "proc", flags)
    except PermissionError:
        # Containers that hide parts of /proc forbid a new one: then there is none.
        return


def _mask_processes() -> None:
    for name in _PROC_MASKED:
        path = f"/proc/{name}"
        if Path(path).exists():
            kernel.mount(path, path, "none", kernel.MS_BIND | kernel.MS_REC)
            kernel.make_read_only(path)


def _bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", 0)
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request.ljust(40, b"\0"))
        flags = struct.unpack_from("16sh", answer)[1] | _IFF_UP
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags).ljust(40, b"\0"))


def _limit_processes(processes: int) -> None:
    """Let the kernel itself refuse too many processes where that limit is the namespace's own."""
    release = os.uname().release.split("-", maxsplit=1)[0].split(".")
    if tuple(int(part) for part in release[:2]) < (6, 14):
        return
    # Threads have ids too, and the kernel keeps the first 300 for itself.
    limit = max(400, 300 + 8 * processes)
    try:
        Path("/proc/sys/kernel/pid_max").write_text(str(limit), encoding="ascii")
    except OSError:
        return
