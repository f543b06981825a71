"""What is called slow, failing or slower than before, and what chance alone is not called."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.bottleneck import BottleneckKind, Targets, Verdict, examine
from bot.domain.metrics import DAY, HOUR, MetricType, Window, window_of
from bot.domain.performance import performance_report
from bot.domain.significance import adjusted, change, share
from tests.domain.samples import NOW, find_bottlenecks

TIME, ERRORS = MetricType.RESPONSE_TIME, MetricType.ERROR_RATE


def hours(chance: random.Random, middle: float, count: int = 24, *, days: int = 0) -> list[Window]:
    """Hours of log-normal response times about a median, 60 in each."""
    return [
        window_of(
            (NOW + n * HOUR - days * DAY, "http.server.request.duration", TIME, "/a", "ms"),
            sorted(chance.lognormvariate(0, 0.5) * middle for _ in range(60)),
        )
        for n in range(count)
    ]


def failing(chance: random.Random, rate: float, count: int = 24) -> list[Window]:
    return [
        window_of(
            (NOW + n * HOUR, "http.server.errors", ERRORS, "/a", "1"),
            sorted(float(chance.random() < rate) for _ in range(100)),
        )
        for n in range(count)
    ]


def test_a_slow_endpoint_is_found_with_its_figures() -> None:
    (found,) = find_bottlenecks(hours(random.Random(1), 100.0), Targets())
    assert (found.kind, found.verdict, found.count) == (BottleneckKind.SLOW, Verdict.FOUND, 1440)
    assert found.low < found.value < found.high
    assert found.low < 100.0 * 2.276 < found.high
    assert found.effect == pytest.approx(found.value / 100.0)
    assert found.p < 1e-6


def test_what_is_just_beyond_its_target_is_inconclusive() -> None:
    # The 95th percentile is 101 ms.
    (found,) = examine(hours(random.Random(2), 44.4), Targets())
    assert found.verdict is not Verdict.FOUND


def test_what_happened_only_once_is_not_confirmed() -> None:
    chance = random.Random(3)
    seen = [*hours(chance, 10.0, 12), *hours(chance, 500.0)[12:13], *hours(chance, 10.0)[13:]]
    (found,) = examine(seen, Targets(response_time_ms=50.0))
    assert found.verdict is not Verdict.FOUND


def test_a_rise_of_the_error_rate_is_found() -> None:
    assert find_bottlenecks(failing(random.Random(4), 0.04), Targets()) == ()
    (found,) = find_bottlenecks(failing(random.Random(5), 0.10), Targets())
    assert found.kind is BottleneckKind.FAILING
    assert found.low < 0.10 < found.high


def test_an_endpoint_is_compared_with_its_own_past() -> None:
    chance = random.Random(6)
    before = [window for day in range(1, 8) for window in hours(chance, 10.0, days=day)]
    assert find_bottlenecks(hours(chance, 10.0), Targets(), before) == ()
    (found,) = find_bottlenecks(hours(chance, 15.0), Targets(), before)
    assert found.kind is BottleneckKind.SLOWER
    assert found.low < 15.0 < found.high
    assert "1.5" in found.description


def test_chance_alone_is_seldom_called_anything() -> None:
    # The null itself: the 95th percentile is the target, and now is as before.
    chance, target = random.Random(7), Targets(response_time_ms=2.276)
    before = [window for day in range(1, 8) for window in hours(chance, 1.0, 6, days=day)]
    called = sum(bool(find_bottlenecks(hours(chance, 1.0, 6), target, before)) for _ in range(150))
    assert called <= 3


def test_a_span_of_little_traffic_has_nothing_to_say() -> None:
    few = [window_of((NOW, "m", TIME, "/a", "ms"), [500.0] * 10)]
    assert examine(few, Targets()) == ()
    report = performance_report(few, Targets())
    assert (report.bottlenecks, report.doubtful, report.samples) == ((), (), 10)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_control_over_many_never_makes_a_finding_more_certain(chances: list[float]) -> None:
    found = adjusted(chances)
    assert all(0 <= p <= q <= 1 for p, q in zip(chances, found, strict=True))
    order = sorted(range(len(chances)), key=chances.__getitem__)
    assert [found[n] for n in order] == sorted(found)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 90)), min_size=1, max_size=20))
def test_a_share_lies_in_its_interval(groups: list[tuple[int, int]]) -> None:
    found = share([(float(hits), count) for hits, count in groups])
    low, high = found.interval
    assert 0 <= low <= found.value <= high <= 1
    assert found.p_above(0.99) >= found.p_above(0.01)


def test_errors_in_clusters_are_worth_less_than_single_ones() -> None:
    spread, clustered = [(5.0, 100)] * 20, [(100.0, 100), *[(0.0, 100)] * 19]
    assert share(spread).margin < share(clustered).margin / 3


def test_a_change_of_nothing_is_none() -> None:
    assert change([1.0] * 3, [2.0] * 9) is None
    found = change([1.0, 1.1, 0.9, 1.0], [2.0, 2.2, 1.8, 2.0])
    assert found is not None
    assert found.low < 2.0 < found.high


def test_what_features_cost_is_told_dearest_first() -> None:
    costs = [
        window_of((NOW + timedelta(minutes=5 * n), "cost", MetricType.COST, name, "USD"), [each])
        for n, (name, each) in enumerate([("search", 0.5), ("chat", 2.0), ("search", 0.25)])
    ]
    found = performance_report(costs, Targets()).spending
    assert [(one.feature, one.total, one.count) for one in found] == [
        ("chat", 2.0, 1),
        ("search", 0.75, 2),
    ]
