"""Says how likely a shape is a leak's: boosted trees whose numbers training has written."""

import math
from collections.abc import Mapping
from functools import cache

from bot.domain.detection.memory.numbers import BASE, NAMES, TREES

_Node = tuple[float, ...]
"""A leaf's value; or a feature, a threshold, and the nodes up to it and beyond it."""


def likelihood(features: Mapping[str, float]) -> float:
    """Between 0 and 1; KeyError where a feature that the trees ask for is missing."""
    row = [features[name] for name in NAMES]
    score = BASE + math.fsum(_walk(tree, row) for tree in _trees())
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def _walk(tree: tuple[_Node, ...], row: list[float]) -> float:
    node = tree[0]
    while len(node) == 4:
        feature, threshold, left, right = node
        node = tree[int(left if row[int(feature)] <= threshold else right)]
    return node[0]


@cache
def _trees() -> tuple[tuple[_Node, ...], ...]:
    """A tree ends with a bar, a node with a semicolon."""
    texts = TREES.replace("\n", "").split("|")
    return tuple(
        tuple(tuple(float(one) for one in node.split()) for node in text.split(";"))
        for text in texts
        if text
    )
