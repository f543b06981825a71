"""Improvements by state, and one of them from what was first seen to its outcome."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from bot.adapters.database.improvement_pages import Wanted, read_page
from bot.domain.dashboard import SECTIONS
from bot.domain.improvement import Improvement, State
from bot.domain.story import story_of
from bot.entrypoints.web.api.cursors import cut, place_of
from bot.entrypoints.web.dashboard.acts import offered
from bot.entrypoints.web.dashboard.look import Look, Shown
from bot.entrypoints.web.problems import Problem

UNKNOWN: Final = Problem(
    HTTPStatus.NOT_FOUND, "There is no such improvement, or you may not see it."
)
_A_PAGE: Final = 25
_MOST_EVENTS: Final = 300
_LONGEST_DIFF: Final = 200_000


async def listed(look: Look) -> Shown | Problem:
    """A page of them, the latest first, perhaps of one section alone."""
    section = look.query.get("section", "")
    states = SECTIONS.get(section, frozenset())
    after = place_of(look.query["cursor"]) if look.query.get("cursor") else None
    wanted = Wanted([look.repository], _A_PAGE, states, after)
    found = await read_page(look.sources.engine, wanted)
    counts = await look.sources.overview.counts(look.repository)
    following = cut(found, _A_PAGE)
    chosen = {"section": section} if states else {}
    return Shown(
        "improvements.html",
        "Improvements",
        {
            "items": [one for _, one in found[:_A_PAGE]],
            "sections": _sections(look, counts),
            "section": section if states else "",
            "every": sum(counts.values()),
            "all_link": look.link("/improvements"),
            "more": look.link("/improvements", **chosen, cursor=following) if following else "",
        },
    )


async def one(look: Look) -> Shown | Problem:
    """One improvement: what may be done, its evidence, its change and its story."""
    found = await known(look, look.path["id"])
    if found is None:
        return UNKNOWN
    async with look.sources.stores() as store:
        events = await store.events(found.id, limit=_MOST_EVENTS)
    diff = found.patch.diff() if found.patch else ""
    return Shown(
        "improvement.html",
        f"{found.finding.rule} in {found.finding.file}",
        {
            "one": found,
            "chapters": story_of(found, events),
            "cut": len(events) >= _MOST_EVENTS,
            "evidence": _evidence(found.evidence),
            "diff": diff[:_LONGEST_DIFF],
            "diff_cut": len(diff) > _LONGEST_DIFF,
            "acts": offered(found) if look.viewer.may_change(found.repository) else (),
            "wishes": await look.sources.overview.wishes(found.repository, found.id),
        },
    )


async def known(look: Look, id: str) -> Improvement | None:
    """The improvement of this id, if the viewer may know of it."""
    async with look.sources.stores() as store:
        found = await store.improvement(id)
    return found if found is not None and look.viewer.may_see(found.repository) else None


def _sections(look: Look, counts: Mapping[State, int]) -> list[tuple[str, int, str]]:
    return [
        (name, sum(counts[state] for state in states), look.link("/improvements", section=name))
        for name, states in SECTIONS.items()
    ]


def _evidence(evidence: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """Each part of the evidence: its name, its verdict, and the rest of it in words."""
    found = []
    for name, part in sorted(evidence.items()):
        said: Mapping[str, Any] = part if isinstance(part, Mapping) else {"": part}
        verdict = str(said.get("verdict", "")) or "-"
        rest = "; ".join(
            f"{key.replace('_', ' ')} {_words(value)}".strip()
            for key, value in said.items()
            if key != "verdict" and value not in (None, "", [], {})
        )
        found.append((name.replace("_", " "), verdict, rest[:2000]))
    return found


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key} {_words(inner)}" for key, inner in value.items()) + ")"
    if isinstance(value, list):
        return ", ".join(_words(inner) for inner in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
