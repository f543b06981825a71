"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""


class FixedClock:
    """The port Clock, set by the test."""

    def __init__(self, at: datetime = START) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        if at.tzinfo is None:
            message = f"{at} has no time zone"
            raise ValueError(message)
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta | None = None, *, seconds: float = 0) -> datetime:
        self._at += (by or timedelta()) + timedelta(seconds=seconds)
        return self._at
