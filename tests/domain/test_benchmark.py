import math
import random
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.benchmark import (
    MINIMUM_ROUNDS,
    Benchmark,
    Faster,
    Round,
    Same,
    Slower,
    Speed,
    Unmeasured,
    confirm,
    is_hopeless,
    judge_speed,
)

Verdict = type[Benchmark]


def simulated(
    draw: random.Random, speedup: float, variation: float, rounds: int = 20
) -> list[Round]:
    """Timings with lognormal noise; half of it is common to a round, as the machine's load is."""

    def noise() -> float:
        return math.exp(draw.gauss(0, variation * math.sqrt(0.5)))

    found = []
    for _ in range(rounds):
        load = noise()
        found.append(Round(load * noise(), load * noise() / speedup, load * noise()))
    return found


def verdicts(speedup: float, variation: float, count: int, rounds: int = 20) -> Counter[str]:
    draw = random.Random(f"{speedup} {variation} {rounds}")
    found = (judge_speed(simulated(draw, speedup, variation, rounds)) for _ in range(count))
    return Counter(type(one).__name__ for one in found)


@pytest.mark.parametrize("variation", [0.03, 0.05, 0.1])
@pytest.mark.parametrize("rounds", [5, 20])
def test_the_same_code_is_almost_never_faster(variation: float, rounds: int) -> None:
    assert verdicts(1.0, variation, 2_000, rounds)["Faster"] < 0.01 * 2_000


@pytest.mark.parametrize(("variation", "least"), [(0.03, 0.9), (0.05, 0.4)])
def test_a_gain_of_a_tenth_is_found_on_a_calm_machine(variation: float, least: float) -> None:
    assert verdicts(1.1, variation, 200, 40)["Faster"] > least * 200


@pytest.mark.parametrize("variation", [0.03, 0.05, 0.1])
def test_a_gain_of_a_fifth_is_found(variation: float) -> None:
    assert verdicts(1.2, variation, 200, 40)["Faster"] > 0.75 * 200


@pytest.mark.parametrize("variation", [0.03, 0.05, 0.1])
def test_what_is_slower_is_never_faster_and_mostly_found(variation: float) -> None:
    found = verdicts(1 / 1.2, variation, 300)
    assert found["Faster"] == found["Same"] == 0
    assert found["Slower"] > 0.8 * 300


def test_a_gain_below_what_is_asked_for_is_no_gain() -> None:
    assert verdicts(1.04, 0.01, 300)["Faster"] == 0


def steady(speedup: float, count: int = 10) -> list[Round]:
    return [Round(1.0, 1 / speedup, 1.0)] * count


@pytest.mark.parametrize(
    ("speedup", "verdict"),
    [(2.0, Faster), (1.06, Faster), (1.04, Same), (1.0, Same), (0.97, Slower), (0.5, Slower)],
)
def test_without_noise_the_ratio_decides(speedup: float, verdict: Verdict) -> None:
    found = judge_speed(steady(speedup))
    assert isinstance(found, verdict)
    assert found.speed is not None
    assert found.speed.speedup == pytest.approx(speedup)


def test_what_differs_between_two_runs_of_the_old_code_is_asked_for_on_top() -> None:
    drift = [Round(1.2, 1.0, 1.0)] * 10
    assert not isinstance(judge_speed(drift), Faster)


@pytest.mark.parametrize("rounds", range(MINIMUM_ROUNDS))
def test_too_few_rounds_show_nothing(rounds: int) -> None:
    assert isinstance(judge_speed(steady(9.0, rounds)), Unmeasured)


@pytest.mark.parametrize("time", [0.0, -1.0, math.nan, math.inf, -math.inf, 1e-300, 1e300])
@pytest.mark.parametrize("place", ["old", "new", "again"])
def test_a_time_that_no_clock_shows_is_not_used(time: float, place: str) -> None:
    broken = Round(**{"old": 1.0, "new": 0.5, "again": 1.0, place: time})
    assert judge_speed([*steady(2.0), broken]) == judge_speed(steady(2.0))
    assert isinstance(judge_speed([broken] * 100), Unmeasured)
    assert isinstance(judge_speed([*steady(2.0), *[broken] * 4]), Unmeasured)


ROUND = st.builds(Round, *[st.floats() | st.floats(1e-6, 10)] * 3)


