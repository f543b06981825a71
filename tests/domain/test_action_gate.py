"""The judgement on benchmarks beside a baseline."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action.gate import Judged, Kind, judge
from bot.domain.measured import BenchmarkResult, Direction, Statistic

THRESHOLD = 0.1


def result(
    values: Sequence[float], direction: Direction = Direction.LOWER, name: str = "sort"
) -> BenchmarkResult:
    middle = sum(values) / len(values)
    return BenchmarkResult(
        name, "s", direction, middle, Statistic.MEAN, values=tuple(values), count=len(values)
    )


def noisy(seconds: float, seed: int, count: int = 30, noise: float = 0.01) -> list[float]:
    dice = random.Random(seed)
    return [seconds * math.exp(dice.gauss(0, noise)) for _ in range(count)]


def only(found: list[Judged]) -> Judged:
    (one,) = found
    return one


@pytest.mark.parametrize(
    ("after", "kind"),
    [(1.0, Kind.SAME), (1.3, Kind.REGRESSION), (0.7, Kind.IMPROVEMENT), (1.1, Kind.INCONCLUSIVE)],
)
def test_one_run_of_each_side(after: float, kind: Kind) -> None:
    found = only(judge([[result(noisy(1, 1))]], [[result(noisy(after, 2))]], THRESHOLD))
    assert found.kind is kind
    assert found.factor == pytest.approx(after, rel=0.02)


@given(st.floats(0.2, 5), st.integers(0, 1000))
def test_a_rate_that_falls_is_what_a_time_that_rises_is(factor: float, seed: int) -> None:
    before, after = noisy(1, seed), noisy(factor, seed + 1)
    time = only(judge([[result(before)]], [[result(after)]], THRESHOLD))
    sides = [[[result([1 / one for one in side], Direction.HIGHER)]] for side in (before, after)]
    rate = only(judge(sides[0], sides[1], THRESHOLD))
    assert time.kind is rate.kind
    assert time.factor is not None
    assert rate.factor is not None
    assert math.log(time.factor) == pytest.approx(-math.log(rate.factor), abs=1e-6)


@given(st.floats(1e-9, 1e9), st.floats(0.2, 5), st.integers(0, 1000))
def test_the_unit_does_not_matter(scale: float, factor: float, seed: int) -> None:
    before, after = noisy(1, seed), noisy(factor, seed + 1)
    plain = only(judge([[result(before)]], [[result(after)]], THRESHOLD))
    scaled = [[[result([one * scale for one in side])]] for side in (before, after)]
    assert only(judge(scaled[0], scaled[1], THRESHOLD)).kind is plain.kind


def test_five_single_values_are_judged_by_how_they_differ() -> None:
    def runs(values: Sequence[float]) -> list[list[BenchmarkResult]]:
        return [[BenchmarkResult("sort", "s", Direction.LOWER, one)] for one in values]

    quiet = runs([1.0, 1.01, 0.99, 1.02])
    assert only(judge(quiet, runs([1.5]), THRESHOLD)).kind is Kind.REGRESSION
    assert only(judge(quiet, runs([1.0]), THRESHOLD)).kind is Kind.SAME
    wild = runs([1.0, 2.0, 0.5, 1.6])
    assert only(judge(wild, runs([1.5]), THRESHOLD)).kind is Kind.INCONCLUSIVE
    assert only(judge(quiet[:2], runs([1.5]), THRESHOLD)).kind is Kind.INCONCLUSIVE


def test_what_is_missing_on_either_side_is_never_as_before() -> None:
    one, other = result(noisy(1, 1)), result(noisy(1, 2), name="search")
    gone = BenchmarkResult("sort", "s", Direction.LOWER, None, missing="it failed")
    for sides in (([[one]], [[other]]), ([[one]], [[gone]])):
        found = judge(*sides, THRESHOLD)
        assert {judged.kind for judged in found} == {Kind.INCONCLUSIVE}
        assert all(judged.why for judged in found)


def test_a_value_of_nothing_has_no_ratio() -> None:
    zero = BenchmarkResult("leaks", "1", Direction.LOWER, 0.0)
    some = BenchmarkResult("leaks", "1", Direction.LOWER, 3.0)
    assert only(judge([[zero]], [[zero]], THRESHOLD)).kind is Kind.SAME
    assert only(judge([[zero]], [[some]], THRESHOLD)).kind is Kind.INCONCLUSIVE


def test_the_same_code_is_hardly_ever_called_worse() -> None:
    """Two runs that differ by what runs of one code are taken to, and 30 noisy values in each."""
    alarms = 0
    for seed in range(300):
        dice = random.Random(seed)
        levels = [math.exp(dice.gauss(0, 0.02)) for _ in range(2)]
        sides = [
            [[result(noisy(level, seed * 2 + n, noise=0.05))]] for n, level in enumerate(levels)
        ]
        kinds = {one.kind for one in judge(sides[0], sides[1], THRESHOLD)}
        alarms += bool(kinds & {Kind.REGRESSION, Kind.IMPROVEMENT})
    assert alarms == 0
