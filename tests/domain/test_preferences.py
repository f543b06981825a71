from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.events import REWARD, Feedback, FeedbackType
from bot.domain.preferences import next_activity, part_of_day, rank_models

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def rated(
    kind: FeedbackType = FeedbackType.THUMBS_UP, model: str = "m", task: str = "chat", hour: int = 9
) -> Feedback:
    return Feedback("u", "x", kind, model, task, DAY + timedelta(hours=hour))


def test_every_rating_has_its_reward_and_more_stars_earn_more() -> None:
    assert set(REWARD) == set(FeedbackType)
    stars = [REWARD[FeedbackType(f"rating_{number}")] for number in range(1, 6)]
    assert stars == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert (REWARD[FeedbackType.THUMBS_DOWN], REWARD[FeedbackType.THUMBS_UP]) == (0.0, 1.0)


RATINGS = st.lists(
    st.builds(
        rated,
        st.sampled_from(FeedbackType),
        st.sampled_from("abc"),
        st.sampled_from("xy"),
        st.integers(0, 23),
    ),
    max_size=30,
)


@given(RATINGS, st.fractions(Fraction(1, 100), 1))
def test_ranking_is_the_two_formulas_worked_out_by_hand(
    ratings: list[Feedback], rate: Fraction
) -> None:
    found = rank_models(ratings, float(rate))
    assert {one.model for one in found} == {rating.model_used for rating in ratings}
    for one in found:
        rewards = [Fraction(REWARD[r.feedback_type]) for r in ratings if r.model_used == one.model]
        average = Fraction(1, 2)
        for reward in rewards:
            average = (1 - rate) * average + rate * reward
        assert one.average == pytest.approx(float(average))
        assert one.posterior == pytest.approx(float((1 + sum(rewards)) / (2 + len(rewards))))
        assert one.count == len(rewards)
        assert 0 <= one.average <= 1
        assert 0 < one.posterior < 1
    assert [one.posterior for one in found] == sorted((o.posterior for o in found), reverse=True)


@given(RATINGS, st.sampled_from("abc"))
def test_one_more_good_rating_never_lowers_a_model(ratings: list[Feedback], model: str) -> None:
    def place(given: list[Feedback]) -> int:
        return [one.model for one in rank_models(given, 0.1)].index(model)

    before = [*ratings, rated(FeedbackType.RATING_3, model)]
    assert place([*before, rated(FeedbackType.THUMBS_UP, model)]) <= place(before)


def test_two_good_ratings_do_not_outrank_twenty() -> None:
    few = [rated(model="few")] * 2
    many = [rated(model="many")] * 20
    assert [one.model for one in rank_models(few + many, 0.1)] == ["many", "few"]


def test_equal_models_are_ranked_by_name() -> None:
    assert [one.model for one in rank_models([rated(model="b"), rated(model="a")], 0.1)] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("hours", "part"),
    [
        (range(5, 12), "morning"),
        (range(12, 17), "afternoon"),
        (range(17, 22), "evening"),
        ((22, 23, 0, 1, 2, 3, 4), "night"),
    ],
)
def test_parts_of_the_day(hours: range, part: str) -> None:
    assert {part_of_day(DAY + timedelta(hours=hour, minutes=59)) for hour in hours} == {part}


def test_nothing_is_predicted_from_nothing() -> None:
    assert next_activity([], DAY) is None


def test_the_time_of_day_decides_where_it_is_known() -> None:
    history = [rated(task="code", hour=9)] * 2 + [rated(task="chat", hour=20)] * 5
    morning, evening = (next_activity(history, DAY + timedelta(hours=hour)) for hour in (8, 19))
    assert morning is not None
    assert evening is not None
    assert (morning.task_type, morning.count, morning.probability) == ("code", 2, 1.0)
    assert evening.task_type == "chat"
    at_night = next_activity(history, DAY)
    assert at_night is not None
    assert (at_night.task_type, at_night.count) == ("chat", 7)
    assert at_night.probability == pytest.approx(6 / 9)


@given(RATINGS, st.integers(0, 23))
def test_a_prediction_is_the_most_frequent_and_its_probability_one(
    ratings: list[Feedback], hour: int
) -> None:
    found = next_activity(ratings, DAY + timedelta(hours=hour))
    assert (found is None) == (not ratings)
    if found is not None:
        assert 0 < found.probability <= 1
        assert 0 < found.count <= len(ratings)
        assert found.task_type in {rating.task_type for rating in ratings}
