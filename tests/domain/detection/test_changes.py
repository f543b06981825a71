"""Changes of level: what is found, what is not, and what may not matter."""

import math
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.detection.candidates import pelt
from bot.domain.detection.changes import find_changes
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Direction, Found, Inconclusive, NotFound, Point


def noise(seed: int, n: int, width: float = 1.0) -> list[float]:
    rng = random.Random(seed)
    return [100 + rng.gauss(0, width) for _ in range(n)]


def stepped(seed: int, *levels: tuple[int, float], width: float = 1.0) -> list[float]:
    shifts = [shift for count, shift in levels for _ in range(count)]
    return [a + b for a, b in zip(noise(seed, len(shifts), width), shifts, strict=True)]


def points(values: list[float]) -> tuple[Point, ...]:
    found = find_changes(Series.spaced(values))
    return found.points if isinstance(found, Found) else ()


def places(values: list[float]) -> list[int]:
    return [point.index for point in points(values)]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([(60, 0.0), (60, 8.0)], [60]),
        ([(60, 0.0), (60, -8.0)], [60]),
        ([(15, 0.0), (80, 10.0)], [15]),
        ([(80, 0.0), (12, 12.0)], [80]),
        ([(50, 0.0), (15, 12.0), (50, 0.0)], [50, 65]),
        ([(40, 0.0), (40, 6.0), (40, 12.0), (40, 0.0)], [40, 80, 120]),
        ([(150, 0.0), (150, 3.0)], [150]),
    ],
)
def test_a_step_is_found_where_it_is(levels: list[tuple[int, float]], expected: list[int]) -> None:
    found = places(stepped(5, *levels))
    assert len(found) == len(expected)
    assert all(abs(a - b) <= 2 for a, b in zip(found, expected, strict=True))


def test_a_point_says_what_changed() -> None:
    (point,) = points(stepped(1, (70, 0.0), (70, 20.0)))
    assert point.direction is Direction.UP
    assert point.effect == pytest.approx(0.2, abs=0.02)
    assert point.p < 1e-9
    assert point.low <= point.index <= point.high
    assert point.timestamp == point.index * 300.0


def bimodal(rng: random.Random) -> float:
    return rng.gauss(130 if rng.random() < 0.4 else 100, 1)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.gauss(100, 5),
        lambda rng: 100 * rng.lognormvariate(0, 0.7),
        lambda rng: 100 + rng.gauss(0, 1) / max(0.05, abs(rng.gauss(0, 1))),
        lambda rng: float(round(rng.gauss(100, 0.7))),
        bimodal,
        lambda rng: 100.0 if rng.random() < 0.9 else 300.0,
    ],
    ids=["normal", "skewed", "heavy tails", "ties", "two modes", "spikes"],
)
def test_what_only_varies_did_not_change(draw: Callable[[random.Random], float]) -> None:
    rng = random.Random(11)
    assert [places([draw(rng) for _ in range(150)]) for _ in range(8)] == [[]] * 8


def test_shuffled_steps_are_no_steps() -> None:
    rng = random.Random(2)
    for seed in range(10):
        values = stepped(seed, (75, 0.0), (75, 3.0))
        rng.shuffle(values)
        assert places(values) == []


@pytest.mark.parametrize("values", [[5.0] * 100, [0.0] * 40])
def test_a_constant_did_not_change(values: list[float]) -> None:
    assert isinstance(find_changes(Series.spaced(values)), NotFound)


@pytest.mark.parametrize("values", [[], [1.0] * 19, [1.0] * 10 + [9.0] * 9, [math.nan] * 50])
def test_a_short_series_says_nothing(values: list[float]) -> None:
    found = find_changes(Series.spaced(values))
    assert isinstance(found, Inconclusive)
    assert "20 needed" in found.reason


def test_missing_values_stay_missing() -> None:
    values = stepped(4, (60, 0.0), (60, 10.0))
    for i in (*range(5, 15), 59, 61, *range(90, 100)):
        values[i] = math.nan
    (point,) = points(values)
    assert abs(point.index - 60) <= 2
    assert not math.isnan(values[point.index])


def test_a_single_outlier_is_no_change() -> None:
    values = noise(6, 100)
    values[50] = values[51] = 1e6
    assert places(values) == []


def test_a_step_of_a_rounded_series_is_found() -> None:
    assert places([3.0] * 30 + [4.0] * 30) == [30]


def test_what_hangs_together_is_not_taken_for_steps() -> None:
    rng, value, found = random.Random(8), 0.0, 0
    for _ in range(10):
        values = []
        for _ in range(150):
            value = 0.5 * value + rng.gauss(0, 1)
            values.append(100 + value)
        found += bool(places(values))
    assert found <= 1


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10**6),
    at=st.integers(25, 75),
    size=st.sampled_from([0.0, 5.0, 12.0]),
    scale=st.sampled_from([2.0**-20, 0.5, 1024.0]),
)
def test_neither_unit_nor_direction_of_time_matters(
    seed: int, at: int, size: float, scale: float
) -> None:
    values = stepped(seed, (at, 0.0), (100 - at, size))
    found = places(values)
    assert places([value * scale for value in values]) == found
    back = sorted(100 - index for index in places(values[::-1]))
    assert len(back) == len(found)
    assert all(abs(a - b) <= 3 for a, b in zip(back, found, strict=True))


@settings(max_examples=25)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 9.0]), min_size=4, max_size=14))
def test_the_pruned_search_is_the_full_one(values: list[float]) -> None:
    def cost(start: int, end: int) -> float:
        part = values[start:end]
        mean = sum(part) / len(part)
        return sum((value - mean) ** 2 for value in part)

    n, mean = len(values), sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / n
    best = [-1.0] + [math.inf] * n
    for end in range(2, n + 1):
        best[end] = min(
            best[start] + (cost(start, end) / variance if variance else 0.0) + 1.0
            for start in range(end - 1)
        )
    bounds = [0, *pelt(values, 1.0, 2), n]
    if variance:
        found = sum(cost(a, b) / variance + 1.0 for a, b in pairwise(bounds))
        assert found - 1.0 == pytest.approx(best[n])


def test_times_and_values_belong_together() -> None:
    with pytest.raises(ValueError, match="2 times for 1 values"):
        Series((1.0, 2.0), (1.0,))
    with pytest.raises(ValueError, match="times go back"):
        Series((2.0, 1.0), (1.0, 1.0))


def test_a_long_series_is_searched_in_blocks() -> None:
    assert places(stepped(3, (1500, 0.0), (1000, 5.0))) == pytest.approx([1500], abs=2)
