"""Reads single values of foreign documents, none of which is taken at its word."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from bot.adapters.signals.formats.outcome import UnreadableError
from bot.domain.measured import LARGEST
from bot.domain.redaction import redact

LONGEST_NAME: Final = 300
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_COMMIT: Final = re.compile(r"[0-9a-fA-F]{7,64}")
_MOST_EXTRA: Final = 40


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no value, and why."""

    why: str


def text(value: object, longest: int = LONGEST_NAME) -> str:
    """A name to keep: no secret's shape, nothing unprintable, not too long; empty if it is none.

    It is still foreign text, to be escaped wherever it is shown.
    """
    return _clean(value, longest) if isinstance(value, str) else ""


@lru_cache(1024)
def _clean(value: str, longest: int) -> str:
    # What is cut off may be the end of a secret, so it is looked at before.
    clean = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", redact(value[: 8 * longest]))
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def number(value: object, factor: float = 1.0) -> float | Missing:
    """The number times `factor`, or why there is none; true and false are none."""
    if value is None:
        return Missing("the file gives no value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Missing("it is no number")
    try:
        found = float(value) * factor
    except OverflowError:
        return Missing("it is too large for a number")
    if math.isnan(found):
        return Missing("not a number (NaN)")
    if math.isinf(found):
        return Missing("infinite")
    return found if abs(found) <= LARGEST else Missing("it is too large to be a measurement")


def worded(value: object) -> object:
    """The number that a text such as `"12.5"`, `"NaN"` or `"N/A"` stands for, else the value."""
    if not isinstance(value, str):
        return value
    word = value.strip()
    if len(word) > 64:
        return value
    if word in ("", "N/A", "n/a", "null", "-"):
        return None
    try:
        # Underscores between digits are Python's own, no tool's.
        return value if "_" in word else float(word)
    except ValueError:
        return value


def some_number(value: object, factor: float = 1.0) -> float | None:
    """The number, None if there is none."""
    found = number(value, factor)
    return None if isinstance(found, Missing) else found


def numbers(values: object, factor: float = 1.0) -> list[float]:
    """The numbers of a list; others in it are left out."""
    given = values if isinstance(values, list) else []
    found = (some_number(worded(value), factor) for value in given)
    return [value for value in found if value is not None]


def count(value: object) -> int | None:
    """A whole number from 0 that a database can keep, None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 2**53 and value == int(value) else None


def moment(value: object) -> datetime | None:
    """ISO 8601 (UTC where it names no offset), or seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str) and len(value) <= 64:
            found = datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            # Seconds reach 1e11 in the year 5138, milliseconds did in 1973.
            return datetime.fromtimestamp(value / 1000 if abs(value) >= 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def commit(value: object) -> str:
    """A commit's name, empty if it is none."""
    return value.lower() if isinstance(value, str) and _COMMIT.fullmatch(value) else ""


def objects(value: object) -> Sequence[dict[str, Any]]:
    """The objects of a list, empty if it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def mapping(value: object) -> Mapping[str, Any]:
    """The object, empty if it is none."""
    return value if isinstance(value, dict) else {}


def plain(values: Iterable[tuple[object, object]]) -> dict[str, Any]:
    """Names and numbers, words or truths to keep beside a result; what is none is left out."""
    kept: dict[str, Any] = {}
    for key, value in values:
        if len(kept) >= _MOST_EXTRA:
            break
        found: object = value if isinstance(value, bool) else some_number(value)
        if found is None and isinstance(value, str):
            found = text(value)
        if found is not None:
            kept[text(str(key), 80)] = found
    return kept


def require(value: object, what: str) -> str:
    """A name that must be there."""
    found = text(value)
    if not found:
        raise UnreadableError(f"{what} has no name", "Give the file as the tool wrote it.")
    return found
