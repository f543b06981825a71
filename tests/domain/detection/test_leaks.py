"""Memory leaks: shapes that leak, shapes that do not, and what cannot be told."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.detection.leaks import Leak, LeakVerdict, NoLeak, find_leak
from bot.domain.detection.memory.fitting import fit
from bot.domain.detection.memory.floor import floor_of
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Inconclusive

DAY = 288


def memory(shape: Callable[[int], float], n: int = DAY, seed: int = 1) -> Series:
    rng = random.Random(seed)
    return Series.spaced([400 + shape(i) + rng.gauss(0, 1) for i in range(n)])


def daily(i: int) -> float:
    return 30 * math.sin(2 * math.pi * i / DAY)


LEAKS: dict[str, tuple[Callable[[int], float], int]] = {
    "steady": (lambda i: 0.9 * i, DAY),
    "after a warm-up": (lambda i: 0.9 * i - 200 * math.exp(-i / 5), DAY),
    "with a daily cycle over a week": (lambda i: 0.1 * i + daily(i), 7 * DAY),
    "with a restart": (lambda i: 1.5 * (i % 150), DAY),
}
HEALTHY: dict[str, tuple[Callable[[int], float], int]] = {
    "flat": (lambda i: 0.0, DAY),
    "warm-up": (lambda i: -200 * math.exp(-i / 8), DAY),
    "daily cycle": (daily, 7 * DAY),
    "cache that fills": (lambda i: 2.0 * min(i, 100), DAY),
    "saw-tooth": (lambda i: 10.0 * (i % 12), DAY),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_found(name: str) -> None:
    assert isinstance(find_leak(memory(*LEAKS[name])), Leak)


@pytest.mark.parametrize("name", HEALTHY)
def test_health_is_no_leak(name: str) -> None:
    assert not isinstance(find_leak(memory(*HEALTHY[name])), Leak)


def test_steps_after_deployments_are_no_leak() -> None:
    series = memory(lambda i: 60.0 * (i // 72))
    starts = [300.0 * i for i in (0, 72, 144, 216)]
    assert not isinstance(find_leak(series, starts), Leak)


def test_a_slow_leak_under_steps_is_one() -> None:
    series = memory(lambda i: 40.0 * (i // 72) + 1.2 * (i % 72))
    starts = [300.0 * i for i in (0, 72, 144, 216)]
    assert isinstance(find_leak(series, starts), Leak)


def test_a_leak_has_a_rate_and_an_end() -> None:
    found = find_leak(memory(lambda i: 1.0 * i), [0.0], limit=1000.0)
    assert isinstance(found, Leak)
    assert found.rate.low <= found.rate.per_hour <= found.rate.high
    assert found.rate.per_hour == pytest.approx(12, rel=0.1)
    assert found.hours_left == pytest.approx((1000 - 687) / 12, rel=0.1)
    assert "hours to the limit of 1000" in found.reason


@pytest.mark.parametrize(
    "values", [[], [1.0] * 47, [math.nan] * 300, [5.0] * 100 + [0.0], [5.0] * 47 + [math.nan] * 99]
)
def test_what_cannot_be_told_is_inconclusive(values: list[float]) -> None:
    assert isinstance(find_leak(Series.spaced(values)), Inconclusive)


def test_an_hour_is_too_short() -> None:
    assert isinstance(find_leak(Series.spaced([100.0 + i for i in range(60)], 60)), Inconclusive)


def test_a_constant_does_not_leak() -> None:
    assert isinstance(find_leak(Series.spaced([7.0] * 300)), NoLeak)


def test_missing_windows_change_nothing() -> None:
    for name in ("steady", "after a warm-up"):
        series = memory(*LEAKS[name])
        values = [math.nan if 50 < i < 90 or i % 7 == 3 else v for i, v in enumerate(series.values)]
        assert isinstance(find_leak(Series(series.times, tuple(values))), Leak)


@settings(max_examples=8)
@given(
    scale=st.sampled_from([2.0**-10, 8.0, 2.0**20]),
    shift=st.sampled_from([0.0, 1e9]),
    name=st.sampled_from(["steady", "flat", "cache that fills"]),
)
def test_neither_unit_nor_date_matters(scale: float, shift: float, name: str) -> None:
    series = memory(*(LEAKS | HEALTHY)[name])
    moved = Series(
        tuple(time + shift for time in series.times),
        tuple(value * scale for value in series.values),
    )
    first, second = find_leak(series), find_leak(moved)
    assert type(first) is type(second)
    assert _rate(second) == pytest.approx(_rate(first) * scale, rel=1e-3, abs=1e-6 * scale)


def _rate(verdict: LeakVerdict) -> float:
    return 0.0 if isinstance(verdict, Inconclusive) else verdict.rate.per_hour


def test_restarts_are_seen_in_the_values_but_a_collector_is_none() -> None:
    restarted = floor_of(memory(lambda i: 1.5 * (i % 96)), None)
    assert restarted.processes == 3
    assert floor_of(memory(HEALTHY["saw-tooth"][0]), None).processes == 1


def test_given_starts_are_believed() -> None:
    assert floor_of(memory(lambda i: 0.0), [-500.0, 0.0, 30_000.0, 1e9]).processes == 2


def test_a_line_is_fitted_beside_other_columns() -> None:
    rng = random.Random(4)
    xs = [float(i) for i in range(200)]
    waves = [math.sin(x / 9) for x in xs]
    values = [5 + 0.3 * x + 4 * w + rng.gauss(0, 0.5) for x, w in zip(xs, waves, strict=True)]
    found = fit([[1.0] * 200, waves, xs], values)
    assert found.slope == pytest.approx(0.3, abs=3 * found.error)
    assert 0 < found.error < 0.01


def test_a_column_that_says_nothing_new_has_no_slope() -> None:
    found = fit([[1.0] * 5, [2.0] * 5], [1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.slope, found.error) == (0.0, math.inf)
