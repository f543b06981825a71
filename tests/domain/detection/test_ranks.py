"""The statistics of ranks, against slow and obvious ones."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.detection.ranks import mann_whitney, median, quantile, ranks, spread, two_sided

values = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30)


@given(values)
def test_ranks_are_counted(given_values: list[float]) -> None:
    expected = [
        sum(other < value for other in given_values)
        + (sum(other == value for other in given_values) + 1) / 2
        for value in given_values
    ]
    assert ranks(given_values) == expected


@given(values, values)
def test_the_sides_of_a_rank_sum_are_alike(before: list[float], after: list[float]) -> None:
    assert mann_whitney(before, after) == pytest.approx(-mann_whitney(after, before), abs=1e-9)


def test_the_rank_sum_is_that_of_the_books() -> None:
    # scipy.stats.mannwhitneyu(method="asymptotic") says so too.
    before, after = [19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]
    z = mann_whitney(before, after)
    assert z < 0
    assert two_sided(z) == pytest.approx(0.1113, abs=1e-3)


@pytest.mark.parametrize(("before", "after"), [([], [1.0]), ([1.0], []), ([2.0] * 9, [2.0] * 9)])
def test_what_cannot_differ_scores_nothing(before: list[float], after: list[float]) -> None:
    assert mann_whitney(before, after) == 0


def test_half_the_values_are_far_off_and_the_spread_stands() -> None:
    rng = random.Random(3)
    drawn = [rng.gauss(50, 4) for _ in range(3000)]
    wild = [value if i % 4 else 1e9 for i, value in enumerate(drawn)]
    assert spread(drawn) == pytest.approx(4, rel=0.1)
    assert spread(wild) < 8


def test_quantiles_lie_between_values() -> None:
    assert median([3.0, 1.0, 2.0, 10.0]) == 2.5
    assert quantile([0.0, 10.0], 0.2) == 2.0
    with pytest.raises(ValueError, match="no values"):
        median([])
    assert two_sided(1.959964) == pytest.approx(0.05)
    assert two_sided(math.inf) == 0
