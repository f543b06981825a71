"""Requests counted in short slices of time: how many, and how many of them are hits.

A hit may be a part of one, any number from 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits and all requests of each slice, in the order of time; a slice may be empty."""

    hits: Sequence[float]
    totals: Sequence[float]

    @property
    def hit(self) -> float:
        """How many hits there are in all slices."""
        return sum(self.hits)

    @property
    def total(self) -> float:
        """How many requests there are in all slices."""
        return sum(self.totals)

    @property
    def share(self) -> float:
        """Hits per request; 0 without any."""
        return self.hit / self.total if self.total else 0.0

    def joined(self, slices: int) -> "Counts":
        """The same in coarser slices, each as long as so many of these."""
        starts = range(0, len(self.totals), slices)
        return Counts(
            [sum(self.hits[at : at + slices]) for at in starts],
            [sum(self.totals[at : at + slices]) for at in starts],
        )


def counted(slices: Sequence[int], hits: Sequence[float]) -> Counts:
    """Count requests by the number of their slice, 0 being the first."""
    size = max(slices, default=-1) + 1
    found, totals = [0.0] * size, [0.0] * size
    for number, hit in zip(slices, hits, strict=True):
        totals[number] += 1
        found[number] += hit
    return Counts(found, totals)
