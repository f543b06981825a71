"""How often hits come in the baseline, how they cluster, and how that changes over its periods."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.analysis.clusters import BLOCKS, YES_OR_NO, Kind, blend, smoothed_variance
from bot.domain.analysis.counts import Counts

_SHORTEST_PERIOD, _LONGEST_PERIOD, _PERIODS = 12, 60, 6
"""Slices of a period at least and at most, and how many periods there shall be."""


@dataclass(frozen=True, slots=True)
class Level:
    """A share of hits, as a baseline shows it.

    `clustering` is the design effect: by how much more than independent requests the shares of
    blocks of time vary. `spread` is the standard error of the share as a forecast for another
    time, both for the baseline's size and for how its periods differ among each other.
    """

    share: float
    spread: float
    clustering: float
    kind: Kind = YES_OR_NO


def level_of(counts: Counts, kind: Kind = YES_OR_NO) -> Level:
    """Estimate the level over all periods of the baseline: one of them may be unlucky."""
    variance = smoothed_variance(counts.hit, counts.total)
    period = max(_SHORTEST_PERIOD, min(_LONGEST_PERIOD, len(counts.totals) // _PERIODS))
    clustering = max(
        blend(
            [_residuals(part) for part in _parts(counts.joined(size), period // size)],
            variance,
            kind,
        )
        for size in BLOCKS
    )
    own = clustering * variance / (counts.total + 2)
    drift = _drift(counts.joined(period), clustering * variance)
    return Level(counts.share, math.sqrt(own + drift), clustering, kind)


def _parts(blocks: Counts, size: int) -> Iterator[Counts]:
    size = max(2, size)
    for at in range(0, max(1, len(blocks.totals)), size):
        yield Counts(blocks.hits[at : at + size], blocks.totals[at : at + size])


def _residuals(part: Counts) -> tuple[float, float, int]:
    """Squared residuals of a period's blocks around its own mean, requests, and blocks but one."""
    filled = sum(n > 0 for n in part.totals)
    if filled < 2:
        return 0.0, 0.0, 0
    share = part.share
    squares = sum((k - share * n) ** 2 for k, n in zip(part.hits, part.totals, strict=True))
    return squares * filled / (filled - 1), part.total, filled - 1


def _drift(periods: Counts, variance: float) -> float:
    """The variance of the share from period to period beyond what their size explains."""
    filled = [(k / n, n) for k, n in zip(periods.hits, periods.totals, strict=True) if n > 0]
    if len(filled) < 2:
        return 0.0
    mean = sum(share for share, _ in filled) / len(filled)
    between = sum((share - mean) ** 2 for share, _ in filled) / (len(filled) - 1)
    chance = sum(variance / n for _, n in filled) / len(filled)
    return max(0.0, between - chance)
