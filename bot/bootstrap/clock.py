"""The machine's clock."""

from datetime import UTC, datetime


class SystemClock:
    """The port Clock."""

    def now(self) -> datetime:
        """The current time, UTC and aware."""
        return datetime.now(UTC)
