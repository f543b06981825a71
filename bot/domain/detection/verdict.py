"""The three answers of a detection, each with its reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Direction(StrEnum):
    """Where a series went."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Point:
    """One place in a series: the first value of a new level, or one that sticks out.

    `effect` is relative to the level before (0.5 is half as much again), `p` the probability of
    seeing that much by chance, `low` and `high` the first and last index where it may have been.
    """

    index: int
    timestamp: float
    direction: Direction
    effect: float
    p: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Found:
    """Something is there, at these points in order."""

    points: tuple[Point, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """There was enough to see it, and nothing is there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The series cannot tell; never to be read as nothing."""

    reason: str


Detection: TypeAlias = Found | NotFound | Inconclusive