@given(st.lists(ROUND, max_size=12), st.floats(0, 10))
@example([Round(1e-11, 1e8, 1e-11), Round(1e8, 1e-11, 1e8)] * 3, 0.05)
def test_a_verdict_is_total_and_inside_its_interval(rounds: list[Round], effect: float) -> None:
    found = judge_speed(rounds, effect)
    if found.speed is not None:
        numbers = (found.speed.low, found.speed.speedup, found.speed.high)
        assert all(map(math.isfinite, numbers))
        assert numbers[0] <= numbers[1] * (1 + 1e-9)
        assert numbers[1] <= numbers[2] * (1 + 1e-9)
    if isinstance(found, Faster):
        assert found.speed.low > 1 + effect
    if isinstance(found, Slower):
        assert found.speed.high < 1


TIMES = st.lists(st.builds(Round, *[st.floats(0.5, 2.0)] * 3), min_size=5, max_size=30)


@given(TIMES, st.floats(1e-3, 1e3))
def test_the_unit_of_time_does_not_matter(rounds: list[Round], factor: float) -> None:
    scaled = [Round(r.old * factor, r.new * factor, r.again * factor) for r in rounds]
    one, other = judge_speed(rounds), judge_speed(scaled)
    assert one.speed is not None
    assert other.speed is not None
    assert one.speed.speedup == pytest.approx(other.speed.speedup)
    assert one.speed.low == pytest.approx(other.speed.low)


@given(TIMES)
def test_the_order_of_rounds_and_of_the_two_old_runs_does_not_matter(rounds: list[Round]) -> None:
    turned = [Round(r.again, r.new, r.old) for r in reversed(rounds)]
    one, other = judge_speed(rounds), judge_speed(turned)
    assert type(one) is type(other)
    assert one.speed is not None
    assert other.speed is not None
    assert one.speed.speedup == pytest.approx(other.speed.speedup)


@given(TIMES)
def test_old_and_new_exchanged_give_the_interval_upside_down(rounds: list[Round]) -> None:
    there = judge_speed([Round(r.old, r.new, r.old) for r in rounds])
    back = judge_speed([Round(r.new, r.old, r.new) for r in rounds])
    assert there.speed is not None
    assert back.speed is not None
    assert there.speed.low == pytest.approx(1 / back.speed.high)
    assert not isinstance(there, Faster) or isinstance(back, Slower)


def disturbed(draw: random.Random, speedup: float, rounds: int = 7) -> list[Round]:
    """Calm timings of which one process in ten is slow for no reason."""

    def time(seconds: float) -> float:
        slow = 1 + draw.uniform(0.1, 0.8) if draw.random() < 0.1 else 1.0
        return seconds * slow * math.exp(draw.gauss(0, 0.03))

    return [Round(time(1.0), time(1 / speedup), time(1.0)) for _ in range(rounds)]


def test_slow_processes_neither_make_a_gain_nor_hide_one() -> None:
    draw = random.Random(7)
    same = [judge_speed(disturbed(draw, 1.0)) for _ in range(1000)]
    faster = [judge_speed(disturbed(draw, 1.3)) for _ in range(300)]
    assert sum(isinstance(found, Faster) for found in same) <= 2
    assert sum(isinstance(found, Faster) for found in faster) >= 230


@pytest.mark.parametrize("rounds", [5, 7, 20])
def test_the_interval_holds_the_true_ratio(rounds: int) -> None:
    draw = random.Random(rounds)
    found = [judge_speed(simulated(draw, 1.2, 0.05, rounds)).speed for _ in range(600)]
    held = sum(speed.low <= 1.2 <= speed.high for speed in found if speed is not None)
    assert held >= 0.96 * len(found)


def test_a_gain_is_claimed_only_when_found_twice_and_then_the_smaller() -> None:
    large, small = Faster(Speed(2.0, 1.8, 2.2)), Faster(Speed(1.5, 1.3, 1.7))
    assert confirm(large, small) == confirm(small, large) == small
    speed = Speed(1.0, 0.9, 1.1)
    for other in (Same(speed), Slower(speed), Unmeasured("why", speed)):
        assert isinstance(confirm(large, other), Unmeasured)
        assert confirm(other, large) == other


@pytest.mark.parametrize(
    ("speedup", "count", "hopeless"),
    [(1.0, 5, True), (0.5, 9, True), (1.009, 5, True), (1.02, 5, False), (1.0, 4, False)],
)
def test_a_measurement_ends_early_only_without_a_gain(
    speedup: float, count: int, hopeless: bool
) -> None:
    assert is_hopeless(steady(speedup, count)) is hopeless


@given(st.lists(ROUND, max_size=12) | TIMES)
def test_what_is_hopeless_would_not_be_claimed(rounds: list[Round]) -> None:
    if is_hopeless(rounds):
        assert not isinstance(judge_speed(rounds, 0.01), Faster)
