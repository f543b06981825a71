import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.events import REWARD, FeedbackType
from bot.domain.preferences import (
    DISCOUNT,
    LENGTH,
    PER_DAY,
    USER_CAP,
    Learner,
    Liking,
    Sums,
    contribution,
    learned,
    likings,
    one_more,
    preferred_settings,
    rank,
)

REWARDS = st.lists(st.floats(0, 1), max_size=40)


def after(rewards: list[float], model: str = "m", rate: float = 0.1) -> Sums:
    sums = Sums(model)
    for reward in rewards:
        sums = learned(sums, reward, rate)
    return sums


def test_every_rating_has_its_reward_and_more_stars_earn_more() -> None:
    assert set(REWARD) == set(FeedbackType)
    stars = [REWARD[FeedbackType(f"rating_{number}")] for number in range(1, 6)]
    assert stars == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert (REWARD[FeedbackType.THUMBS_DOWN], REWARD[FeedbackType.THUMBS_UP]) == (0.0, 1.0)


@given(REWARDS, st.floats(0.01, 1))
def test_sums_are_the_formulas_worked_out_over_the_whole_history(
    rewards: list[float], rate: float
) -> None:
    found = after(rewards, rate=rate)
    average = 0.5
    for reward in rewards:
        average = (1 - rate) * average + rate * reward
    ages = range(len(rewards) - 1, -1, -1)
    good = sum(r * DISCOUNT**age for r, age in zip(rewards, ages, strict=True))
    bad = sum((1 - r) * DISCOUNT**age for r, age in zip(rewards, ages, strict=True))
    assert found.average == pytest.approx(average)
    assert found.good == pytest.approx(good)
    assert found.bad == pytest.approx(bad)
    assert found.count == len(rewards)


@given(st.floats(0, 1), st.integers(1, 5))
def test_an_outcome_of_weight_n_moves_the_average_like_n_ratings(reward: float, n: int) -> None:
    assert learned(Sums("m"), reward, 0.1, n).average == pytest.approx(after([reward] * n).average)


@pytest.mark.parametrize("bad", [(-0.1, 1), (1.1, 1), (float("nan"), 1), (0.5, 0)])
def test_what_is_no_reward_is_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="reward"):
        learned(Sums("m"), bad[0], 0.1, bad[1])


@given(REWARDS, REWARDS)
def test_a_better_history_is_ranked_first_and_every_posterior_is_a_share(
    one: list[float], two: list[float]
) -> None:
    ranked = rank([after(one, "a"), after(two, "b")])
    assert [p.posterior for p in ranked] == sorted((p.posterior for p in ranked), reverse=True)
    for found in ranked:
        assert 0 < found.posterior < 1
        assert found.posterior == pytest.approx(found.alpha / (found.alpha + found.beta))
        assert 0 < found.deviation < 0.3


@given(REWARDS, st.sampled_from("ab"))
def test_one_more_good_rating_never_lowers_a_model(rewards: list[float], model: str) -> None:
    before = {name: after(rewards, name) for name in "ab"}
    better = before | {model: learned(before[model], 1.0, 0.1)}
    place = [p.model for p in rank(before.values())].index(model)
    assert [p.model for p in rank(better.values())].index(model) <= place


def test_two_good_ratings_do_not_outrank_twenty() -> None:
    ranked = rank([after([1.0] * 2, "few"), after([1.0] * 20, "many")])
    assert [one.model for one in ranked] == ["many", "few"]


def test_it_forgets_so_that_a_model_that_got_worse_falls_behind() -> None:
    was_good = after([1.0] * 300 + [0.0] * 60, "was good")
    steady = after([0.7] * 360, "steady")
    assert rank([was_good, steady])[0].model == "steady"


def test_a_new_user_has_everybodys_opinion_until_there_is_their_own() -> None:
    others = [Sums("good", 80, 20), Sums("bad", 20, 80)]
    assert rank([], others)[0].model == "good"
    own = [after([0.0] * 8, "good"), after([1.0] * 8, "bad")]
    assert rank(own, others)[0].model == "bad"


@given(REWARDS)
def test_one_user_is_worth_so_much_to_all_however_much_they_rate(rewards: list[float]) -> None:
    sums = after(rewards)
    good, bad = contribution(sums)
    assert good + bad <= USER_CAP + 1e-9
    if sums.weight > 0:
        assert good / (good + bad) == pytest.approx(sums.good / sums.weight, abs=1e-9)


def test_settings_are_those_that_were_received_well() -> None:
    context: dict[str, Any] = {"tone": "dry", "style": "x" * 101, "search_depth": 3, "other": "y"}
    assert likings(FeedbackType.RATING_4, 300, context) == [
        Liking("tone", "dry", 0.25, 1),
        Liking(LENGTH, "", 300.0, 1),
    ]
    assert likings(FeedbackType.RATING_3, 300, {}) == []
    nothing = {LENGTH: None, "tone": None, "style": None, "search_depth": None}
    assert preferred_settings([]) == nothing
    seen = [
        Liking(LENGTH, "", 500.0, 2),
        Liking("tone", "dry", 2.0, 4),
        Liking("tone", "warm", 0.5, 1),
        Liking("style", "short", -1.0, 2),
    ]
    assert preferred_settings(seen) == nothing | {LENGTH: 250, "tone": "dry"}


def test_a_day_has_its_limit_and_the_next_begins_anew() -> None:
    learner = Learner("u", "user/1")
    for _ in range(PER_DAY):
        more = one_more(learner, "2026-03-02")
        assert more is not None
        learner = more
    assert one_more(learner, "2026-03-02") is None
    tomorrow = one_more(learner, "2026-03-03")
    assert tomorrow is not None
    assert (tomorrow.given, tomorrow.day) == (1, "2026-03-03")


def test_a_model_that_falls_is_believed_to_have_fallen_soon() -> None:
    chance, needed = random.Random(1), []
    for _ in range(200):
        sums = after([float(chance.random() < 0.8) for _ in range(150)])
        while sums.good / sums.weight > 0.65:
            sums = learned(sums, float(chance.random() < 0.5), 0.1)
            needed.append(1)
    assert len(needed) / 200 < 45


def test_one_that_stays_as_it_is_is_seldom_believed_to_have_fallen() -> None:
    chance, alarms, sums = random.Random(2), 0, Sums("m")
    for _ in range(20_000):
        before, sums = sums, learned(sums, float(chance.random() < 0.8), 0.1)
        alarms += sums.weight < before.weight - 10
    assert alarms <= 20_000 / 400
