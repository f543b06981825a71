"""Walls by Landlock and seccomp where no namespaces may be made: files, sockets, signals."""

import ctypes
import os
from collections.abc import Sequence

from bot.adapters.sandbox.jail import kernel
from bot.adapters.sandbox.jail.job import Mount

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_ALL_V1 = (1 << 13) - 1
_SCOPE_ABSTRACT_SOCKET_AND_SIGNAL = 3
_VERSION = 1
_RULE_PATH = 1
# What a program may expect of a system beside its folders; /proc shows no other's secrets, since
# Landlock forbids to look into processes outside.
_ALSO_READ = ("/proc",)
_ALSO_WRITE = tuple(f"/dev/{name}" for name in ["null", "zero", "full", "random", "urandom", "shm"])


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's Landlock version, 0 if it has none."""
    try:
        return kernel.syscall(
            kernel.SYS_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)
        )
    except OSError:
        return 0


def restrict(mounts: Sequence[Mount], *, network: bool) -> None:
    """Allow this process and all it starts nothing but what `mounts` name."""
    known = version()
    if not known:
        raise OSError("this kernel has no Landlock")
    kernel.no_new_privileges()
    handled = _handled(known)
    ruleset = _create(known, handled)
    for mount in mounts:
        if mount.kind in ("ro", "rw"):
            _allow(ruleset, mount.source, _READ if mount.kind == "ro" else handled)
    for path in _ALSO_READ:
        _allow(ruleset, path, _READ)
    for path in _ALSO_WRITE:
        _allow(ruleset, path, handled)
    kernel.syscall(kernel.SYS_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    os.close(ruleset)
    if not network:
        kernel.forbid_sockets()


def _handled(known: int) -> int:
    handled = _ALL_V1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if known >= since:
            handled |= right
    return handled


def _create(known: int, handled: int) -> int:
    scoped = _SCOPE_ABSTRACT_SOCKET_AND_SIGNAL if known >= 6 else 0
    attributes = (ctypes.c_uint64 * 3)(handled, 0, scoped)
    size = 24 if known >= 6 else 8
    return kernel.syscall(
        kernel.SYS_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0)
    )


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - this process loads as little as it can
            rights &= _ON_FILES | _TRUNCATE | _IOCTL_DEV
        rule = _PathRule(rights, folder)
        kernel.syscall(
            kernel.SYS_LANDLOCK_ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_RULE_PATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(folder)
