"""Where the next page begins, as a text that means nothing to whoever asks for it."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.adapters.database.improvement_pages import Place


def cursor_of(place: Place) -> str:
    """The text of a place in a list."""
    text = f"{place.at.isoformat()} {place.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place | None:
    """The place that a text stands for, None if it is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, _, id = base64.b64decode(padded, b"-_", validate=True).decode("ascii").partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not id or not id.isprintable():
            return None
        # Near the first and the last year there are moments that UTC has no name for.
        return Place(moment.astimezone(UTC), id)
    except (ValueError, OverflowError, binascii.Error):
        return None


def cut(found: Sequence[tuple[Place, object]], limit: int) -> str | None:
    """The cursor behind `limit` of them, None if there are no more."""
    return cursor_of(found[limit - 1][0]) if len(found) > limit else None
