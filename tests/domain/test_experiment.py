import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.experiment import (
    Better,
    Experiment,
    NoDifference,
    Running,
    Tally,
    assigned,
    observed,
    result_of,
    tally_of,
)

TEST = Experiment("prompt/short", "old", "new", limit=300)


def outcomes(first: float, second: float, pairs: int, seed: int) -> list[tuple[bool, float]]:
    chance = random.Random(seed)
    return [
        (which, float(chance.random() < (second if which else first)))
        for _ in range(pairs)
        for which in (False, True)
    ]


def test_a_unit_keeps_its_arm_and_half_have_each() -> None:
    units = [f"user-{number}" for number in range(2000)]
    arms = [assigned(TEST, unit) for unit in units]
    assert arms == [assigned(TEST, unit) for unit in units]
    assert 900 < Counter(arms)["old"] < 1100
    other = [assigned(Experiment("other", "old", "new"), unit) for unit in units]
    assert 800 < sum(a == b for a, b in zip(arms, other, strict=True)) < 1200


def test_of_two_alike_hardly_one_is_called_better_however_often_one_looks() -> None:
    wrong = 0
    for seed in range(200):
        tally = tally_of(outcomes(0.6, 0.6, 300, seed))
        wrong += isinstance(result_of(TEST, tally), Better)
    assert wrong <= 20


@pytest.mark.parametrize(("first", "second", "arm"), [(0.4, 0.8, "new"), (0.8, 0.4, "old")])
def test_the_better_one_is_found(first: float, second: float, arm: str) -> None:
    found = [result_of(TEST, tally_of(outcomes(first, second, 150, seed))) for seed in range(40)]
    assert sum(isinstance(one, Better) and one.arm == arm for one in found) >= 38


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=60))
def test_a_winner_stays_and_nothing_is_lost(seen: list[tuple[bool, float]]) -> None:
    tally, won = Tally(), False
    for second, reward in seen:
        tally = observed(tally, second=second, reward=reward)
        assert all(part >= 0 for part in tally.wealth)
        now = isinstance(result_of(TEST, tally), Better)
        assert now or not won
        won = now
    waiting = len(tally.waiting_first) + len(tally.waiting_second)
    assert 2 * tally.pairs + waiting == len(seen)
    assert not (tally.waiting_first and tally.waiting_second)


def test_it_ends_at_its_limit() -> None:
    alike = [(False, 0.5), (True, 0.5)]
    assert isinstance(result_of(TEST, tally_of(alike * 299)), Running)
    assert isinstance(result_of(TEST, tally_of(alike * 300)), NoDifference)


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "A b"},
        {"name": ""},
        {"first": "x", "second": "x"},
        {"alpha": 0.0},
        {"alpha": 1.0},
        {"limit": 0},
    ],
)
def test_what_is_no_experiment_is_refused(bad: dict[str, object]) -> None:
    known: dict[str, object] = {"name": "n", "first": "a", "second": "b"}
    with pytest.raises(ValueError, match=r"experiment|alpha"):
        Experiment(**known | bad)  # type: ignore[arg-type] # wrong values are the point
    with pytest.raises(ValueError, match="outcome"):
        observed(Tally(), second=True, reward=1.5)
