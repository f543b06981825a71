"""What a look at a deployment comes to: a phase, why, and the measurements behind it.

Successful, failed, error and inconclusive are four different things; no data is never a success.
"""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where the watch of one deployment stands."""

    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric of one endpoint on both sides; times in milliseconds, rates as fractions.

    `bad` is certainly worse; `doubtful` may be, which only more data can tell.
    """

    metric: str
    endpoint: str
    baseline: float
    candidate: float
    baseline_count: int
    candidate_count: int
    bad: bool
    why: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """The phase with its reason and every measurement it rests on.

    `unmeasured` requests had no usable value: errors of measuring, neither good nor bad.
    """

    phase: Phase
    why: str
    measurements: tuple[Measurement, ...] = ()
    unmeasured: int = 0
