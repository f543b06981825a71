"""A span of time cut into the longest windows that fit, so that a long one is read from few."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.metrics import SPANS, window_start


@dataclass(frozen=True, slots=True)
class Piece:
    """Windows of one length that start in [since, until)."""

    span: timedelta
    since: datetime
    until: datetime


def pieces(since: datetime, until: datetime) -> tuple[Piece, ...]:
    """Which windows cover [since, until), in order; both ends widened to whole short ones."""
    if since >= until:
        return ()
    start, end = _up(since, until)
    return tuple(
        piece for piece in _pieces(start, end, len(SPANS) - 1) if piece.since < piece.until
    )


def _up(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    shortest = SPANS[0]
    end = window_start(until, shortest)
    return window_start(since, shortest), end if end == until else end + shortest


def _pieces(since: datetime, until: datetime, longest: int) -> list[Piece]:
    """The middle in the longest windows, what is left at both sides in shorter ones."""
    span = SPANS[longest]
    if longest == 0:
        return [Piece(span, since, until)]
    first = window_start(since, span)
    first = first if first == since else first + span
    last = window_start(until, span)
    if first >= last:
        return _pieces(since, until, longest - 1)
    before, after = _pieces(since, first, longest - 1), _pieces(last, until, longest - 1)
    return [*before, Piece(span, first, last), *after]
