"""What a service may report of its requests: how many at once, how old, and how large."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.metrics import LARGEST, Request

MOST_REQUESTS: Final = 10_000
OLDEST: Final = timedelta(days=7)
AHEAD: Final = timedelta(minutes=5)
"""How far the clock of a service may be ahead of ours."""
LONGEST_ENDPOINT: Final = 200
LONGEST_COMMIT: Final = 64


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a batch is not taken, and which of its requests is at fault, counted from 0."""

    why: str
    number: int | None = None


def refusal(requests: Sequence[Request], now: datetime) -> Refused | None:
    """The first thing that is wrong with a batch, None if nothing is."""
    if len(requests) > MOST_REQUESTS:
        return Refused(f"{len(requests)} requests are more than {MOST_REQUESTS:,} in one batch")
    for number, request in enumerate(requests):
        why = _fault(request, now)
        if why:
            return Refused(why, number)
    return None


def _fault(request: Request, now: datetime) -> str:
    if request.at < now - OLDEST:
        return f"`at` is more than {OLDEST.days} days ago"
    if request.at > now + AHEAD:
        return f"`at` is more than {AHEAD.seconds // 60} minutes ahead of this server's clock"
    if not math.isfinite(request.milliseconds) or not 0 <= request.milliseconds <= LARGEST:
        return f"`ms` is not a number from 0 to {LARGEST:g}"
    if not request.endpoint or not _is_text(request.endpoint, LONGEST_ENDPOINT):
        return f"`endpoint` is not 1 to {LONGEST_ENDPOINT} printable characters"
    if not _is_text(request.commit, LONGEST_COMMIT):
        return f"`commit` is not at most {LONGEST_COMMIT} printable characters"
    return ""


def _is_text(text: str, longest: int) -> bool:
    """Printable leaves out NUL, line feeds and lone surrogates."""
    return len(text) <= longest and text.isprintable()
