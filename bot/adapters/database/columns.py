"""Column types that give back exactly what was put in, alike on SQLite and PostgreSQL."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Text, TypeDecorator

# PostgreSQL keeps no NUL and neither database keeps a lone surrogate, yet both occur in files and
# in what users send. They, and the mark itself, are written as the mark and four hex digits.
_MARK = "\x1a"
_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile(f"{_MARK}([0-9a-f]{{4}})")


def escape(text: str) -> str:
    """The text with what a database cannot keep written in hex; other text stays as it is."""
    return _UNSTORABLE.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", str(text))


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def plain_json(value: Any) -> Any:
    """A copy made of JSON's own types; ValueError for what JSON cannot say exactly."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            message = f"{value} is no JSON number"
            raise ValueError(message)
        return value
    if isinstance(value, Mapping):
        return {_plain_key(key): plain_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(inner) for inner in value]
    message = f"{type(value).__name__} is no JSON value"
    raise ValueError(message)


def _plain_key(key: Any) -> str:
    if not isinstance(key, str):
        message = f"{key!r} is no JSON key: keys are text"
        raise ValueError(message)  # noqa: TRY004 - one error for everything that is no JSON
    return str(key)


class ExactText(TypeDecorator[str]):
    """Any Python text, also with NUL and lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        return None if value is None else escape(value)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        return None if value is None else unescape(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: only aware values go in, UTC comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value} has no time zone"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone, and what was put in was UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PlainJson(TypeDecorator[Any]):
    """Plain JSON values. Not JSONB, which refuses NUL and forgets the order of keys."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, _: Dialect) -> Any:
        return plain_json(value)
