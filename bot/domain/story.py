"""The story of one improvement, from what was first seen to its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.events import LearningEvent
from bot.domain.improvement import Improvement


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that happened, in words."""

    at: datetime
    what: str
    why: str


def story_of(improvement: Improvement, events: Sequence[LearningEvent]) -> list[Chapter]:
    """What was seen, then every event about it in the order of time, then where it stands."""
    finding = improvement.finding
    seen = f"`{finding.rule}` in {finding.file}:{finding.line}: {finding.description}"
    first = Chapter(improvement.created_at, f"seen: {seen}", finding.evidence)
    told = [Chapter(one.at, _what(one), one.reason) for one in events]
    last = Chapter(improvement.updated_at, f"now {improvement.state}", improvement.reason)
    return [first, *told, last]


def _what(event: LearningEvent) -> str:
    words = event.event_type.replace("_", " ")
    rating = f", impact {event.impact_score:.2f}" if event.impact_score else ""
    before = event.before_state.get("state")
    return f"{words}{f' (was {before})' if before else ''}{rating}"


def story_json(improvement: Improvement, events: Sequence[LearningEvent]) -> dict[str, Any]:
    """The same as plain JSON, with the patch's size, what was measured and the commits."""
    patch = improvement.patch
    return {
        "id": improvement.id,
        "repository": improvement.repository,
        "state": str(improvement.state),
        "engine": improvement.engine,
        "confidence": improvement.confidence,
        "files": [] if patch is None else [change.path for change in patch.changes],
        "evidence": dict(improvement.evidence),
        "pull_request": improvement.pull_request,
        "commit": improvement.head_sha,
        "merge": improvement.merge_sha,
        "revert": improvement.revert_sha,
        "story": [
            {"at": one.at.isoformat(), "what": one.what, "why": one.why}
            for one in story_of(improvement, events)
        ],
        "events": [event_json(event) for event in events],
    }


def event_json(event: LearningEvent) -> dict[str, Any]:
    """One event as plain JSON."""
    return {
        "at": event.at.isoformat(),
        "event_type": event.event_type,
        "subject": event.subject,
        "before_state": dict(event.before_state),
        "after_state": dict(event.after_state),
        "impact_score": event.impact_score,
        "reason": event.reason,
    }
