"""Recorded series, judged as they came in: single requests, and summaries of windows."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.analysis import Phase
from bot.domain.analysis.replay import Errors, Latency, replay_errors, replay_latency
from bot.domain.analysis.summaries import (
    FEWEST,
    first_worse,
    usual_errors,
    usual_latency,
)
from bot.domain.policy import WatchPolicy

POLICY = WatchPolicy()


def rates(seed: int, seconds: int, share: float, per_minute: float = 120.0) -> list[Errors]:
    draw, each = random.Random(seed), round(per_minute / 6)
    return [
        Errors(float(at), float(sum(draw.random() < share for _ in range(each))), float(each))
        for at in range(0, seconds, 10)
    ]


def times(seed: int, seconds: int, median: float, per_minute: float = 120.0) -> list[Latency]:
    draw, found, at = random.Random(seed), [], 0.0
    while (at := at + draw.expovariate(per_minute / 60)) < seconds:
        found.append(Latency(at, draw.lognormvariate(math.log(median), 0.8)))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_same_again_is_successful_with_a_narrow_interval_around_no_change(seed: int) -> None:
    errors = replay_errors(rates(seed, 1_800, 0.01), rates(seed + 50, 360, 0.01), POLICY)
    latency = replay_latency(times(seed, 1_800, 60), times(seed + 50, 360, 60), POLICY)
    assert [one.phase for one in (errors, latency)] == [Phase.SUCCESSFUL] * 2
    assert errors.effect == pytest.approx(0, abs=0.012)
    assert latency.effect == pytest.approx(1, abs=0.12)
    assert latency.low is not None
    assert latency.high is not None
    assert 0.8 < latency.low < latency.high < 1.25
    assert errors.decided_after_seconds == pytest.approx(300)


@pytest.mark.parametrize("seed", range(4))
def test_what_got_worse_is_failed_long_before_the_end(seed: int) -> None:
    errors = replay_errors(rates(seed, 1_800, 0.01), rates(seed + 50, 900, 0.15), POLICY)
    latency = replay_latency(times(seed, 1_800, 60), times(seed + 50, 900, 120), POLICY)
    for one in (errors, latency):
        assert one.phase is Phase.FAILED
        assert one.decided_after_seconds is not None
        assert one.decided_after_seconds <= 150
    assert errors.effect == pytest.approx(0.14, abs=0.04)
    assert latency.effect == pytest.approx(2, rel=0.15)


def test_the_warm_up_does_not_count() -> None:
    cold = [replace(row, milliseconds=row.milliseconds * 9) for row in times(9, 60, 60)]
    after = cold + [replace(row, at=row.at + 60) for row in times(8, 300, 60)]
    before = times(1, 1_800, 60)
    assert replay_latency(before, after, POLICY).phase is Phase.SUCCESSFUL
    hot = replay_latency(before, after, replace(POLICY, warm_up_seconds=0))
    assert hot.phase is Phase.FAILED
    assert "lie within" in replay_latency(before, cold, POLICY).reason


@pytest.mark.parametrize(
    ("before", "after"), [(0, 0), (1_800, 0), (0, 360), (30, 360), (1_800, 70)]
)
def test_too_little_is_inconclusive(before: int, after: int) -> None:
    latency = replay_latency(times(1, before, 60), times(2, after, 60), POLICY)
    errors = replay_errors(rates(1, before, 0.01), rates(2, after, 0.01), POLICY)
    for one in (latency, errors):
        assert one.phase is Phase.INCONCLUSIVE
        assert one.decided_after_seconds is None
        assert one.reason


ROW = st.tuples(st.integers(0, 2_000), st.floats(0, 1e6))


@given(st.lists(ROW, max_size=40), st.lists(ROW, max_size=40))
def test_a_replay_is_total(before: list[tuple[int, float]], after: list[tuple[int, float]]) -> None:
    sides = [[Latency(float(at), ms) for at, ms in sorted(side)] for side in (before, after)]
    found = replay_latency(sides[0], sides[1], POLICY)
    assert found.phase in {Phase.SUCCESSFUL, Phase.FAILED, Phase.INCONCLUSIVE}
    rows = [[Errors(row.at, row.milliseconds // 2, row.milliseconds) for row in s] for s in sides]
    found = replay_errors(rows[0], rows[1], POLICY)
    for value in (found.effect, found.low, found.high):
        assert value is None or math.isfinite(value)


# Summaries


def test_summaries_need_two_running() -> None:
    assert first_worse([0.0, 40.0, 0.0, 0.0]) is None
    assert first_worse([0.0, 3.1, 3.1]) == 2
    assert first_worse([40.0, 2.5]) == 1
    assert first_worse([]) is None


def test_what_is_usual_is_not_moved_by_an_outlier() -> None:
    values = [100.0 + n % 5 for n in range(40)]
    plain, moved = usual_latency(values), usual_latency([*values, 90_000.0])
    assert plain is not None
    assert moved is not None
    assert moved.off(150) == pytest.approx(plain.off(150), rel=0.2)
    windows = [(float(n % 3), 500.0) for n in range(60)]
    calm, incident = usual_errors(windows), usual_errors([*windows, (400.0, 500.0)])
    assert calm is not None
    assert incident is not None
    assert incident.clustering == pytest.approx(calm.clustering, rel=3)
    assert usual_latency([1.0] * (FEWEST - 1)) is None
    assert usual_errors([(0.0, 9.0)] * (FEWEST - 1)) is None


@pytest.mark.parametrize(("factor", "phase"), [(1.0, Phase.SUCCESSFUL), (1.6, Phase.FAILED)])
def test_rows_minutes_apart_are_summaries(factor: float, phase: Phase) -> None:
    draw = random.Random(4)
    before = [Latency(300.0 * n, 200 * draw.lognormvariate(0, 0.05)) for n in range(48)]
    after = [Latency(14_400 + 300.0 * n, 200 * factor) for n in range(3)]
    found = replay_latency(before, after, POLICY)
    assert found.phase is phase
    assert found.decided_after_seconds == (900 if phase is Phase.SUCCESSFUL else 600)
    bad = 30.0 if factor > 1 else 1.0
    errors = replay_errors(
        [Errors(row.at, float(n % 3), 600.0) for n, row in enumerate(before)],
        [Errors(row.at, bad, 600.0) for row in after],
        POLICY,
    )
    assert errors.phase is phase
    assert replay_latency(before, after[:1], POLICY).phase is Phase.INCONCLUSIVE
