"""Which commit most likely made an endpoint worse: what touches the code behind it comes first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.callgraph import CodePlace


@dataclass(frozen=True, slots=True)
class Touch:
    """A function, or with an empty name the rest of a file, that a commit changes."""

    file: str
    function: str


@dataclass(frozen=True, slots=True)
class Change:
    """A commit, with its pull request if it has one; `at` is when it was merged or deployed."""

    sha: str
    at: datetime
    touches: tuple[Touch, ...]
    pull_request: int | None = None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change that may be the reason; `share` of the suspicion (all of them add up to 1)."""

    change: Change
    share: float
    evidence: tuple[str, ...]


_IN_FUNCTION, _IN_FILE, _ELSEWHERE = 1.0, 0.25, 0.02
"""Weight of a change in a reachable function, elsewhere in its file, and anywhere else: the last
is not nothing, since configuration and data make services slow as well."""
_PER_CALL = 0.7
"""What one call more between the handler and the changed function leaves of the weight."""
_SHOWN = 5


def suspects(
    changes: Sequence[Change], behind: Iterable[CodePlace], start: datetime, end: datetime
) -> tuple[Suspect, ...]:
    """The changes from `start` to `end`, the most suspicious first; equal ones the latest first.

    `behind` are the functions reachable from the endpoint. `start` is when it was last seen good,
    `end` when it was first seen bad; both included. A change in a tenth call still counts more
    than one that touches nothing of it.
    """
    distances: dict[Touch, int] = {}
    for place in behind:
        touch = Touch(place.file, place.function)
        distances[touch] = min(place.distance, distances.get(touch, place.distance))
    files: dict[str, int] = {}
    for touch, distance in distances.items():
        files[touch.file] = min(distance, files.get(touch.file, distance))
    within = [change for change in changes if start <= change.at <= end]
    weighed = [(change, *_weight(change, distances, files)) for change in within]
    total = sum(weight for _, weight, _ in weighed)
    weighed.sort(key=lambda one: (one[1], one[0].at, one[0].sha), reverse=True)
    return tuple(Suspect(change, weight / total, why) for change, weight, why in weighed)


def _weight(
    change: Change, distances: dict[Touch, int], files: dict[str, int]
) -> tuple[float, tuple[str, ...]]:
    reasons: list[tuple[float, str]] = []
    for touch in dict.fromkeys(change.touches):
        distance = distances.get(touch)
        if distance is not None:
            weight = _IN_FUNCTION * _PER_CALL**distance
            reasons.append((weight, f"it changes `{touch.function}`, {_steps(distance)}"))
        elif touch.file in files:
            weight = _IN_FILE * _PER_CALL ** files[touch.file]
            reasons.append((weight, f"it changes {touch.file}, which has code behind it"))
    if not reasons:
        return _ELSEWHERE, ("it changes nothing that was found behind it",)
    reasons.sort(reverse=True)
    # Independent doubts: many touches make it likelier, and never more than certain.
    innocent = 1.0
    for weight, _ in reasons:
        innocent *= 1 - min(weight, 0.95)
    return 1 - innocent, tuple(dict.fromkeys(why for _, why in reasons))[:_SHOWN]


def _steps(distance: int) -> str:
    if not distance:
        return "the handler"
    return "one call below the handler" if distance == 1 else f"{distance} calls below the handler"
