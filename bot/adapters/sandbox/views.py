"""What a sandboxed command sees: which folders, under which names."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.adapters.sandbox.jail.job import Level, Mount

# Programs and libraries; links among them (/bin -> usr/bin) are shown as links.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
# Of /etc only what programs read to find libraries, names, time zones and certificates. A service's
# own settings and keys lie there too.
_ETC = """
    alternatives bash.bashrc ca-certificates crypto-policies fonts gai.conf group host.conf
    hosts inputrc ld.so.cache ld.so.conf ld.so.conf.d locale.alias locale.conf localtime
    magic mime.types nsswitch.conf os-release passwd pki profile protocols python3
    python3.11 python3.12 python3.13 python3.14 resolv.conf rpc services shells ssl terminfo
    timezone
"""
_MACHINE = ("/sys/devices/system/cpu", "/sys/devices/system/node")
_SCRATCH_MB = 1024
_INSIDE = "/ironclaw"
# What Landlock must allow of /dev beside what it knows itself.
_TERMINALS = ("/dev/pts", "/dev/ptmx", "/dev/tty")


@dataclass(frozen=True, slots=True)
class View:
    """The folders of one workspace, outside and as the command sees them.

    Behind walls every workspace has the same paths, so that two trees print and store the same.
    """

    folder: Path
    level: Level

    @property
    def walled(self) -> bool:
        """Whether the command has a root of its own."""
        return self.level in ("bubblewrap", "namespaces")

    def inside(self, name: str) -> str:
        """A folder of the workspace as the command sees it."""
        if name == "tmp" and self.walled:
            return "/tmp"  # noqa: S108 - the command's own
        return f"{_INSIDE}/{name}" if self.walled else str(self.folder / name)

    def outside(self, name: str) -> Path:
        """The same folder as we see it."""
        return self.folder / name

    def mounts(self, readable: Iterable[str], writable: Iterable[str] = ()) -> tuple[Mount, ...]:
        """The system, these paths under their own names, and the workspace's folders."""
        found = _system()
        known = [mount.target for mount in found]
        if self.walled:
            found += [Mount("tmpfs", path, size_mb=_SCRATCH_MB) for path in _TMPFS]
        else:
            found += [_bind("rw", path) for path in (str(self.outside("tmp")), *_TERMINALS)]
        found += [_bind("ro", path) for path in _outermost(readable, known)]
        for name in ("project", "home", "out"):
            found.append(Mount("rw", self.inside(name), str(self.outside(name))))
        found.append(Mount("ro", self.inside("probes"), str(self.outside("probes"))))
        return (*found, *(_bind("rw", path) for path in writable))

    def grows(self) -> tuple[str, ...]:
        """The folders on disk that the command may fill."""
        names = ("project", "home", "out") if self.walled else ("project", "home", "out", "tmp")
        return tuple(str(self.outside(name)) for name in names)


_TMPFS = ("/tmp", "/var/tmp", "/run", "/dev/shm")  # noqa: S108 - the command's own


def _bind(kind: Literal["ro", "rw"], path: str) -> Mount:
    return Mount(kind, path, os.path.realpath(path))


def _system() -> list[Mount]:
    if sys.platform != "linux":
        return []
    found = []
    for path in _SYSTEM:
        if Path(path).is_symlink():
            found.append(Mount("link", path, str(Path(path).readlink())))
        elif Path(path).is_dir():
            found.append(_bind("ro", path))
    etc = [f"/etc/{name}" for name in _ETC.split()]
    return found + [_bind("ro", path) for path in (*etc, *_MACHINE) if Path(path).exists()]


def _outermost(paths: Iterable[str], known: Iterable[str]) -> list[str]:
    """Each path once, without those that a known or another path covers."""
    kept: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths}):
        covered = any(f"{path}/".startswith(f"{other}/") for other in (*known, *kept))
        if not covered and Path(path).exists():
            kept.append(path)
    return kept
