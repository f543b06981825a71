"""Memory of made-up services: ten healthy shapes and eight that leak, drawn from seeds.

A leak's growth is what it adds over the whole span as a share of the level, were the process never
restarted. Values are in megabytes, five minutes apart, as a mean over the window or as its minimum.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

STEP = 300.0
HEALTHY = (
    "flat", "warm-up", "daily cycle", "cache fill", "restarts", "deployments", "saw-tooth",
    "batch jobs", "wandering", "mixed",
)  # fmt: skip
LEAKING = (
    "steady", "with daily cycle", "by traffic", "with restarts", "with deployments",
    "under saw-tooth", "late", "stepwise",
)  # fmt: skip


@dataclass
class Memory:
    """A series with the times of its process starts."""

    shape: str
    leaks: bool
    growth: float
    values: list[float]
    starts: list[float] = field(default_factory=list)


def memory(rng: random.Random, shape: str, hours: float, growth: float) -> Memory:
    """One service of that shape; `growth` is 0 for a healthy one."""
    return _Service(rng, shape, hours, growth).run()


def mixture(seed: int, each: int, hours: float, growth: float) -> Iterator[Memory]:
    """`each` of every shape."""
    for shape in (*HEALTHY, *LEAKING):
        rng = random.Random(f"{seed} {hours} {growth} {shape}")
        for _ in range(each):
            yield memory(rng, shape, hours, growth if shape in LEAKING else 0.0)


class _Service:
    def __init__(self, rng: random.Random, shape: str, hours: float, growth: float) -> None:
        self.rng, self.shape, self.hours, self.growth = rng, shape, hours, growth
        self.n = round(hours * 12)
        self.level = math.exp(rng.uniform(math.log(30), math.log(4000)))
        self.parts = self._parts()

    def _parts(self) -> set[str]:
        """What the shape is made of; many services also warm up, and some have a bit of all."""
        rng, shape = self.rng, self.shape
        parts = {
            "with daily cycle": {"daily"}, "daily cycle": {"daily"}, "by traffic": {"traffic"},
            "warm-up": {"warm"}, "cache fill": {"cache"}, "restarts": {"restarts", "warm"},
            "with restarts": {"restarts", "warm"}, "deployments": {"deployments", "warm"},
            "with deployments": {"deployments", "warm"}, "saw-tooth": {"saw"},
            "under saw-tooth": {"saw"}, "batch jobs": {"batch"}, "wandering": {"wander"},
        }.get(shape, set())  # fmt: skip
        if shape == "mixed":
            every = ["warm", "daily", "cache", "saw", "batch", "wander"]
            parts = set(rng.sample(every, rng.randint(2, 4)))
            if rng.random() < 0.4:
                parts.add(rng.choice(("restarts", "deployments")))
        if rng.random() < 0.5:
            parts.add("warm")
        if rng.random() < 0.12:
            parts.add(rng.choice(("daily", "saw", "batch", "wander")))
        if self.growth and rng.random() < 0.1:
            parts.add("cache")
        return parts

    def run(self) -> Memory:
        rng, n = self.rng, self.n
        starts = self._starts()
        usage = [self.level] * n
        for part, change in (
            ("daily", self._daily), ("saw", self._saw), ("batch", self._batch),
            ("wander", self._wander),
        ):  # fmt: skip
            if part in self.parts:
                usage = [a + b for a, b in zip(usage, change(), strict=True)]
        usage = [a + b for a, b in zip(usage, self._by_age(starts), strict=True)]
        noise = self.level * math.exp(rng.uniform(math.log(0.0003), math.log(0.025)))
        if rng.random() < 0.5:
            usage = [value + abs(rng.gauss(0, noise)) for value in usage]
        else:
            usage = [value + rng.gauss(0, noise) for value in usage]
        if rng.random() < 0.25:
            usage = self._kept(usage, starts)
        usage = [round(max(1.0, value), rng.choice((1, 2, 3))) for value in usage]
        times = [i * STEP for i in starts]
        return Memory(self.shape, self.growth > 0, self.growth, usage, times)

    def _starts(self) -> list[int]:
        """Indices at which a process began; the first may be from before the series."""
        rng, n = self.rng, self.n
        first = [0] if rng.random() < 0.6 else []
        days = self.hours / 24
        count = 0
        if "restarts" in self.parts:
            count = rng.randint(1, max(2, round(2.5 * min(days, 4))))
        if "deployments" in self.parts:
            count = rng.randint(1, max(2, round(1.5 * min(days, 5))))
        if count and rng.random() < 0.4:
            gap = n // (count + 1)
            return first + [gap * (i + 1) + rng.randint(-2, 2) for i in range(count)]
        return first + sorted(rng.sample(range(12, n - 12), count))

    def _daily(self) -> list[float]:
        rng, two_pi = self.rng, 2 * math.pi
        size, phase = self.level * rng.uniform(0.03, 0.25), rng.random()
        second, lag = rng.uniform(0, 0.4), rng.random()
        return [
            size
            * (
                math.sin(two_pi * (i / 288 + phase))
                + second * math.sin(2 * two_pi * (i / 288 + lag))
            )
            / 2
            for i in range(self.n)
        ]

    def _saw(self) -> list[float]:
        rng = self.rng
        size = self.level * rng.uniform(0.05, 0.5)
        period = math.exp(rng.uniform(math.log(3), math.log(60)))
        found, height, top = [], rng.random(), 1.0
        for _ in range(self.n):
            height += 1 / period * rng.uniform(0.5, 1.5)
            if height > top:
                height, top = rng.uniform(0, 0.1), rng.uniform(0.8, 1.2)
            found.append(size * height)
        return found

    def _batch(self) -> list[float]:
        rng = self.rng
        size, chance = self.level * rng.uniform(0.1, 0.6), rng.uniform(0.005, 0.04)
        found, left, now = [], 0, 0.0
        for _ in range(self.n):
            if left == 0 and rng.random() < chance:
                left, now = rng.randint(2, 24), size * rng.uniform(0.4, 1)
            left = max(0, left - 1)
            found.append(now if left else 0.0)
        return found

    def _wander(self) -> list[float]:
        rng = self.rng
        size, keep, value = self.level * rng.uniform(0.01, 0.06), rng.uniform(0.9, 0.985), 0.0
        found = []
        for _ in range(self.n):
            value = keep * value + rng.gauss(0, math.sqrt(1 - keep * keep))
            found.append(size * max(-2.0, min(2.0, value)))
        return found

    def _by_age(self, starts: list[int]) -> list[float]:
        """What depends on how old the process is: warm-up, caches, the leak, a release's size."""
        rng, n, level = self.rng, self.n, self.level
        warm = level * rng.uniform(0.05, 0.7) if "warm" in self.parts else 0.0
        tau = rng.uniform(1, 18) if rng.random() < 0.7 else rng.uniform(12, 40)
        fill = self._cache()
        begun = set(starts)
        age = 0 if 0 in begun else rng.randint(300, 3000)
        release, leak = 0.0, self._leak()
        found, leaked = [], 0.0
        for i in range(n):
            if i in begun and i > 0:
                age, leaked = 0, 0.0
                if "deployments" in self.parts:
                    release = level * rng.uniform(-0.12, 0.25)
            leaked += leak[i]
            found.append(release + leaked - warm * math.exp(-age / tau) + fill(age))
            age += 1
        return found

    def _cache(self) -> Callable[[int], float]:
        rng = self.rng
        if "cache" not in self.parts:
            return lambda _: 0.0
        size = self.level * rng.uniform(0.1, 1.2)
        if rng.random() < 0.5:
            full = self.n * rng.uniform(0.08, 0.7)
            return lambda age: size * min(1.0, age / full)
        tau = self.n * rng.uniform(0.04, 0.22)
        return lambda age: size * (1 - math.exp(-age / tau))

    def _leak(self) -> list[float]:
        """What leaks in each window; it sums to the growth."""
        rng, n = self.rng, self.n
        if not self.growth:
            return [0.0] * n
        weights = [1.0] * n
        if "traffic" in self.parts:
            phase, deep = rng.random(), rng.uniform(0.5, 1)
            weights = [1 + deep * math.sin(2 * math.pi * (i / 288 + phase)) for i in range(n)]
        elif self.shape == "late":
            begin = n * rng.uniform(0.15, 0.5)
            weights = [float(i > begin) for i in range(n)]
        elif self.shape == "stepwise":
            chance = rng.uniform(8, 40) / n
            weights = [rng.uniform(0.3, 1.7) if rng.random() < chance else 0.0 for _ in range(n)]
        whole = math.fsum(weights) or 1.0
        return [self.growth * self.level * weight / whole for weight in weights]

    def _kept(self, usage: list[float], starts: list[int]) -> list[float]:
        """Resident memory: what was freed goes back to the system only in part, and in pieces."""
        rng = self.rng
        give, held, found = rng.uniform(0.0, 0.15), usage[0], []
        begun = set(starts)
        for i, value in enumerate(usage):
            held = value if value > held or i in begun else held - give * (held - value)
            found.append(held)
        return found
