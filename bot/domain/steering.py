"""What was asked for one improvement, by people and of the host, as the events remember it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.events import LearningEvent
from bot.domain.improvement import State

_FOUND = f"improvement_{State.FOUND}"


class Steered(StrEnum):
    """The types of the events that this module reads."""

    APPROVED = "person_approved"
    HELD_BY_PERSON = "person_held"
    RESUMED = "person_resumed"
    REVERT_ASKED = "person_asked_revert"
    QUEUED = "merge_queued"


@dataclass(frozen=True, slots=True)
class Steering:
    """The sum of what was said: an approval is of one commit, and a hold lasts until a resume.

    What went back to found from held was made anew, by itself or because a person asked for it.
    `queued` holds a commit as often as the host was asked to merge it when its turn comes.
    """

    approved_sha: str = ""
    approved_by: str = ""
    held_by: str = ""
    rebuilt: bool = False
    revert_asked_by: str = ""
    queued: tuple[str, ...] = ()


def steering_of(events: Iterable[LearningEvent]) -> Steering:
    """What holds after these events of one improvement, oldest first."""
    found = Steering()
    for event in events:
        person = str(event.after_state.get("by", ""))
        match event.event_type:
            case Steered.APPROVED:
                sha = str(event.after_state.get("sha", ""))
                found = replace(found, approved_sha=sha, approved_by=person)
            case Steered.HELD_BY_PERSON:
                found = replace(found, held_by=person, approved_sha="", approved_by="")
            case Steered.RESUMED:
                found = replace(found, held_by="", queued=())
            case _ if event.event_type == _FOUND and event.before_state.get("state") == State.HELD:
                found = replace(found, rebuilt=True)
            case Steered.REVERT_ASKED:
                found = replace(found, revert_asked_by=person)
            case Steered.QUEUED:
                sha = str(event.after_state.get("sha", ""))
                found = replace(found, queued=(*found.queued, sha))
            case _:
                pass
    return found
