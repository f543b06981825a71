"""The units that tools use, in SI base units."""

from typing import Final

from bot.domain.measured import Direction

_TIMES: Final = {
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("day", "days"), 86400.0),
}
_SIZES: Final = {
    **dict.fromkeys(("b", "byte", "bytes"), 1.0),
    **{f"{letter}b": 1000.0**power for power, letter in enumerate("kmgt", 1)},
    **{f"{letter}ib": 1024.0**power for power, letter in enumerate("kmgt", 1)},
}
_COUNTS: Final = frozenset(
    ("op", "ops", "iter", "iters", "iteration", "iterations", "call", "req", "requests", "count")
)


def base_unit(unit: str) -> tuple[float, str]:
    """The factor and base unit: `ms/op` is (0.001, `s`); an unknown word is (1, itself)."""
    word = unit.strip().lower()
    if word in _TIMES:
        return _TIMES[word], "s"
    if word in _SIZES:
        return _SIZES[word], "bytes"
    above, slash, below = word.partition("/")
    if slash and below in _COUNTS:
        return base_unit(above) if above in _TIMES or above in _SIZES else (1.0, unit)
    if slash and below in _TIMES:
        if above in _COUNTS:
            return 1 / _TIMES[below], "1/s"
        if above in _SIZES:
            return _SIZES[above] / _TIMES[below], "bytes/s"
    return 1.0, unit


def usual_direction(unit: str) -> Direction:
    """Which way is better as a rule: less time and memory, more per second."""
    if unit in ("s", "bytes"):
        return Direction.LOWER
    return Direction.HIGHER if unit in ("1/s", "bytes/s") else Direction.NEITHER
