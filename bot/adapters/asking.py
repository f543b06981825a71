"""One question to an address that the operator named, answered within a bound or not at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from bot import __version__
from bot.ports import UserError

_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `ahead` is by how many seconds the clock there is before ours, if it says."""

    status: int
    body: bytes = field(default=b"", repr=False)
    ahead: float | None = None

    @property
    def document(self) -> Any:
        """The body as JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def ask(
    address: str, seconds: float, headers: Mapping[str, str] | None = None, *, proxies: bool = True
) -> Reply:
    """GET it, following nothing elsewhere; UserError if nobody answers.

    What `headers` hold is for this address alone. `proxies` are those of the environment.
    """
    sent = {"User-Agent": f"ironclaw/{__version__}", **(headers or {})}
    try:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False, trust_env=proxies) as client,
            client.stream("GET", address, headers=sent) as answer,
        ):
            now, body = datetime.now(UTC), bytearray()
            for part in answer.iter_bytes():
                body += part[: _MOST_BYTES - len(body)]
                if len(body) >= _MOST_BYTES:
                    break
            return Reply(answer.status_code, bytes(body), _ahead(answer.headers.get("date"), now))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        problem = f"{address} does not answer: {type(error).__name__} {error}".strip()
        remedy = "Check the address, name resolution, the network and proxies."
        # The cause holds the request, and with it what was sent.
        raise UserError(problem, remedy) from None


def _ahead(date: str | None, now: datetime) -> float | None:
    """Headers name whole seconds, so that on average half of one has passed."""
    try:
        there = parsedate_to_datetime(date) if date else None
    except ValueError:
        return None
    if there is None or there.tzinfo is None:
        return None
    return (there - now).total_seconds() + 0.5
