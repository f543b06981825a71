"""Evidence that hits come more often than they may: an e-process, valid at whatever moment.

An e-process (Grünwald, de Heide and Koolen 2019; Ramdas et al. 2023) is a bet against the null
that is fair at best while the null holds, so by Ville's inequality it ever exceeds 1/a with
probability a at most, however often one looks. Here it is the mean of likelihood ratios of several
higher shares to the highest tolerated one, kept as logarithms, because the ratios themselves
leave a float's range after some ten thousand requests.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.analysis.counts import Counts

_LOWEST, _HIGHEST = 1e-6, 1 - 1e-6
FEWEST_SLICES, MOST_SLICES, BUSY = 2.5, 6.0, 8.0
"""How many slices at least must bring the evidence that is needed: so many at little traffic, and
more the more requests there are in a slice, where one burst could bring it all."""


@dataclass(frozen=True, slots=True)
class Bet:
    """Log likelihood ratio of each hit and of each miss, tempered by the clustering."""

    hit: float
    miss: float


def bets(
    null: float, clustering: float, steps: Sequence[float], also: Sequence[float] = ()
) -> list[Bet]:
    """Bets on shares above `null` by so many log odds, and on those of `also` that are above it.

    Dividing the log likelihood by the design effect makes a bet on clustered hits as fair as one
    on independent ones (the quasi-likelihood of Wedderburn 1974).
    """
    null = min(_HIGHEST, max(_LOWEST, null))
    odds = math.log(null / (1 - null))
    shares = [1 / (1 + math.exp(-odds - step)) for step in steps]
    shares += [share for share in also if share > null * 1.25]
    return [
        Bet(
            math.log(share / null) / clustering,
            math.log((1 - share) / (1 - null)) / clustering,
        )
        for share in (min(_HIGHEST, one) for one in shares)
    ]


def accumulate(counts: Counts, placed: Sequence[Bet], needed: float) -> Iterator[list[float]]:
    """The logarithm of every bet's worth after each slice.

    No slice adds more than its part of what is `needed`, so that one burst proves nothing; to take
    less of a gain keeps the bet fair.
    """
    worth = [0.0] * len(placed)
    for hits, total in zip(counts.hits, counts.totals, strict=True):
        misses = total - hits
        most = needed / min(MOST_SLICES, max(FEWEST_SLICES, total / BUSY))
        worth = [
            old + min(most, hits * bet.hit + misses * bet.miss)
            for old, bet in zip(worth, placed, strict=True)
        ]
        yield worth


def log_mean(logs: Sequence[float]) -> float:
    """The logarithm of the mean of what these are the logarithms of, without leaving the range."""
    highest = max(logs)
    return highest + math.log(sum(math.exp(one - highest) for one in logs) / len(logs))
