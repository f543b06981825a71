"""Judges windows of which only summaries are known, by what is usual: two running must be off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

FEWEST: Final = 8
"""Summaries of a baseline below which nobody knows what is usual."""
_MAD: Final = 1.4826
"""The standard deviation over the median absolute deviation, of a normal distribution."""
_SLIGHT: Final = 0.02
"""A deviation of the logarithm that nothing is too steady for: 2 %."""
_MOST, _TOGETHER, _ENOUGH_ERRORS = 4.0, 6.0, 0.5
"""How many deviations one window counts at most, and how many two running need together: so one
window, however bad, proves nothing. The last keeps single errors of many windows from doing it."""
_TRIMMED: Final = 0.98
"""The part of a baseline's windows that says how errors usually cluster; the rest had incidents."""
_INCIDENT: Final = 30.0
"""How many times the expected errors a window has too many to be any but an incident."""


@dataclass(frozen=True, slots=True)
class UsualLatency:
    """The middle of the logarithms, and their usual deviation, neither moved by outliers."""

    middle: float
    deviation: float

    def off(self, milliseconds: float) -> float:
        """How many deviations slower than usual; negative is faster."""
        return (math.log(max(milliseconds, 1e-9)) - self.middle) / self.deviation


@dataclass(frozen=True, slots=True)
class UsualErrors:
    """The error rate, and by how much more than independent requests its windows vary."""

    share: float
    clustering: float

    def off(self, errors: float, requests: float) -> float:
        """How many deviations more errors than usual."""
        variance = self.clustering * self.share * (1 - self.share) * requests
        return (errors - 0.5 - self.share * requests) / math.sqrt(variance + _ENOUGH_ERRORS)


def usual_latency(values: Sequence[float]) -> UsualLatency | None:
    """What is usual of one summary (a mean, a percentile); None if there are too few."""
    logs = [math.log(value) for value in values if value > 0]
    if len(logs) < FEWEST:
        return None
    middle = median(logs)
    deviation = _MAD * median(abs(one - middle) for one in logs)
    return UsualLatency(middle, max(_SLIGHT, deviation))


def usual_errors(windows: Sequence[tuple[float, float]]) -> UsualErrors | None:
    """What is usual of (errors, requests); None if there are too few windows."""
    filled = [(k, n) for k, n in windows if n >= 1]
    if len(filled) < FEWEST:
        return None
    # Twice: the second time without the windows that the first time shows to be incidents.
    kept = filled
    for _ in range(2):
        share = (sum(k for k, _ in kept) + 0.5) / (sum(n for _, n in kept) + 1)
        squares = sorted((k - share * n) ** 2 / (share * (1 - share) * n) for k, n in kept)
        kept = [(k, n) for k, n in kept if (k / n - share) * n < _INCIDENT * max(1, share * n)]
    usual = squares[: max(1, int(len(squares) * _TRIMMED))]
    return UsualErrors(share, max(1.0, sum(usual) / len(usual)))


def first_worse(off: Sequence[float]) -> int | None:
    """The number of the first window, from 0, that is too far off together with the one before."""
    for number in range(1, len(off)):
        if min(_MOST, off[number - 1]) + min(_MOST, off[number]) > _TOGETHER:
            return number
    return None
