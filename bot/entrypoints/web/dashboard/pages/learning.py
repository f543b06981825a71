"""What was learned: how models did, what a person prefers, and what was learned last."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.bootstrap.records import records_ports
from bot.domain.events import about_repository
from bot.domain.preferences import EVERYBODY, Preference, Sums, rank
from bot.entrypoints.web.dashboard.look import Look, Shown
from bot.entrypoints.web.problems import Problem
from bot.learning.preference_tracker import PreferenceTracker

_EVENTS: Final = 30


@dataclass(frozen=True, slots=True)
class Comparison:
    """The models of one task, the best first."""

    task: str
    models: Sequence[Preference]


async def shown(look: Look) -> Shown | Problem:
    """Models beside each other, the viewer's own preferences, and the latest events."""
    subject = about_repository(look.repository)
    async with look.sources.stores() as store:
        ours = await store.sums(subject)
        everybody = await store.sums(EVERYBODY) if look.viewer.is_operator else ()
        events = await store.events(subject, limit=_EVENTS)
    mine, following = await _own(look)
    return Shown(
        "learning.html",
        "Learning",
        {
            "ours": _compared(ours),
            "everybody": _compared(everybody),
            "is_operator": look.viewer.is_operator,
            "login": look.viewer.login,
            "mine": mine,
            "following": following,
            "events": list(reversed(events)),
        },
    )


async def _own(look: Look) -> tuple[dict[str, Any], Any]:
    """What the viewer prefers and is likely to do next; nothing of the operator is known."""
    if not look.viewer.login:
        return {}, None
    ports = records_ports(look.sources.stores)
    tracker = PreferenceTracker(None, look.sources.learning_rate, ports=ports)
    settings = await tracker.get_preferred_settings(user_id=look.viewer.login)
    return settings, await tracker.predict_next_activity(user_id=look.viewer.login)


def _compared(sums: Sequence[tuple[str, Sums]]) -> list[Comparison]:
    by_task: dict[str, list[Sums]] = defaultdict(list)
    for task, one in sums:
        by_task[task].append(one)
    return [Comparison(task, rank(found)) for task, found in sorted(by_task.items())]
