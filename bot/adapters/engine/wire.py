"""Jobs as plain JSON: what the engine keeps of them, and reads back after any upgrade."""

import hashlib
import json
from dataclasses import asdict
from typing import Any, Final

from bot.domain.jobs import Advance, CarryOut, Job, LookAtInstallation, LookAtRepository, Obey

_KINDS: Final[dict[str, type[Job]]] = {
    "advance": Advance,
    "look_at_repository": LookAtRepository,
    "look_at_installation": LookAtInstallation,
    "obey": Obey,
    "carry_out": CarryOut,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


class UnknownJobError(ValueError):
    """Another version of the program has made it."""


def to_wire(job: Job) -> dict[str, Any]:
    """The job as JSON values."""
    return {"kind": _NAMES[type(job)], **asdict(job)}


def from_wire(given: dict[str, Any]) -> Job:
    """The job that `to_wire` was given; UnknownJobError if it is none of ours."""
    values = dict(given)
    kind = _KINDS.get(str(values.pop("kind", "")))
    try:
        if kind is not None:
            return kind(**values)
    except TypeError:
        pass
    message = f"{given} is no job that this version knows"
    raise UnknownJobError(message)


def digest(job: Job) -> str:
    """The same for equal jobs, and for no others."""
    text = json.dumps(to_wire(job), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
