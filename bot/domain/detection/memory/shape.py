"""The shape of memory's floor in numbers that do not depend on its unit."""

import math
from collections.abc import Sequence
from itertools import pairwise

from bot.domain.detection.memory.fitting import Fit, fit
from bot.domain.detection.memory.floor import Bin, Floor
from bot.domain.detection.ranks import median

_SIXTHS = 6
_SETTLING = (0.03, 0.08, 0.2, 0.45)
"""Time constants that are tried for a fill to a bound, as shares of the span."""


def shape(floor: Floor, *, known: bool) -> dict[str, float]:
    """The features by name; `known` says whether starts were given rather than inferred."""
    bins = floor.bins
    longest = _longest(bins)
    span, level = max(floor.hours, 1e-9), max(floor.level, 1e-9)
    found = {
        "known": float(known),
        "hours": span,
        "processes": float(floor.processes),
        "drops": floor.drops / span * 24,
        "noise": floor.noise / level,
        "longest": (longest[-1].hour - longest[0].hour) / span,
    }
    found |= _fits(bins, span, level)
    found |= _of_longest(longest, level)
    found |= _of_processes(bins, level)
    found |= _of_days(bins, span, level)
    return found


def growth(floor: Floor) -> Fit:
    """Growth per hour within processes, each with a level of its own."""
    return fit([*_levels(floor.bins), [one.age for one in floor.bins]], _floors(floor.bins))


def _floors(bins: Sequence[Bin]) -> list[float]:
    return [one.floor for one in bins]


def _levels(bins: Sequence[Bin]) -> list[list[float]]:
    numbers = sorted({one.process for one in bins})
    return [[float(one.process == number) for one in bins] for number in numbers]


def _longest(bins: Sequence[Bin]) -> list[Bin]:
    counts: dict[int, list[Bin]] = {}
    for one in bins:
        counts.setdefault(one.process, []).append(one)
    return max(counts.values(), key=len)


def _fits(bins: Sequence[Bin], span: float, level: float) -> dict[str, float]:
    """Slopes in four models: alone, beside a day, beside a fill to a bound, beside both."""
    values = [value / level for value in _floors(bins)]
    levels = _levels(bins)
    age = [one.age / span for one in bins]
    day = [
        [wave(2 * math.pi * one.hour / 24 * times) for one in bins]
        for times in ((1, 2) if span > 36 else (1,))
        for wave in (math.sin, math.cos)
    ]
    fills = [[1 - math.exp(-one.age / span / tau) for one in bins] for tau in _SETTLING]
    plain = fit([*levels, age], values)
    daily = fit([*levels, *day, age], values)
    filled = min((fit([*levels, fill, age], values) for fill in fills), key=_rest)
    both = min((fit([*levels, *day, fill, age], values) for fill in fills[1:3]), key=_rest)
    bound = min((fit([*levels, fill], values) for fill in fills), key=_rest)
    found = {}
    for name, one in (("plain", plain), ("daily", daily), ("filled", filled), ("both", both)):
        found[f"slope {name}"] = one.slope
        found[f"certain {name}"] = _bounded(one.slope / one.error if one.error else 0.0)
    found["unexplained"] = math.sqrt(plain.rest / len(bins))
    found["unexplained both"] = math.sqrt(both.rest / len(bins))
    found["line or bound"] = math.log((plain.rest + 1e-9) / (bound.rest + 1e-9))
    found["line or day"] = math.log((plain.rest + 1e-9) / (daily.rest + 1e-9))
    return found


def _rest(one: Fit) -> float:
    return one.rest


def _bounded(value: float) -> float:
    return max(-50.0, min(50.0, value))


def _of_longest(bins: Sequence[Bin], level: float) -> dict[str, float]:
    """How the floor of the longest process rose, sixth by sixth, and whether it ever came back."""
    values = [value / level for value in _floors(bins)]
    n = len(values)
    parts = [
        median(values[n * i // _SIXTHS : max(n * i // _SIXTHS + 1, n * (i + 1) // _SIXTHS)])
        for i in range(_SIXTHS)
    ]
    rises = [late - early for early, late in pairwise(parts)]
    ahead = list(values)
    for i in range(n - 2, -1, -1):
        ahead[i] = min(ahead[i], ahead[i + 1])
    found = {f"rise {i + 1}": rise for i, rise in enumerate(rises)}
    found["rise"] = parts[-1] - parts[0]
    found["rise late"] = parts[-1] - parts[2]
    found["rise held"] = ahead[-1] - ahead[n // 6]
    found["rise held late"] = ahead[-1] - ahead[n // 2]
    found["rising"] = sum(b > a for a, b in pairwise(values)) / max(1, n - 1)
    found["rising late"] = sum(b > a for a, b in pairwise(values[n // 2 :])) / max(1, n // 2)
    found["below top"] = max(values) - values[-1]
    found["since top"] = 1 - values.index(max(values)) / n
    found["steepest"] = max(b - a for a, b in pairwise(values[1:])) if n > 2 else 0.0
    found["evenness"] = _bounded(found["rise"] / (max(map(abs, rises)) or 1.0))
    return found


def _of_processes(bins: Sequence[Bin], level: float) -> dict[str, float]:
    """Whether every process grows alike, and whether each begins where the one before began."""
    rises, rates, begins = [], [], []
    for number in sorted({one.process for one in bins}):
        own = [one for one in bins if one.process == number]
        if len(own) >= 4:
            third = max(1, len(own) // 4)
            early, late = own[third : 2 * third], own[-third:]
            rise = (median(_floors(late)) - median(_floors(early))) / level
            rises.append(rise)
            rates.append(rise / max(1e-9, late[-1].hour - early[0].hour))
            begins.append(own[1].floor / level)
    if not rises:
        return {"grown": 0.0, "least grown": 0.0, "growing": 0.0, "alike": 0.0, "begins": 0.0}
    return {
        "grown": median(rises),
        "least grown": min(rises),
        "growing": sum(rise > 0.01 for rise in rises) / len(rises),
        "alike": _bounded(min(rates) / max(map(abs, rates))) if any(rates) else 0.0,
        "begins": begins[-1] - begins[0],
    }


def _of_days(bins: Sequence[Bin], span: float, level: float) -> dict[str, float]:
    """The rise from one day to the same time of the next, within one process."""
    if span < 30:
        return {"days": 0.0, "least of days": 0.0}
    width = span / len(bins)
    rises = []
    for one in bins:
        same = [
            other
            for other in bins
            if other.process == one.process and abs(other.hour - one.hour - 24) <= 0.75 * width
        ]
        if same:
            rises.append((same[0].floor - one.floor) / level)
    if not rises:
        return {"days": 0.0, "least of days": 0.0}
    rises.sort()
    return {"days": median(rises) * span / 24, "least of days": rises[len(rises) // 10] * span / 24}
