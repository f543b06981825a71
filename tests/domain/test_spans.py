"""Which windows cover a span."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.metrics import DAY, HOUR, WINDOW, window_start
from bot.domain.spans import Piece, pieces

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTES = st.integers(0, 60 * 24 * 40)


def test_a_day_is_read_from_hours_and_what_is_left_from_five_minutes() -> None:
    at = NOON + timedelta(minutes=7)
    assert pieces(at - DAY, at) == (
        Piece(WINDOW, NOON - DAY + WINDOW, NOON - DAY + HOUR),
        Piece(HOUR, NOON - DAY + HOUR, NOON),
        Piece(WINDOW, NOON, NOON + 2 * WINDOW),
    )


@given(MINUTES, MINUTES)
def test_pieces_touch_and_cover_the_span(start: int, length: int) -> None:
    since = NOON + timedelta(minutes=start)
    until = since + timedelta(minutes=length)
    found = pieces(since, until)
    if not length:
        assert found == ()
        return
    assert all(one.until == two.since for one, two in pairwise(found))
    assert found[0].since == window_start(since)
    assert found[-1].until - WINDOW < until <= found[-1].until
    assert all(window_start(one.since, one.span) == one.since for one in found)
    assert sum((one.until - one.since) / one.span for one in found) <= 23 * 2 + 11 * 2 + 40
