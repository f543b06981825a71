"""What became of an improvement, as evidence about the engine or model that made it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from bot.domain.improvement import Improvement, State

IMPROVING = "code_improvement"
"""The task type of improvements, of their ratings and of what becomes of them."""


class Signal(StrEnum):
    """An outcome that says more than a thumb."""

    CHECKS_GREEN = "checks_green"
    MERGED_UNCHANGED = "merged_unchanged"
    MERGED_EDITED = "merged_edited"
    CLOSED = "closed"
    REVERTED = "reverted"
    GAIN_MEASURED = "gain_measured"


class Worth(NamedTuple):
    """A reward, 0 to 1, and how many ratings it is worth."""

    reward: float
    weight: float


WORTH: Mapping[Signal, Worth] = MappingProxyType(
    {
        Signal.CHECKS_GREEN: Worth(0.75, 1.5),
        Signal.MERGED_UNCHANGED: Worth(1.0, 3.0),
        Signal.MERGED_EDITED: Worth(0.75, 3.0),
        Signal.CLOSED: Worth(0.0, 3.0),
        Signal.REVERTED: Worth(0.0, 6.0),
        Signal.GAIN_MEASURED: Worth(1.0, 6.0),
    }
)
"""Stated, not fitted: each outranks a thumb (1), and what was measured what was decided."""


def signals_of(before: Improvement | None, after: Improvement) -> tuple[Signal, ...]:
    """What a change of state says; nothing where the state has not changed."""
    if before is None or before.state is after.state:
        return ()
    match after.state:
        case State.MERGED if before.state in (State.OPEN, State.HELD):
            return (Signal.CHECKS_GREEN, Signal.MERGED_UNCHANGED)
        case State.ABANDONED if after.pull_request is not None:
            return (Signal.CLOSED,)
        case State.REVERTED:
            return (Signal.REVERTED,)
        case State.KEPT if _gained(after):
            return (Signal.GAIN_MEASURED,)
        case _:
            return ()


def _gained(improvement: Improvement) -> bool:
    gain = improvement.evidence.get("gain")
    return isinstance(gain, Mapping) and gain.get("verdict") == "arrived"
