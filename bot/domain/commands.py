"""What a person may tell the bot in a comment, and when it is obeyed.

A command is the first thing that a comment says. It is obeyed only if, at that moment, its author
may write to the repository and nobody else has touched the comment.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from bot.domain.events import FeedbackType
from bot.domain.improvement import Improvement, State
from bot.domain.talk import Comment, Permission

PREFIX = "/ironclaw"
SHORTEST_SHA = 7
_SHA = re.compile(r"[0-9a-f]{7,40}")


@dataclass(frozen=True, slots=True)
class Help:
    """Say which commands there are."""


@dataclass(frozen=True, slots=True)
class Status:
    """Say what it waits for."""


@dataclass(frozen=True, slots=True)
class Explain:
    """Say why it was proposed and what was measured."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Look again at once; what was given up is made anew."""


@dataclass(frozen=True, slots=True)
class Approve:
    """A person lets exactly this commit be merged."""

    sha: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Do nothing until a person says resume."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from where it was held."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Not this, and not again."""


@dataclass(frozen=True, slots=True)
class Revert:
    """Take the merge back."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One to five stars."""

    stars: int

    @property
    def feedback(self) -> FeedbackType:
        """The rating as it is kept."""
        return FeedbackType(f"rating_{self.stars}")


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """It begins like a command and is none; `why` says what was meant perhaps."""

    why: str


Command = Help | Status | Explain | Retry | Approve | Hold | Resume | Ignore | Revert | Rate
_BARE: Mapping[str, Command] = MappingProxyType(
    {
        "help": Help(),
        "status": Status(),
        "explain": Explain(),
        "retry": Retry(),
        "hold": Hold(),
        "resume": Resume(),
        "ignore": Ignore(),
        "revert": Revert(),
    }
)
WORDS = (*_BARE, "approve", "rate")
"""The words that may follow `/ironclaw`."""
USAGE: Mapping[str, str] = MappingProxyType(
    {
        "help": "say which commands there are",
        "status": "say what this waits for",
        "explain": "say why it was proposed and what was measured",
        "retry": "look again at once; what was given up is made anew",
        "approve <sha>": "let exactly this commit be merged once its checks pass",
        "hold": "do nothing until you say `resume`",
        "resume": "go on from where it was held",
        "ignore": "close it; the same finding is not proposed again",
        "revert": "take the merge back by pull request",
        "rate 1-5": "say how good it is",
    }
)


def parse_command(lines: Sequence[str]) -> Command | NotUnderstood | None:
    """The command in a comment's plain lines, None if its first one is none."""
    words = lines[0].split() if lines else []
    if not words or words[0] != PREFIX:
        return None
    if len(words) == 1:
        return Help()
    word, rest = words[1].lower(), words[2:]
    if word == "approve":
        return _approve(rest)
    if word == "rate":
        return _rate(rest)
    if word in _BARE:
        return NotUnderstood(f"`{word}` stands alone") if rest else _BARE[word]
    near = get_close_matches(word, WORDS, n=1)
    return NotUnderstood(f"did you mean `{near[0]}`?" if near else "there is no such command")


def _approve(rest: Sequence[str]) -> Command | NotUnderstood:
    if len(rest) == 1 and _SHA.fullmatch(rest[0].lower()):
        return Approve(rest[0].lower())
    return NotUnderstood("`approve` needs the commit that you have looked at, 7 digits or more")


def _rate(rest: Sequence[str]) -> Command | NotUnderstood:
    if len(rest) == 1 and rest[0] in ("1", "2", "3", "4", "5"):
        return Rate(int(rest[0]))
    return NotUnderstood("`rate` needs one number from 1 to 5")


@dataclass(frozen=True, slots=True)
class NotForUs:
    """Nobody has commanded anything."""

    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """It is not obeyed; `say` is the answer, empty where a sign is enough."""

    why: str
    say: str = ""


@dataclass(frozen=True, slots=True)
class Obey:
    """Do it in the name of this person."""

    command: Command
    person: str


CommandDecision = NotForUs | Refuse | Obey


def decide_command(
    comment: Comment,
    lines: Sequence[str],
    permission: Permission,
    improvement: Improvement | None,
    head_sha: str = "",
    *,
    is_dashboard: bool = False,
) -> CommandDecision:
    """Decide on a comment as it is now, by what its author may do now.

    `improvement` is the one that the pull request belongs to, `head_sha` that request's head. On
    the dashboard `resume` is about the whole repository.
    """
    if comment.ours or comment.author_is_bot:
        return NotForUs("no bot commands")
    command = parse_command(lines)
    if command is None:
        return NotForUs("it does not begin with a command")
    if comment.edited_by and comment.edited_by != comment.author:
        return Refuse("somebody else has edited the comment")
    if not permission.may_command:
        # No answer: whoever may write nothing here shall not make us write either.
        return Refuse("its author may not write to this repository")
    if isinstance(command, NotUnderstood):
        return Refuse(command.why, f"I do not understand that: {command.why}")
    if isinstance(command, Help) or (is_dashboard and isinstance(command, Resume)):
        return Obey(command, comment.author)
    if improvement is None:
        return Refuse("no improvement", "No improvement belongs to this pull request.")
    refused = why_not(command, improvement, head_sha)
    return Refuse(refused, refused) if refused else Obey(command, comment.author)


_ALWAYS = frozenset(State)
_UNMERGED = frozenset({State.FOUND, State.PROPOSED, State.OPEN, State.HELD})
_DEPLOYED = frozenset({State.MERGED, State.WATCHING, State.KEPT, State.HELD})
WHEN: Mapping[type[Command], frozenset[State]] = MappingProxyType(
    {
        Help: _ALWAYS,
        Status: _ALWAYS,
        Explain: _ALWAYS,
        Rate: _ALWAYS,
        Retry: _ALWAYS - {State.KEPT, State.REVERTED},
        Approve: frozenset({State.OPEN, State.HELD}),
        Hold: frozenset(
            {State.FOUND, State.PROPOSED, State.OPEN, State.MERGED, State.WATCHING}
            | {State.REVERTING, State.HELD}
        ),
        Resume: frozenset({State.HELD}),
        Ignore: _UNMERGED,
        Revert: _DEPLOYED,
    }
)
"""In which states each command means something."""


def why_not(command: Command, improvement: Improvement, head_sha: str) -> str:
    """Why a command cannot be done now, empty if it can."""
    if improvement.state not in WHEN[type(command)]:
        word = type(command).__name__.lower()
        return f"`{word}` does nothing here: the improvement is {improvement.state}."
    merged = bool(improvement.merge_sha)
    match command:
        case Approve(sha) if merged or not _names(sha, head_sha, improvement.head_sha):
            head = head_sha[:12] or "gone"
            return f"The head is {head}, and only the verified head can be approved."
        case Ignore() if merged:
            return "It is merged already; `/ironclaw revert` takes it back."
        case Revert() if not merged:
            return "It is not merged, so there is nothing to take back."
        case Revert() if improvement.revert_pull_request is not None:
            return f"Its revert is #{improvement.revert_pull_request} already."
        case _:
            return ""


def _names(sha: str, head_sha: str, verified_sha: str) -> bool:
    long_enough = len(sha) >= SHORTEST_SHA
    return long_enough and head_sha == verified_sha and head_sha.startswith(sha)


def resumed_state(improvement: Improvement) -> State:
    """Where a held improvement goes on: at the last step that it is known to have made."""
    if improvement.revert_pull_request is not None:
        return State.REVERTING
    if improvement.merge_sha:
        return State.MERGED
    return State.OPEN if improvement.pull_request is not None else State.FOUND
