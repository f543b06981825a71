"""Optimisations of realistic functions: right ones, and ones that are wrong in one subtle way.

All are made up for this purpose, from the mistakes that people and models make when they optimise.
`tests` is what the function's project would have; those of a wrong pair pass on both sides. `shows`
is an expression in the module's names that differs between the two, which is why the pair is wrong;
a right pair may have one, too, that is alike on both sides, near where a mistake would be.
"""

from equivalence_pairs import (
    errors,
    laziness,
    moments,
    numbers,
    objects,
    ordering,
    plain_right,
    plain_wrong,
    recursion,
    searching,
    sharing,
    texts,
)
from equivalence_pairs.made import Pair, problem

__all__ = ["RIGHT", "WRONG", "Pair", "problem"]

_THEMES = (
    searching,
    ordering,
    texts,
    numbers,
    moments,
    sharing,
    errors,
    laziness,
    objects,
    recursion,
)
RIGHT: list[Pair] = [
    *plain_right.RIGHT,
    *(one for theme in _THEMES for one in theme.RIGHT),
]
WRONG: list[Pair] = [
    *plain_wrong.WRONG,
    *(one for theme in _THEMES for one in theme.WRONG),
]
