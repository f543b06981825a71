"""Series with known answers, drawn from seeds: steps in noise of many kinds."""

import math
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

Noise = Callable[[random.Random, int], list[float]]


class Labelled(NamedTuple):
    """A series with the first index of each new level; `ignored` places count neither way."""

    name: str
    values: list[float]
    changes: list[int]
    ignored: list[int]


def _normal(rng: random.Random, n: int) -> list[float]:
    return [rng.gauss(0, 1) for _ in range(n)]


def _heavy(rng: random.Random, n: int) -> list[float]:
    """Student's t with three degrees of freedom."""
    return [rng.gauss(0, 1) / math.sqrt(rng.gammavariate(1.5, 2) / 3) for _ in range(n)]


def _skewed(rng: random.Random, n: int) -> list[float]:
    return [rng.lognormvariate(0, 0.8) for _ in range(n)]


def _two_modes(rng: random.Random, n: int) -> list[float]:
    """Two kinds of machine, drawn anew for every value."""
    share = rng.uniform(0.15, 0.5)
    return [rng.gauss(4 if rng.random() < share else 0, 0.5) for _ in range(n)]


def _dragging(rng: random.Random, n: int) -> list[float]:
    """A first-order autoregression."""
    keep, value, found = rng.uniform(0.2, 0.6), 0.0, []
    for _ in range(n):
        value = keep * value + rng.gauss(0, math.sqrt(1 - keep * keep))
        found.append(value)
    return found


def _outlying(rng: random.Random, n: int) -> list[float]:
    return [rng.gauss(0, 1) + (rng.uniform(8, 40) if rng.random() < 0.04 else 0) for _ in range(n)]


def _daily(rng: random.Random, n: int) -> list[float]:
    """A cycle of 24 values."""
    shift = rng.random()
    return [rng.gauss(0, 1) + 2 * math.sin(2 * math.pi * (i / 24 + shift)) for i in range(n)]


def _rounded(rng: random.Random, n: int) -> list[float]:
    return [round(rng.gauss(0, 1) / 1.5) * 1.5 for _ in range(n)]


NOISES: dict[str, Noise] = {
    "normal": _normal,
    "heavy tails": _heavy,
    "skewed": _skewed,
    "two modes": _two_modes,
    "autocorrelated": _dragging,
    "outliers": _outlying,
    "daily cycle": _daily,
    "rounded": _rounded,
}


def with_changes(seed: int, each: int) -> Iterator[Labelled]:
    """`each` series of every noise with 0 to 3 steps of 3 to 50 % and at least 1.5 noises."""
    for name, noise in NOISES.items():
        rng = random.Random(f"{seed} {name}")
        for number in range(each):
            n = rng.randint(100, 400)
            width = math.exp(rng.uniform(math.log(0.002), math.log(0.1)))
            steps = _places(rng, n, rng.choice((0, 0, 1, 1, 2, 3)))
            level, values = 1.0, []
            sizes = {at: _size(rng, width) for at in steps}
            for i, one in enumerate(noise(rng, n)):
                level *= 1 + sizes.get(i, 0.0)
                values.append(1000 * level * (1 + width * one))
            yield Labelled(f"{name} {number}", values, steps, [])


def _places(rng: random.Random, n: int, count: int) -> list[int]:
    while True:
        found = sorted(rng.randint(20, n - 20) for _ in range(count))
        if all(late - early >= 25 for early, late in pairwise(found)):
            return found


def _size(rng: random.Random, width: float) -> float:
    least = min(0.5, max(0.03, 1.5 * width))
    up = math.exp(rng.uniform(math.log(least), math.log(0.5)))
    return up if rng.random() < 0.5 else 1 / (1 + up) - 1


def stationary(seed: int, each: int) -> Iterator[Labelled]:
    """150 independent values of every noise whose values do not depend on one another."""
    for name in ("normal", "heavy tails", "skewed", "two modes", "outliers", "rounded"):
        rng = random.Random(f"{seed} stationary {name}")
        for number in range(each):
            width = math.exp(rng.uniform(math.log(0.002), math.log(0.3)))
            values = [1000 * math.exp(width * one) for one in NOISES[name](rng, 150)]
            yield Labelled(f"{name} {number}", values, [], [])
