"""Obeys GitHub's rate limits, each installation for itself, without ever sleeping in here."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.adapters.github.wire import Answer
from bot.ports import Clock, HostBusyError

_FIRST_PAUSE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass
class _Standing:
    """How long one installation stays away, and how often in a row it was told so unexplained."""

    until: dict[str, datetime] = field(default_factory=dict)
    unexplained: int = 0
    left: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    """By kind the share that was left, 0 to 1, and when all of it is there again."""


class Limits:
    """Knows until when an installation may ask nothing of REST or GraphQL."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._standings: dict[int, _Standing] = {}

    def check(self, installation: int, kind: str) -> None:
        """HostBusyError while the installation has to stay away."""
        standing = self._standings.get(installation)
        until = standing.until.get(kind) if standing else None
        if until is not None and self._clock.now() < until:
            raise HostBusyError(until, f"GitHub's rate limit is used up until {until:%H:%M:%S} UTC")

    def note(self, installation: int, kind: str, answer: Answer) -> None:
        """Learn from an answer; HostBusyError if it says that we asked too much."""
        standing = self._standings.setdefault(installation, _Standing())
        _count(standing, kind, answer)
        if not _is_refused(answer, kind):
            standing.unexplained = 0
            if answer.headers.get("x-ratelimit-remaining") == "0":
                standing.until[kind] = _reset(answer) or self._clock.now()
            return
        until = self._stay_away_until(standing, answer)
        # Only the primary limit is counted apart for REST and GraphQL.
        kinds = (kind,) if answer.headers.get("x-ratelimit-remaining") == "0" else _KINDS
        standing.until.update(dict.fromkeys(kinds, until))
        raise HostBusyError(until, f"GitHub's rate limit: {answer.message}")

    def share_left(self) -> float | None:
        """What is left where least is left, 0 to 1; None if nobody has said anything."""
        now = self._clock.now()
        said = [left for one in self._standings.values() for left in one.left.values()]
        return min((share if now < reset else 1.0 for share, reset in said), default=None)

    def _stay_away_until(self, standing: _Standing, answer: Answer) -> datetime:
        """The documented order: what it says, when the limit is renewed, else longer each time."""
        now = self._clock.now()
        seconds = answer.headers.get("retry-after", "")
        if seconds.isascii() and seconds.isdigit():
            return now + timedelta(seconds=min(int(seconds), 86_400))
        if answer.headers.get("x-ratelimit-remaining") == "0":
            reset = _reset(answer)
            if reset is not None and reset > now:
                return reset
        standing.unexplained = min(standing.unexplained + 1, 10)
        growth: int = 2 ** (standing.unexplained - 1)
        return now + min(_FIRST_PAUSE * growth, _LONGEST_PAUSE)


_KINDS = ("rest", "graphql")


def _count(standing: _Standing, kind: str, answer: Answer) -> None:
    remaining, limit = (_number(answer, f"x-ratelimit-{name}") for name in ("remaining", "limit"))
    reset = _reset(answer)
    if remaining is not None and limit and reset is not None:
        standing.left[kind] = (min(1.0, remaining / limit), reset)


def _is_refused(answer: Answer, kind: str) -> bool:
    if answer.status == 200 and kind == "graphql":
        return any(one.text("type") == "RATE_LIMITED" for one in answer.json.each("errors"))
    if answer.status not in (403, 429):
        return False
    said = answer.message.lower()
    told = "retry-after" in answer.headers or "rate limit" in said or "abuse detection" in said
    return answer.status == 429 or told or answer.headers.get("x-ratelimit-remaining") == "0"


def _reset(answer: Answer) -> datetime | None:
    seconds = _number(answer, "x-ratelimit-reset")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _number(answer: Answer, header: str) -> int | None:
    text = answer.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
