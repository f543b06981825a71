"""What `uses:` leads to: a folder with an action, or something of ours that stands for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any


class BrokenWorkflowError(Exception):
    """The runner cannot read a file, or has no such action."""


class FailedActionError(Exception):
    """An action of ours did not succeed; the text says why."""


@dataclass(frozen=True)
class Use:
    """One use of an action: its inputs, where the job works, and what it knows of the event."""

    inputs: Mapping[str, str]
    workspace: Path
    github: Mapping[str, Any]

    def given(self, name: str, default: str = "") -> str:
        return self.inputs.get(name) or default


Action = Path | Callable[[Use], Mapping[str, str]] | None


def found_in(actions: Mapping[str, Action], name: str, workspace: Path) -> Action:
    """The first whose name fits, or one of the files that are checked out."""
    if name.startswith("./"):
        return workspace / name
    for pattern, action in actions.items():
        if fnmatchcase(name, pattern):
            return action
    raise BrokenWorkflowError(f"this runner has no action {name}")
