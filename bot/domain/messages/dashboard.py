"""The dashboard: one issue that lists everything, with boxes to tick."""

from collections.abc import Sequence

from bot.domain.dashboard import SECTIONS, WHOLE_REPOSITORY, box_id, offered
from bot.domain.improvement import Improvement, State
from bot.domain.messages.text import code, fitting, prose, shortened

DASHBOARD_TITLE = "Ironclaw dashboard"
_ROWS = 15
_REASON = 200
_BOXES = {
    "approve": "approve this commit",
    "hold": "hold it",
    "resume": "let it go on",
    "retry": "make it anew",
    "ignore": "drop it",
    "revert": "take it back",
}


def dashboard_body(improvements: Sequence[Improvement], paused: str) -> str:
    """Every section that has something in it, the latest first, with what can be ticked."""
    parts = [
        (
            "What Ironclaw does here. Tick a box to tell it something; only people who may write "
            "to this repository are obeyed. Commands in comments on a pull request do the same."
        )
    ]
    if paused:
        parts.append(
            f"**Paused.** {prose(paused)}\n\n- [ ] <!-- ironclaw-do:resume:{WHOLE_REPOSITORY} --> "
            "go on with this repository"
        )
    parts += [_section(name, states, improvements) for name, states in SECTIONS.items()]
    if not improvements:
        parts.append("Nothing was found so far.")
    return fitting(parts)


def _section(name: str, states: frozenset[State], improvements: Sequence[Improvement]) -> str:
    found = sorted(
        (one for one in improvements if one.state in states),
        key=lambda one: (one.updated_at, one.id),
        reverse=True,
    )
    if not found:
        return ""
    more = f"\n\nand {len(found) - _ROWS} more" if len(found) > _ROWS else ""
    rows = "\n\n".join(_entry(one) for one in found[:_ROWS])
    return f"## {name} ({len(found)})\n\n{rows}{more}"


def _entry(one: Improvement) -> str:
    where = f" (#{one.pull_request})" if one.pull_request is not None else ""
    what = prose(shortened(one.finding.description, _REASON))
    reason = prose(shortened(one.reason, _REASON))
    line = f"{what} in {code(one.finding.file)}{where}. {reason}"
    boxes = [f"- [ ] {box_id(word, one)} {_BOXES[word]}" for word in offered(one)]
    return "\n".join([line, *([""] if boxes else []), *boxes])
