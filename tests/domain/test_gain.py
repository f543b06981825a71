"""Whether the promised gain arrived: each answer, and that none is given on a guess."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.analysis.gain import Arrived, GainUnclear, NotArrived, judge_gain
from bot.domain.metrics import Request
from tests.domain.traffic import DEPLOYED


def side(seed: int, count: int, median: float, spread: float = 0.5) -> list[Request]:
    draw = random.Random(seed)
    return [
        Request(
            DEPLOYED + timedelta(seconds=number * 300 / count),
            "/",
            median * draw.lognormvariate(0, spread),
            failed=False,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("after", "count", "promised", "kind"),
    [
        (50.0, 600, 0.2, Arrived),
        (90.0, 4_000, 0.1, Arrived),
        (100.0, 4_000, 0.3, NotArrived),
        (150.0, 600, 0.05, NotArrived),
        (97.0, 200, 0.05, GainUnclear),
    ],
)
def test_the_answer_follows_from_the_interval(
    after: float, count: int, promised: float, kind: type
) -> None:
    found = judge_gain(side(1, count, 100.0), side(2, count, after), promised)
    assert isinstance(found, kind), found
    assert found.seen is not None
    assert found.seen.low < after / 100 < found.seen.high
    assert found.why


@pytest.mark.parametrize("counts", [(0, 0), (19, 400), (400, 19)])
def test_too_few_requests_say_nothing(counts: tuple[int, int]) -> None:
    found = judge_gain(side(1, counts[0], 100.0), side(2, counts[1], 10.0), 0.05)
    assert isinstance(found, GainUnclear)
    assert found.seen is None


def test_to_fail_fast_is_no_gain() -> None:
    after = [replace(one, failed=n % 2 == 0) for n, one in enumerate(side(2, 600, 100.0))]
    fast = [replace(one, milliseconds=1.0) if one.failed else one for one in after]
    assert judge_gain(side(1, 600, 100.0), fast, 0.3) == judge_gain(side(1, 600, 100.0), after, 0.3)


def test_requests_of_one_moment_say_nothing() -> None:
    moment = [replace(one, at=DEPLOYED) for one in side(1, 100, 50.0)]
    assert isinstance(judge_gain(moment, moment, 0.05), GainUnclear)


def test_slow_moments_in_clusters_widen_the_interval() -> None:
    alone = side(1, 600, 100.0)
    together = sorted(alone, key=lambda one: one.milliseconds)
    in_bursts = [replace(slow, at=one.at) for slow, one in zip(together, alone, strict=True)]
    wide = judge_gain(in_bursts, alone, 0.05).seen
    narrow = judge_gain(alone, alone, 0.05).seen
    assert wide is not None
    assert narrow is not None
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


@given(
    st.lists(st.floats(0, 1e18), min_size=20, max_size=60),
    st.lists(st.floats(0, 1e18), min_size=20, max_size=60),
    st.floats(0.01, 0.9),
)
def test_an_answer_is_total_and_its_interval_ordered(
    before: list[float], after: list[float], promised: float
) -> None:
    sides = [
        [
            Request(DEPLOYED + timedelta(seconds=7 * n), "/", ms, failed=False)
            for n, ms in enumerate(values)
        ]
        for values in (before, after)
    ]
    found = judge_gain(sides[0], sides[1], promised)
    assert found.seen is not None
    assert 0 < found.seen.low <= found.seen.ratio <= found.seen.high
