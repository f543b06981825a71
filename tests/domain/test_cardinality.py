"""Series beyond a limit: counted together, and never lost."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cardinality import OTHERS, bounded
from bot.domain.metrics import MetricType, Series, Window, window_of
from tests.domain.samples import NOW

names = st.sampled_from("abc")
endpoints = st.sampled_from(["/1", "/2", "/3", "/4"])


def window(name: str, endpoint: str) -> Window:
    return window_of((NOW, name, MetricType.RESPONSE_TIME, endpoint, "ms"), [1.0])


@given(st.lists(st.tuples(names, endpoints)), st.integers(0, 6))
def test_nothing_is_lost_and_no_more_than_the_limit_is_told_apart(
    series: list[tuple[str, str]], most: int
) -> None:
    known: set[Series] = set()
    given_windows = [window(*one) for one in series]
    found, beyond = bounded(given_windows, known, most)
    assert sum(one.count for one in found) == len(series)
    assert len(known) <= most
    assert beyond == sum(one.endpoint == OTHERS for one in found)
    apart = {one.series for one in found if one.endpoint != OTHERS}
    assert apart <= known
    # What is put together is one series for each metric that is known, and one for the rest.
    together = {one.series for one in found} - apart
    assert len(together) <= len({name for name, *_ in known}) + 1


def test_a_metric_that_is_known_keeps_its_name() -> None:
    known: set[Series] = set()
    windows = [window("a", "/1"), window("a", "/2"), window("b", "/1")]
    found, _ = bounded(windows, known, 1)
    assert [(one.metric_name, one.endpoint) for one in found] == [
        ("a", "/1"),
        ("a", OTHERS),
        (OTHERS, OTHERS),
    ]
