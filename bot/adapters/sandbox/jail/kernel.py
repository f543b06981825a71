"""The few Linux calls that Python does not offer, by ctypes; each raises OSError."""

import contextlib
import ctypes
import os
import platform
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

# Calls added since 2019 have one number on every architecture.
_SYS_MOUNT_SETATTR = 442
SYS_LANDLOCK_CREATE = 444
SYS_LANDLOCK_ADD_RULE = 445
SYS_LANDLOCK_RESTRICT = 446
SYS_IO_URING_SETUP = 425
_KEYCTL = {"x86_64": 250, "aarch64": 219}
_JOIN_SESSION_KEYRING = 1
_AT_RECURSIVE = 0x8000
_AT_FDCWD = -100
_ATTR_RDONLY_NOSUID = 0x3

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """The result of a call, or the OSError that it reports."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *args: object) -> int:
    """Any call by its number."""
    return check(int(_libc.syscall(ctypes.c_long(number), *args)), f"syscall {number}")


def unshare(flags: int) -> None:
    check(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    result = _libc.mount(
        source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode()
    )
    check(result, f"mount {target}")


def detach(target: str) -> None:
    check(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    check(_libc.pivot_root(new.encode(), old.encode()), "pivot_root")


def make_read_only(target: str) -> None:
    """Make a mount and all below it read-only; Linux before 5.12 knows only the mount itself."""
    attributes = (ctypes.c_uint64 * 4)(_ATTR_RDONLY_NOSUID, 0, 0, 0)
    size = ctypes.sizeof(attributes)
    path = ctypes.c_char_p(target.encode())
    try:
        syscall(
            _SYS_MOUNT_SETATTR, _AT_FDCWD, path, _AT_RECURSIVE, attributes, ctypes.c_size_t(size)
        )
    except OSError:
        remount_read_only(target)


def remount_read_only(target: str) -> None:
    """Make one mount read-only, not those below it."""
    # A mount that came from outside must keep what it had been restricted to.
    kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("none", target, "none", MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def die_with_parent(signal: int) -> None:
    check(_libc.prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0), "prctl(PDEATHSIG)")


def adopt_orphans() -> None:
    """Become the parent of every orphan below, so that none escapes."""
    check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(CHILD_SUBREAPER)")


def leave_keyrings() -> None:
    """Join a new, empty session keyring, so that the caller's keys are out of reach."""
    number = _KEYCTL.get(platform.machine())
    if number is not None:
        with contextlib.suppress(OSError):
            syscall(number, _JOIN_SESSION_KEYRING, None)


def hide_memory(*, hidden: bool = True) -> None:
    """Keep processes of the same user from reading ours through /proc or ptrace, or let them."""
    check(_libc.prctl(_PR_SET_DUMPABLE, int(not hidden), 0, 0, 0), "prctl(DUMPABLE)")


def no_new_privileges() -> None:
    check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(NO_NEW_PRIVS)")


def drop_capabilities() -> None:
    """Give up whatever root's capabilities there are; files owned by root stay its own."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


class _Filter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_uint16), ("filter", ctypes.POINTER(_Filter)))


# Architecture by machine: its audit number and the number of socket(2).
_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_AF_UNIX = 1
_EACCES = 13


def forbid_sockets() -> None:
    """Refuse every socket but local ones, for this process and all it starts."""
    if platform.machine() not in _ARCHITECTURES:
        raise OSError(f"no filter for {platform.machine()}")
    arch, socket_call = _ARCHITECTURES[platform.machine()]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, deny, kill = 0x7FFF0000, 0x00050000 | _EACCES, 0x80000000
    steps = [
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (give, 0, 0, kill),
        (load, 0, 0, 0),
        # The x32 twin of every call has this bit; nothing we run uses it.
        (at_least, 0, 1, 0x40000000),
        (give, 0, 0, deny),
        (equal, 4, 0, SYS_IO_URING_SETUP),
        (equal, 0, 2, socket_call),
        (load, 0, 0, 16),
        (equal, 0, 1, _AF_UNIX),
        (give, 0, 0, allow),
        (give, 0, 0, deny),
    ]
    filters = (_Filter * len(steps))(*(_Filter(*step) for step in steps))
    program = _Program(len(steps), filters)
    check(
        _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0),
        "prctl(SECCOMP)",
    )
