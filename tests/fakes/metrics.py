"""Requests in memory, for whoever reads how a service performs."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.metrics import Request


class FakeMetricsSource:
    """Holds the requests that a test says were answered."""

    def __init__(self, requests: Iterable[Request] = ()) -> None:
        self._requests = list(requests)

    def add(self, *requests: Request) -> None:
        """More requests were answered."""
        self._requests += requests

    async def requests(self, since: datetime, until: datetime) -> Sequence[Request]:
        """The requests answered in [since, until), oldest first."""
        found = [request for request in self._requests if since <= request.at < until]
        return sorted(found, key=lambda request: request.at)
