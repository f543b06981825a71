from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.activity import Activity, next_activity, part_of_day

DAY = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
PARTS = ("morning", "afternoon", "evening", "night")
SEEN = st.lists(
    st.builds(
        Activity,
        st.sampled_from("xyz"),
        st.integers(0, 6),
        st.sampled_from(PARTS),
        st.integers(0, 9),
    ),
    max_size=12,
)


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
    assert next_activity([Activity("x", 0, "night", 0)], DAY) is None


def test_the_time_of_day_decides_where_it_is_known() -> None:
    seen = [Activity("code", 0, "morning", 4), Activity("chat", 0, "evening", 9)]
    morning, evening, night = (
        next_activity(seen, DAY + timedelta(hours=hour)) for hour in (8, 19, 0)
    )
    assert morning is not None
    assert evening is not None
    assert night is not None
    assert (morning.task_type, morning.count, morning.baseline) == ("code", 4, "chat")
    assert morning.probability > 0.9
    assert (evening.task_type, night.task_type, night.count) == ("chat", "chat", 13)
    assert night.probability == pytest.approx(10 / 15)
    assert night.baseline_probability == pytest.approx(10 / 15)


def test_the_weekend_and_the_weekday_decide_where_they_are_known() -> None:
    seen = [
        *(Activity("code", day, "morning", 9) for day in range(5)),
        Activity("chat", 5, "morning", 9),
        Activity("review", 2, "morning", 40),
    ]
    monday, wednesday, sunday = (
        next_activity(seen, DAY + timedelta(days=day, hours=9)) for day in (0, 2, 6)
    )
    assert monday is not None
    assert wednesday is not None
    assert sunday is not None
    assert (monday.task_type, wednesday.task_type, sunday.task_type) == ("code", "review", "chat")


@given(SEEN, st.integers(0, 167))
def test_a_prediction_is_of_something_seen_and_its_probability_one(
    seen: list[Activity], hour: int
) -> None:
    found = next_activity(seen, DAY + timedelta(hours=hour))
    total = sum(one.count for one in seen)
    assert (found is None) == (total == 0)
    if found is not None:
        tasks = {one.task_type for one in seen if one.count}
        assert {found.task_type, found.baseline} <= tasks
        assert 1 / len(tasks) <= found.probability + 1e-9
        assert found.probability <= 1
        assert 0 < found.count <= total
