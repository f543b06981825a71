"""Results of benchmarks: put together exactly or not at all, and ranked."""

from dataclasses import replace
from statistics import fmean, median, stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.measured import (
    BenchmarkResult,
    Direction,
    Statistic,
    merged,
    ranked,
    spread,
    thinned,
)

samples = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8)


def result(values: list[float], **changes: Any) -> BenchmarkResult:
    known: dict[str, Any] = {"name": "b", "unit": "s", "direction": Direction.LOWER}
    known |= {"value": fmean(values), "values": tuple(values), "count": len(values)}
    return BenchmarkResult(**(known | {"stddev": spread(values)} | changes))


@given(samples, samples)
def test_two_halves_are_the_whole(one: list[float], other: list[float]) -> None:
    (together,) = merged([result(one), result(other)])
    assert together.value == pytest.approx(fmean(one + other), abs=1e-6)
    assert together.stddev == pytest.approx(stdev(one + other), rel=1e-6, abs=1e-6)
    assert together.values == (*one, *other)
    assert together.count == len(one) + len(other)


@given(samples, samples)
def test_medians_are_put_together_where_every_value_is_known(
    one: list[float], other: list[float]
) -> None:
    halves = [
        result(values, statistic=Statistic.MEDIAN, value=median(values)) for values in (one, other)
    ]
    assert merged(halves)[0].value == median(one + other)
    partial = replace(halves[0], count=1_000)
    assert merged([partial, halves[1]]) == (partial, halves[1])


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "1/s"},
        {"name": "c"},
        {"direction": Direction.HIGHER},
        {"commit": "a"},
        {"count": None},
    ],
)
def test_what_differs_stays_apart(changes: dict[str, Any]) -> None:
    pair = (result([1.0]), result([2.0], **changes))
    assert merged(pair) == pair


def test_of_a_missing_and_a_present_one_the_present_one_stands() -> None:
    missing = result([1.0], value=None, missing="it failed")
    assert merged([missing, result([2.0])]) == (result([2.0]),)
    assert merged([result([2.0]), missing]) == (result([2.0]),)


def test_an_unknown_spread_stays_unknown() -> None:
    (together,) = merged([result([1.0, 2.0], stddev=None), result([3.0])])
    assert together.stddev is None


@pytest.mark.parametrize(("value", "missing"), [(None, ""), (1.0, "why")])
def test_there_is_a_value_or_the_reason_why_not(value: float | None, missing: str) -> None:
    with pytest.raises(ValueError, match="or why there is none"):
        result([1.0], value=value, missing=missing)


@given(st.lists(st.integers(), max_size=50), st.integers(1, 60))
def test_thinning_keeps_the_order_and_the_number(values: list[int], most: int) -> None:
    kept = thinned(values, most)
    assert len(kept) == min(most, len(values))
    places = iter(values)
    assert all(any(value == other for other in places) for value in kept)


def test_the_worst_time_comes_first_and_what_is_missing_last() -> None:
    missing = result([1.0], name="m", value=None, missing="it failed")
    rates = [result([value], unit="1/s", direction=Direction.HIGHER) for value in (9.0, 3.0)]
    times = [result([value]) for value in (1.0, 5.0)]
    found = ranked([missing, *rates, *times])
    assert [one.value for one in found] == [5, 1, 3, 9, None]
    assert ranked(times, 1) == [times[1]]
