"""Percentiles out of sketches, beside those of the values themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.metrics import percentile
from bot.domain.sketch import (
    ACCURACY,
    MOST_BUCKETS,
    SMALLEST,
    Sketch,
    approximate,
    merged,
    sketch_of,
    weighted,
)

SHARES = st.sampled_from([0.0, 0.01, 0.5, 0.95, 0.99, 1.0])
NUMBERS = st.one_of(
    st.floats(-1e6, 1e6), st.floats(1e-3, 1e5), st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-12])
)


def close(found: float, true: float) -> bool:
    return abs(found - true) <= ACCURACY * abs(true) * (1 + 1e-9) + SMALLEST


@given(st.lists(NUMBERS, min_size=1, max_size=200), SHARES)
def test_a_percentile_is_as_near_as_it_says(values: list[float], share: float) -> None:
    assert close(sketch_of(values).percentile(share), percentile(sorted(values), share))


@given(st.lists(st.lists(NUMBERS, max_size=50), max_size=5))
def test_merging_sketches_is_sketching_all_values(groups: list[list[float]]) -> None:
    together = sketch_of(value for group in groups for value in group)
    assert merged(map(sketch_of, groups)) == together
    assert together.count == sum(map(len, groups))


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 20)), max_size=20))
def test_weights_are_repetitions(pairs: list[tuple[float, int]]) -> None:
    assert weighted(pairs) == sketch_of(value for value, count in pairs for _ in range(count))


@given(st.lists(NUMBERS, min_size=1, max_size=100), st.floats(0.001, 1e5))
def test_the_share_above_a_bound_errs_only_near_it(values: list[float], bound: float) -> None:
    found = sketch_of(values).share_above(bound) * len(values)
    near = 2 * ACCURACY * bound + SMALLEST
    at_least = sum(value > bound + near for value in values)
    assert at_least - 0.5 <= found <= sum(value > bound - near for value in values) + 0.5


def test_of_very_many_buckets_the_smallest_values_are_counted_together() -> None:
    values = [1.03**n for n in range(-1000, 1000)]
    found = sketch_of(values)
    assert len(found.above) == MOST_BUCKETS
    assert found.count == len(values)
    assert close(found.percentile(0.99), percentile(values, 0.99))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000])
def test_what_is_known_of_a_summary_is_kept(count: int) -> None:
    found = approximate(count, [(0.5, 10.0), (0.95, 20.0), (0.99, 30.0), (1.0, 40.0)])
    assert found.count == count
    if count >= 100:
        assert close(found.percentile(0.5), 10.0)
        assert close(found.percentile(0.95), 20.0)


def test_nothing_is_an_empty_sketch() -> None:
    assert merged([]) == sketch_of([]) == weighted([]) == approximate(0, []) == Sketch()
