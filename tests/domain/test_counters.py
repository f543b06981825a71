"""What was counted between two readings."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.counters import NANO, Tally, since, tally_windows
from bot.domain.metrics import MetricType

AT = 1_800_000_000 * NANO
SERIES = ("http.server.request.duration", MetricType.RESPONSE_TIME, "GET /a", "ms")
FIRST = Tally(SERIES, AT - NANO, AT, {10.0: 3, 20.0: 1}, 50.0, 9.0, 21.0)
LATER = replace(FIRST, at=AT + NANO, values={10.0: 5, 20.0: 1, 40.0: 1}, total=110.0)


def test_the_difference_is_what_was_counted() -> None:
    found = since(FIRST, LATER)
    assert found is not None
    assert (found.values, found.total, found.low) == ({10.0: 2, 40.0: 1}, 60.0, None)


def test_of_the_first_reading_nobody_knows_when_its_values_came() -> None:
    assert since(None, FIRST) is None


def test_one_that_started_anew_is_counted_whole() -> None:
    anew = replace(LATER, started=AT)
    assert since(FIRST, anew) == anew
    fell = replace(LATER, values={10.0: 1})
    assert since(FIRST, fell) == fell


def test_an_old_reading_is_left_out() -> None:
    assert since(LATER, FIRST) is None
    assert since(LATER, LATER) is None


def test_a_window_is_made_of_what_was_counted() -> None:
    (window,) = tally_windows([FIRST])
    assert (window.count, window.total, window.min_value, window.max_value) == (4, 50.0, 9.0, 21.0)
    assert window.series == SERIES
    assert tally_windows([replace(FIRST, values={})]) == []


def test_what_is_of_one_series_and_five_minutes_makes_one_window() -> None:
    later = replace(LATER, low=None, high=None)
    apart = [replace(FIRST, at=AT + 300 * NANO), replace(FIRST, series=("b", *SERIES[1:]))]
    both, *others = tally_windows([FIRST, later, *apart, replace(FIRST, values={}, low=-1.0)])
    assert (both.count, both.total, both.min_value, both.max_value) == (11, 160.0, 9.0, 40.0)
    assert others == tally_windows(apart)


COUNTS = st.dictionaries(st.sampled_from([1.0, 2.0, 4.0]), st.integers(0, 9))


@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_nothing_is_lost_or_counted_twice_between_readings(grown: list[dict[float, int]]) -> None:
    total: dict[float, int] = {}
    readings = []
    for number, more in enumerate(grown):
        total = {value: total.get(value, 0) + more.get(value, 0) for value in (1.0, 2.0, 4.0)}
        readings.append(replace(FIRST, at=AT + number, values=total, total=0.0))
    found = [since(one, two) for one, two in pairwise(readings)]
    counted = sum(one.count for one in found if one is not None)
    assert counted == readings[-1].count - readings[0].count
