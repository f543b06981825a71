"""The parts that a watch's verdict is made of: counts, levels, bets, and judges."""

import math
import random
from dataclasses import replace
from itertools import accumulate as running
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.analysis.clusters import YES_OR_NO, Clusters
from bot.domain.analysis.counts import Counts, counted
from bot.domain.analysis.evidence import accumulate, bets, log_mean
from bot.domain.analysis.judges import ErrorJudge, LatencyJudge, least
from bot.domain.analysis.level import level_of
from bot.domain.analysis.slowness import KINDS, slowness
from bot.domain.policy import WatchPolicy

POLICY = WatchPolicy()
SLICE = st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SLICES = st.lists(SLICE, min_size=1, max_size=80).map(
    lambda some: Counts([float(k) for k, _ in some], [float(n) for _, n in some])
)


def even(share: float, per_slice: int, slices: int) -> Counts:
    """Hits spread as evenly as they can be."""
    hits = [float(int(n * share * per_slice)) for n in range(slices + 1)]
    return Counts(
        [later - before for before, later in pairwise(hits)],
        [float(per_slice)] * slices,
    )


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=60))
def test_counting_loses_nothing(found: list[tuple[int, bool]]) -> None:
    counts = counted([number for number, _ in found], [hit for _, hit in found])
    assert (counts.total, counts.hit) == (len(found), sum(hit for _, hit in found))
    assert counts.joined(3).total == counts.total


@given(st.floats(0.001, 0.9), st.sampled_from([1.0, 2.0]))
def test_a_bet_is_fair_while_the_null_holds(null: float, clustering: float) -> None:
    for bet in bets(null, clustering, (0.5, 1.0, 4.0), (0.1,)):
        worth = null * math.exp(bet.hit) + (1 - null) * math.exp(bet.miss)
        assert worth <= 1 + 1e-9


@given(SLICES, st.floats(0.001, 0.9))
def test_no_slice_brings_more_than_its_part(counts: Counts, null: float) -> None:
    worths = [max(worth) for worth in accumulate(counts, bets(null, 1.0, (1.0, 4.0)), 5.0)]
    steps = [later - before for before, later in zip([0.0, *worths], worths, strict=False)]
    assert max(steps) <= 5.0 / 2.5 + 1e-9


def test_a_mean_of_logarithms_leaves_no_range() -> None:
    assert log_mean([10_000.0, -10_000.0]) == pytest.approx(10_000 - math.log(2))
    assert log_mean([-1e6, -1e6]) == pytest.approx(-1e6)


def test_evidence_over_a_hundred_thousand_requests_neither_vanishes_nor_overflows() -> None:
    level = level_of(even(0.01, 100, 1_000))
    for share, bad in ((0.01, False), (0.2, True)):
        *_, last = ErrorJudge(level, POLICY).walk(even(share, 100, 1_000))
        assert math.isfinite(last.evidence)
        assert last.bad is bad


@given(SLICES)
def test_a_level_is_a_share_with_a_spread(counts: Counts) -> None:
    level = level_of(counts)
    assert 0 <= level.share <= 1
    assert level.spread > 0
    assert level.clustering >= 1


def test_clusters_are_seen() -> None:
    draw = random.Random(1)
    alone = [float(sum(draw.random() < 0.1 for _ in range(20))) for _ in range(120)]
    bursts = [12.0 if draw.random() < 0.17 else 0.0 for _ in range(120)]
    totals = [20.0] * 120
    assert level_of(Counts(alone, totals)).clustering < 1.6
    assert level_of(Counts(bursts, totals)).clustering > 4
    own = Clusters(YES_OR_NO)
    for hits, total in zip(bursts, totals, strict=True):
        own.add(hits, total)
    assert own.value() > 4


def test_an_unlucky_period_widens_the_spread() -> None:
    calm = even(0.02, 20, 360)
    unlucky = Counts([*calm.hits[:60], *[2.0] * 60, *calm.hits[120:]], calm.totals)
    assert level_of(unlucky).spread > 2 * level_of(calm).spread


# Judges


@given(SLICES, SLICES)
def test_more_errors_are_never_weaker_evidence_where_all_of_them_are(
    before: Counts, after: Counts
) -> None:
    judge = ErrorJudge(level_of(before), POLICY)
    *_, seen = judge.walk(after)
    *_, worst = judge.walk(Counts(after.totals, after.totals))
    assert seen.requests == worst.requests == after.total
    assert worst.evidence >= seen.evidence - 1e-9


@given(SLICES, SLICES)
def test_too_few_requests_are_never_bad(before: Counts, after: Counts) -> None:
    standings = list(ErrorJudge(level_of(before), POLICY).walk(after))
    few = [one for one in standings if one.requests < least(POLICY)]
    assert not any(one.bad for one in few)
    assert [one.requests for one in standings] == list(running(after.totals))


@pytest.mark.parametrize(
    ("share", "tolerance", "bad"),
    [(0.01, 0.005, False), (0.03, 0.005, True), (0.03, 0.05, False), (0.12, 0.5, True)],
    ids=["as before", "more", "more but tolerated", "above the absolute bound"],
)
def test_the_error_rate_is_judged_by_both_bounds(share: float, tolerance: float, bad: bool) -> None:
    policy = replace(POLICY, error_tolerance=tolerance)
    judge = ErrorJudge(level_of(even(0.01, 100, 360)), policy)
    *_, last = judge.walk(even(share, 100, 60))
    assert last.bad is bad


def test_more_tests_at_once_take_more() -> None:
    level, after = level_of(even(0.01, 20, 360)), even(0.08, 20, 60)
    alone, among = (
        [one.bad for one in ErrorJudge(level, POLICY, tests).walk(after)] for tests in (1, 50)
    )
    assert alone.index(True) < among.index(True)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0, 1e7))
def test_slowness_lies_between_0_and_1(before: list[float], milliseconds: float) -> None:
    ways = slowness(sorted(before), 0.1).of(milliseconds)
    assert len(ways) == len(KINDS)
    assert all(0 <= way <= 1 for way in ways)
    assert slowness(sorted(before), 0.1).of(0.0) == (0.0,) * len(KINDS)


@pytest.mark.parametrize(("slower", "bad"), [(1.0, False), (1.05, False), (1.5, True)])
def test_a_shift_beyond_the_tolerance_is_slower(slower: float, bad: bool) -> None:
    draw = random.Random(2)
    before = [draw.lognormvariate(4, 1.0) for _ in range(3_000)]
    slow = slowness(sorted(before), POLICY.latency_tolerance)

    def ways(times: list[float]) -> list[Counts]:
        found = [slow.of(time) for time in times]
        return [
            counted([n // 9 for n in range(len(times))], way) for way in zip(*found, strict=True)
        ]

    judge = LatencyJudge(list(map(level_of, ways(before), KINDS)), POLICY)
    *_, last = judge.walk(ways([draw.lognormvariate(4, 1.0) * slower for _ in range(500)]))
    assert last.bad is bad
