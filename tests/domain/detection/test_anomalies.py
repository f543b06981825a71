"""Anomalies: what sticks out, and what is usual."""

import math
import random

import pytest

from bot.domain.detection.anomalies import find_anomalies
from bot.domain.detection.series import Series
from bot.domain.detection.verdict import Direction, Found, Inconclusive, NotFound


def normal(seed: int, n: int = 300) -> list[float]:
    rng = random.Random(seed)
    return [100 + rng.gauss(0, 2) for _ in range(n)]


@pytest.mark.parametrize(("value", "direction"), [(160.0, Direction.UP), (30.0, Direction.DOWN)])
def test_a_spike_is_found(value: float, direction: Direction) -> None:
    values = normal(1)
    values[200] = values[201] = value
    found = find_anomalies(Series.spaced(values))
    assert isinstance(found, Found)
    assert [(point.index, point.direction) for point in found.points] == [(200, direction)]
    assert found.points[0].p < 1e-6


def test_noise_has_no_anomalies() -> None:
    for seed in range(10):
        assert isinstance(find_anomalies(Series.spaced(normal(seed))), NotFound)


def test_spikes_that_always_were_are_usual() -> None:
    rng = random.Random(5)
    values = [value + (100 if rng.random() < 0.1 else 0) for value in normal(2)]
    assert isinstance(find_anomalies(Series.spaced(values)), NotFound)


def test_a_constant_that_moves_once() -> None:
    found = find_anomalies(Series.spaced([4.0] * 50 + [5.0] + [4.0] * 50))
    assert isinstance(found, Found)
    assert [point.index for point in found.points] == [50]


@pytest.mark.parametrize("values", [[], [1.0] * 30, [math.nan] * 99])
def test_a_short_series_says_nothing(values: list[float]) -> None:
    assert isinstance(find_anomalies(Series.spaced(values)), Inconclusive)
