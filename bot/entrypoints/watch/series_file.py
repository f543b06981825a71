"""Reads a measured series from a CSV file; every fault with its line."""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.domain.metrics import LARGEST
from bot.ports import UserError

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "latency": ("timestamp", "value"),
    "error_rate": ("timestamp", "errors", "requests"),
}
"""The columns that a metric needs; others are ignored."""
_MISSING: Final = frozenset({"", "nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf"})
_MILLISECONDS_FROM: Final = 1e11
"""An epoch timestamp beyond it (the year 5138 in seconds) counts milliseconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """When, in seconds since 1970 UTC, and what the other columns say, in their order."""

    at: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """The rows in the order of time; `unmeasured` more had no value."""

    rows: tuple[Row, ...]
    unmeasured: int


def read_series(path: Path, metric: str) -> SeriesFile:
    """Read one file; UserError with the line for what cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(_rows(path, csv.reader(file), COLUMNS[metric]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UserError(f"cannot read {path}: {why}", "Name a CSV file in UTF-8.") from error
    rows = sorted((row for row in found if row is not None), key=lambda row: row.at)
    return SeriesFile(tuple(rows), len(found) - len(rows))


def _rows(path: Path, lines: Iterator[list[str]], columns: tuple[str, ...]) -> Iterator[Row | None]:
    header = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in columns if name not in header]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        remedy = f"Its first line must name the columns {','.join(columns)}."
        raise UserError(f"{path}:1: no column {names}", remedy)
    places = [header.index(name) for name in columns]
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            yield _row(f"{path}:{number}", cells, dict(zip(columns, places, strict=True)))


def _row(where: str, cells: list[str], places: Mapping[str, int]) -> Row | None:
    """One row, None if it says that nothing was measured."""
    if len(cells) <= max(places.values()):
        problem = f"{where}: {len(cells)} columns, {max(places.values()) + 1} needed"
        raise UserError(problem, "Give every line all columns; leave a value empty if it is none.")
    texts = {name: cells[place].strip() for name, place in places.items()}
    at = _time(where, texts.pop("timestamp"))
    values = [_number(where, name, text) for name, text in texts.items()]
    if any(value is None for value in values):
        return None
    numbers = tuple(value for value in values if value is not None)
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        problem = f"{where}: {numbers[0]:g} errors in {numbers[1]:g} requests"
        raise UserError(problem, "Count in `requests` all of them, the failed ones too.")
    return Row(at, numbers)


def _number(where: str, name: str, text: str) -> float | None:
    if text.lower() in _MISSING:
        return None
    try:
        value = float(text)
    except ValueError:
        problem = f"{where}: `{name}` is {text!r}, no number"
        raise UserError(problem, "Leave it empty where nothing was measured.") from None
    if not math.isfinite(value):
        return None
    if not 0 <= value <= LARGEST:
        problem = f"{where}: `{name}` is {text}, not a number from 0 to {LARGEST:g}"
        raise UserError(problem, "Leave it empty where nothing was measured.")
    return value


def _time(where: str, text: str) -> float:
    """Epoch seconds or milliseconds, or ISO 8601; without an offset it is UTC."""
    try:
        seconds = float(text)
    except ValueError:
        return _iso(where, text)
    seconds = seconds / 1000 if abs(seconds) >= _MILLISECONDS_FROM else seconds
    if not math.isfinite(seconds) or abs(seconds) >= _MILLISECONDS_FROM:
        raise _no_time(where, text)
    return seconds


def _iso(where: str, text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _no_time(where, text) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _no_time(where: str, text: str) -> UserError:
    problem = f"{where}: `timestamp` is {text!r}, no time"
    return UserError(problem, "Write 2026-01-02T03:04:05Z, or seconds since 1970.")
