"""Reads single fields of foreign JSON: what is missing, null or of another kind reads as empty."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_LARGEST = 2**63 - 1
_SHA = re.compile(r"[0-9a-f]{40}")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON value; a path of keys leads into objects and never fails."""

    value: object = None

    def at(self, *path: str) -> "Fields":
        """The value at a path."""
        value = self.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return Fields(value)

    def text(self, *path: str) -> str:
        """The text there, or nothing; text that no database can hold is nothing too."""
        value = self.at(*path).value
        return value if isinstance(value, str) and not _NOT_TEXT.search(value) else ""

    def sha(self, *path: str) -> str:
        """The whole SHA there, or nothing."""
        text = self.text(*path)
        return text if _SHA.fullmatch(text) and text.strip("0") else ""

    def number(self, *path: str) -> int | None:
        """The number there, if it is one that names something."""
        value = self.at(*path).value
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if 0 <= value <= _LARGEST else None

    def flag(self, *path: str) -> bool:
        """Whether it says true there."""
        return self.at(*path).value is True

    def maybe(self, *path: str) -> bool | None:
        """What it says there, None while it says neither."""
        value = self.at(*path).value
        return value if isinstance(value, bool) else None

    def moment(self, *path: str) -> datetime | None:
        """The time there, aware and in UTC."""
        try:
            found = datetime.fromisoformat(self.text(*path))
        except ValueError:
            return None
        return found.astimezone(UTC) if found.tzinfo else None

    def each(self, *path: str) -> Iterator["Fields"]:
        """The values of the list there."""
        value = self.at(*path).value
        return map(Fields, value if isinstance(value, list) else ())

    def __bool__(self) -> bool:
        return bool(self.value)
