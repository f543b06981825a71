"""Runs git so that nothing of the user's environment or settings has a say in it."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.ports import UserError

MINIMUM = (2, 38)  # the first whose `merge-tree` merges without a working tree

# Whatever else is set stays outside: GIT_*, SSH_*, pagers, editors, askpass programs.
_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")
_FIXED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # An allow-list that no transport is on: whatever `protocol.*.allow` says, nothing is fetched.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_ASKPASS": "false",
    "LC_ALL": "C",
    "TZ": "UTC",
}
_OPTIONS = (
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "safe.directory=*"),
)
_MEGABYTE = 1 << 20
_OUTPUT = 64 * _MEGABYTE
_SECONDS = 600.0


class GitError(Exception):
    """git failed in a way that has no better name; the text is git's own, made printable."""


class TooMuchOutputError(Exception):
    """git wrote more than the caller wants to hold in memory."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one git command ended."""

    code: int
    out: bytes

    @property
    def line(self) -> str:
        """The output as one line of text."""
        return decode(self.out.removesuffix(b"\n"))


class Git:
    """One git executable, checked to be new enough; `home` is an empty folder of ours."""

    def __init__(self, home: Path) -> None:
        self._executable = _find()
        self._environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            **_FIXED,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
        }
        self._home = home
        _check_version(self.run("version").line)

    def run(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        cwd: Path | None = None,
        limit: int = _OUTPUT,
        keep: tuple[int, ...] = (),
        ok: tuple[int, ...] = (0,),
    ) -> Answer:
        """Run one command to its end; GitError unless it exits with one of `ok`.

        The child inherits the file descriptors in `keep`.
        """
        with tempfile.TemporaryFile() as text, tempfile.TemporaryFile() as errors:
            # The whole input is there before git starts, so our end never cuts it short.
            text.write(stdin)
            text.seek(0)
            process = subprocess.Popen(
                [self._executable, *_OPTIONS, *args],
                env={**self._environment, **(env or {})},
                cwd=cwd or self._home,
                stdin=text,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=keep,
            )
            out = _drain(process, limit)
            if process.returncode not in ok:
                raise GitError(_complaint(args, process.returncode, errors))
            return Answer(process.returncode, out)


def decode(data: bytes) -> str:
    """Git's bytes as text that `encode` turns back into the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """What `decode` came from."""
    return text.encode("utf-8", "surrogateescape")


def printable(text: str, limit: int = 500) -> str:
    """One line that a terminal shows as it is: no control, format or broken characters."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    shown = re.sub(r" {2,}", " ", shown).strip()
    return shown if len(shown) <= limit else f"{shown[:limit]}..."


def _find() -> str:
    found = shutil.which("git")
    if found is None:
        raise UserError(
            "git is not installed",
            "install it (`apt install git`, `dnf install git` or `brew install git`)",
        )
    return found


def _check_version(text: str) -> None:
    found = re.search(r"(\d+)\.(\d+)", text)
    if found is None or (int(found[1]), int(found[2])) < MINIMUM:
        raise UserError(
            f"{printable(text)} is too old: {MINIMUM[0]}.{MINIMUM[1]} or newer is needed",
            "update it (`apt install git` from backports, or `brew upgrade git`)",
        )


def _drain(process: subprocess.Popen[bytes], limit: int) -> bytes:
    """Read up to `limit` bytes; a process that writes more or hangs is killed."""
    timer = threading.Timer(_SECONDS, process.kill)
    timer.start()
    try:
        with process:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            out = process.stdout.read(limit + 1)
            if len(out) > limit:
                process.kill()
                raise TooMuchOutputError
            return out
    finally:
        timer.cancel()


def _complaint(args: tuple[str, ...], code: int, errors: IO[bytes]) -> str:
    errors.seek(0)
    text = printable(errors.read(_MEGABYTE).decode("utf-8", "replace"))
    return f"git {args[0]}: {text or f'ended with {code}'}"
