"""A series of numbers over time; a missing one is NaN and stays missing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Series:
    """Values with their times in seconds since 1970, in order; ValueError for anything else."""

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.times) != len(self.values):
            raise ValueError(f"{len(self.times)} times for {len(self.values)} values")
        if any(late < early for early, late in pairwise(self.times)):
            raise ValueError("times go back")

    @classmethod
    def spaced(cls, values: Sequence[float], step: float = 300.0, start: float = 0.0) -> "Series":
        """Values that are `step` seconds apart."""
        return cls(tuple(start + step * i for i in range(len(values))), tuple(values))

    def known(self) -> list[int]:
        """The indices whose value is a finite number."""
        return [i for i, value in enumerate(self.values) if math.isfinite(value)]
