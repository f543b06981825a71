"""What the dashboard lists, and what its checkboxes mean when a person ticks them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.commands import Approve, Command, Hold, Ignore, Resume, Retry, Revert
from bot.domain.improvement import Improvement, State

WHOLE_REPOSITORY = "repository"
SECTIONS: Mapping[str, frozenset[State]] = MappingProxyType(
    {
        "Needs you": frozenset({State.HELD}),
        "Open": frozenset({State.OPEN}),
        "Pending": frozenset({State.FOUND, State.PROPOSED}),
        "Watching": frozenset({State.MERGED, State.WATCHING}),
        "Kept": frozenset({State.KEPT}),
        "Reverted": frozenset({State.REVERTING, State.REVERTED}),
        "Ignored": frozenset({State.ABANDONED, State.REJECTED}),
    }
)
"""Each state stands in one section."""

_COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "hold": Hold(),
        "resume": Resume(),
        "retry": Retry(),
        "ignore": Ignore(),
        "revert": Revert(),
    }
)
_OFFERED: Mapping[State, tuple[str, ...]] = MappingProxyType(
    {
        State.HELD: ("resume", "retry"),
        State.OPEN: ("approve", "hold"),
        State.FOUND: ("ignore",),
        State.PROPOSED: ("ignore",),
        State.MERGED: ("revert",),
        State.WATCHING: ("revert",),
        State.KEPT: (),
        State.REVERTING: (),
        State.REVERTED: (),
        State.ABANDONED: (),
        State.REJECTED: ("retry",),
    }
)
_BOX = re.compile(
    r"^- \[(?P<mark>[ xX])\] <!-- ironclaw-do:(?P<word>[a-z]{1,20}):(?P<id>[a-z0-9]{1,40})"
    r"(?::(?P<sha>[0-9a-f]{40}))? -->",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Ticked:
    """A box that a person has ticked: the command, for one improvement or the repository."""

    command: Command
    id: str


def offered(improvement: Improvement) -> tuple[str, ...]:
    """The words of the boxes beside an improvement."""
    words = _OFFERED[improvement.state]
    if improvement.state is State.HELD and improvement.merge_sha:
        return ("resume", "revert") if improvement.revert_pull_request is None else ("resume",)
    return words


def box_id(word: str, improvement: Improvement) -> str:
    """The hidden name of a box; an approval names the commit that it was drawn for."""
    bound = f":{improvement.head_sha}" if word == "approve" else ""
    return f"<!-- ironclaw-do:{word}:{improvement.id}{bound} -->"


def ticked(text: str) -> tuple[Ticked, ...]:
    """The boxes that are ticked, each once; what has no meaning is left out."""
    found = []
    for box in _BOX.finditer(text):
        command = _command(box["word"], box["sha"] or "")
        if box["mark"] != " " and command is not None:
            found.append(Ticked(command, box["id"]))
    return tuple(dict.fromkeys(found))


def _command(word: str, sha: str) -> Command | None:
    if word == "approve":
        return Approve(sha) if sha else None
    return _COMMANDS.get(word)
