"""Least squares for a handful of columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Fit:
    """The last column's coefficient with its standard error, and the residuals' square sum."""

    slope: float
    error: float
    rest: float


def fit(columns: Sequence[Sequence[float]], values: Sequence[float]) -> Fit:
    """Fit values by columns; the last column is the one that is asked for.

    Columns are made orthogonal in turn (modified Gram and Schmidt); one that the others already
    say counts as nothing. The standard error allows for the residuals' autocorrelation.
    """
    rest = list(values)
    bases: list[list[float]] = []
    slope, size = 0.0, 0.0
    for column in columns:
        base = list(column)
        whole = math.fsum(one * one for one in base)
        for other in bases:
            _take(base, other)
        size = math.fsum(one * one for one in base)
        slope = 0.0
        if size > _TINY * whole:
            size = math.sqrt(size)
            base = [one / size for one in base]
            bases.append(base)
            slope = _take(rest, base) / size
        else:
            size = 0.0
    square = math.fsum(one * one for one in rest)
    free = len(values) - len(bases)
    if not size or free < 1:
        return Fit(slope, math.inf, square)
    return Fit(slope, math.sqrt(square / free * _drag(rest, square)) / size, square)


def _take(vector: list[float], base: Sequence[float]) -> float:
    share = math.fsum(map(float.__mul__, vector, base))
    for i, one in enumerate(base):
        vector[i] -= share * one
    return share


def _drag(rest: Sequence[float], square: float) -> float:
    """How many dependent residuals say what an independent one does."""
    if not square:
        return 1.0
    both = math.fsum(a * b for a, b in pairwise(rest)) / square
    keep = min(0.9, max(0.0, both))
    return (1 + keep) / (1 - keep)
