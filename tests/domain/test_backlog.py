"""How signs of workers are read back, and for how long they are good."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backlog import SIGN_GOOD_FOR, Backlog, Waiting, WorkerSign, sign_of

MOMENTS = st.datetimes(timezones=st.just(UTC))
SIGNS = st.builds(
    WorkerSign,
    executor=st.text(),
    host=st.text(),
    pid=st.integers(),
    version=st.text(),
    began=MOMENTS,
    at=MOMENTS,
    share_left=st.none() | st.floats(0, 1),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(["host", "pid", "version", "began", "share_left", "more"])


@given(SIGNS)
def test_a_sign_is_read_as_it_was_written(sign: WorkerSign) -> None:
    assert sign_of(sign.executor, sign.document(), sign.at) == sign


@given(JSON | st.dictionaries(NAMES, JSON), MOMENTS)
def test_whatever_stands_there_is_a_whole_sign_or_none(value: object, at: datetime) -> None:
    found = sign_of("x", value, at)
    if found is not None:
        assert found.began.tzinfo
        assert found.share_left is None or 0 <= found.share_left <= 1


@given(SIGNS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_sign_is_good_for_its_time(sign: WorkerSign, later: timedelta) -> None:
    if sign.at > datetime.max.replace(tzinfo=UTC) - timedelta(days=10):
        return
    alive = Backlog(workers=(sign,)).alive(sign.at + later)
    assert bool(alive) == (later <= SIGN_GOOD_FOR)


def test_nothing_waits_no_time_and_nobody_waits_less_than_none() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert Waiting().seconds(now) == 0
    assert Waiting(1, now + timedelta(seconds=9)).seconds(now) == 0
    assert Waiting(1, now - timedelta(seconds=9)).seconds(now) == 9
