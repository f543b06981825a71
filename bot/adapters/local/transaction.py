"""Changes references all together or not at all, and cleans up after one that was killed."""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local.git import GitError, encode
from bot.adapters.local.workshop import Workshop, write_atomically
from bot.ports import UserError

IDENTITY = "Ironclaw <ironclaw@localhost>"
# A living git names the new value in its lock within microseconds of making it.
_EMPTY_LOCK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """One reference from `old` to `new`; an empty `old` means that it must not exist.

    Without `new` it is only held to be at `old`.
    """

    ref: str
    old: str
    new: str = ""


class MovedError(Exception):
    """A reference is not where the change expected it: read again and decide again."""


def change_refs(workshop: Workshop, lock: int, changes: Sequence[Change]) -> None:
    """Make every change, or none; `lock` is the descriptor of the repository's lock.

    git inherits the lock: should we be killed, nobody else starts before git has ended.
    """
    journal = workshop.root / "changing.json"
    names = {change.ref: change.new for change in changes}
    write_atomically(journal, json.dumps(names).encode())
    try:
        _update(workshop, lock, changes)
    except GitError as error:
        _explain(workshop, changes, error)
    finally:
        journal.unlink()


def recover(workshop: Workshop) -> None:
    """Take away the locks that a killed git of ours has left; call with the lock held."""
    journal = workshop.root / "changing.json"
    try:
        names = json.loads(journal.read_bytes())
    except FileNotFoundError:
        return
    for ref, new in names.items():
        file = workshop.user.common_dir / f"{ref}.lock"
        if _is_left_behind(file, new):
            file.unlink(missing_ok=True)
    journal.unlink()


def _update(workshop: Workshop, lock: int, changes: Sequence[Change]) -> None:
    # Spelt out to the last word: a plain list would be carried out wherever it is cut off.
    commands = [
        "start",
        *(line for change in changes for line in ("option no-deref", _command(change))),
        *("prepare", "commit"),
    ]
    workshop.git.run(
        *("update-ref", "-m", "ironclaw", "--stdin"),
        env={
            "GIT_DIR": str(workshop.root / "git"),
            "GIT_OBJECT_DIRECTORY": str(workshop.user.objects),
            **identity(),
        },
        stdin=encode("".join(f"{command}\n" for command in commands)),
        keep=(lock,),
    )


def identity(date: str = "") -> dict[str, str]:
    """Who commits, and when: never the user's name, which may not even be set."""
    name, _, address = IDENTITY.removesuffix(">").partition(" <")
    values = {"NAME": name, "EMAIL": address, **({"DATE": date} if date else {})}
    return {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in values.items()
    }


def _command(change: Change) -> str:
    if not change.new:
        return f"verify {change.ref} {change.old}"
    if not change.old:
        return f"create {change.ref} {change.new}"
    return f"update {change.ref} {change.new} {change.old}"


def _explain(workshop: Workshop, changes: Sequence[Change], error: GitError) -> None:
    """Say why git refused, going by the state of things and not by the words of its message."""
    refs = workshop.refs()
    for change in changes:
        found = refs.get(change.ref)
        if (found.sha if found else "") != change.old:
            raise MovedError(change.ref) from error
    for change in changes:
        file = workshop.user.common_dir / f"{change.ref}.lock"
        if file.exists():
            raise UserError(
                f"another git command is changing {change.ref}",
                f"wait for it; if no git is running, remove {file}",
            ) from error
    raise UserError(
        f"git could not write its references ({error})",
        "see that you may write to the repository and that its disk is not full",
    ) from error


def _is_left_behind(lock: Path, new: str) -> bool:
    """Whether a lock is from our killed git: it holds our value, or stays empty."""
    deadline = time.monotonic() + _EMPTY_LOCK_SECONDS
    with suppress(FileNotFoundError):
        while not (content := lock.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return content in ("", new)
    return False
