import math
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bottleneck import MINIMUM_COUNT, BottleneckKind, Targets
from bot.domain.health import FORMULA, health
from bot.domain.metrics import (
    LARGEST,
    WINDOW,
    MetricType,
    Sample,
    Window,
    percentile,
    window_start,
    windows,
)
from tests.domain.samples import a_window, find_bottlenecks, later

TARGETS = Targets()
TIME, ERRORS = MetricType.RESPONSE_TIME, MetricType.ERROR_RATE


@given(st.lists(st.integers(), min_size=1, max_size=300), st.sampled_from([50, 95, 99, 0, 100]))
def test_a_percentile_is_the_least_value_with_that_share_at_or_below(
    values: list[int], percent: int
) -> None:
    found = percentile(sorted(map(float, values)), percent / 100)
    enough = [
        value
        for value in values
        if Fraction(sum(map(value.__ge__, values)), len(values)) >= Fraction(percent, 100)
    ]
    assert found == float(min(enough))


@pytest.mark.parametrize("percent", [50, 95, 99])
def test_a_percentile_is_exact_for_every_length(percent: int) -> None:
    for length in range(1, 301):
        rank = math.ceil(Fraction(percent, 100) * length)
        assert percentile([float(n + 1) for n in range(length)], percent / 100) == rank


MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)


@given(MOMENTS)
def test_a_window_holds_its_moment_and_starts_on_five_minutes(at: datetime) -> None:
    start = window_start(at)
    assert start <= at < start + WINDOW
    assert (start.minute % 5, start.second, start.microsecond) == (0, 0, 0)
    assert start.tzinfo is UTC


def sample(value: float, seconds: float = 0, endpoint: str = "/", unit: str = "ms") -> Sample:
    return Sample("duration", TIME, value, later(seconds), unit, endpoint)


@given(st.lists(st.tuples(st.floats(), st.integers(0, 900), st.sampled_from("ab")), max_size=40))
def test_windows_say_what_their_samples_say(given: list[tuple[float, int, str]]) -> None:
    found = windows(sample(value, at, endpoint) for value, at, endpoint in given)
    kept = [one for one in given if math.isfinite(one[0]) and abs(one[0]) <= LARGEST]
    assert sum(window.count for window in found) == len(kept)
    for window in found:
        inside = [
            value
            for value, at, endpoint in kept
            if endpoint == window.endpoint and window.start <= later(at) < window.start + WINDOW
        ]
        assert window.count == len(inside)
        assert window.total == pytest.approx(math.fsum(inside))
        assert (window.min_value, window.max_value) == (min(inside), max(inside))
        order = [window.p50_value, window.p95_value, window.p99_value, window.max_value]
        assert order == sorted(order)
        assert window.min_value <= window.p50_value


def test_one_absurd_value_does_not_stop_the_others() -> None:
    (window,) = windows(sample(value) for value in (1e308, 1e308, 2.0, math.nan, -math.inf))
    assert (window.count, window.total) == (1, 2.0)


def test_different_metrics_units_and_endpoints_are_kept_apart() -> None:
    mixed = [sample(1), sample(1, unit="s"), sample(1, endpoint="/b"), sample(1, 300)]
    assert len(windows(mixed)) == 4


# Bottlenecks


def test_what_is_beyond_its_target_is_named_with_its_numbers() -> None:
    found = find_bottlenecks(
        [
            a_window(TIME),
            a_window(ERRORS, count=100, total=26.0),
            a_window(TIME, endpoint="/fast", p95_value=100.0),
            a_window(ERRORS, endpoint="/fine", count=100, total=5.0),
        ],
        Targets(),
    )
    assert [(one.kind, one.endpoint) for one in found] == [
        (BottleneckKind.SLOW, "GET /reports"),
        (BottleneckKind.FAILING, "GET /reports"),
    ]
    assert found[0].description == "p95 150 ms over 20 requests, target 100 ms"
    assert found[1].description == "error rate 26.0% over 100 requests, target 5.0%"


def test_what_costs_most_time_comes_first() -> None:
    order = [
        a_window(TIME, endpoint=name, total=total)
        for name, total in zip("abc", (1, 3, 3), strict=True)
    ]
    assert [one.endpoint for one in find_bottlenecks(order, Targets())] == ["b", "c", "a"]


@pytest.mark.parametrize(
    "window",
    [
        a_window(TIME, count=MINIMUM_COUNT - 1),
        a_window(TIME, endpoint=""),
        a_window(MetricType.MEMORY_USAGE, p95_value=1e9),
        a_window(MetricType.COST, p95_value=1e9),
    ],
)
def test_what_says_too_little_is_no_bottleneck(window: Window) -> None:
    assert find_bottlenecks([window], Targets()) == ()


# Health


def score(*seen: Window, targets: Targets = TARGETS) -> float | None:
    return health(seen, targets).score


def test_no_data_has_no_score() -> None:
    assert health([], Targets()).why == "no data"
    assert score() is None
    assert score(a_window(MetricType.MEMORY_USAGE)) is None
    assert score(a_window(TIME, count=0), a_window(ERRORS, count=0, total=0.0)) is None


def test_the_score_is_the_published_formula() -> None:
    good, bad = a_window(TIME, count=30, p95_value=100.0), a_window(TIME, count=10)
    errors = a_window(ERRORS, count=100, total=5.0)
    assert score(good) == 100.0
    assert score(bad) == 0.0
    assert score(good, bad) == 75.0
    assert score(errors) == 50.0
    assert score(good, bad, errors) == 65.0
    assert "0.6 x" in FORMULA
    assert health([good, a_window(MetricType.COST)], Targets()).why == "over 30 requests"
    assert health([good, errors], Targets()).why == "over 100 requests"


@pytest.mark.parametrize(("count", "expected"), [(1, 5.0), (10, 50.0), (20, 100.0), (21, 100.0)])
def test_few_requests_lower_the_score_and_each_counts_once(count: int, expected: float) -> None:
    times = a_window(TIME, count=count, p95_value=100.0)
    assert score(times, a_window(ERRORS, count=count, total=0.0)) == expected


WINDOWS = st.builds(
    lambda kind, count, total, p95: a_window(kind, count=count, total=total, p95_value=p95),
    st.sampled_from(MetricType),
    st.integers(0, 100),
    st.floats(-1e6, 1e6),
    st.floats(-10, 1e4),
)


@given(st.lists(WINDOWS, max_size=8), st.floats(-1, 500), st.floats(-1, 1))
def test_a_score_is_between_0_and_100(seen: list[Window], milliseconds: float, rate: float) -> None:
    found = score(*seen, targets=Targets(milliseconds, rate))
    assert found is None or 0 <= found <= 100


def test_a_target_of_no_errors_is_a_target() -> None:
    strict = Targets(error_rate=0.0)
    assert score(a_window(ERRORS, count=30, total=0.0), targets=strict) == 100.0
    assert score(a_window(ERRORS, count=10, total=1.0), targets=strict) == 0.0
