"""Reads a series from a file of `timestamp,value` lines."""

import csv
import math
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.domain.detection.series import Series
from bot.ports import UserError

_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
_REMEDY = "Give lines of `timestamp,value`: a time as ISO 8601 or in seconds since 1970, a number."
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""Numbers from here on are nano-, micro- and milliseconds: as seconds they are beyond year 5000."""


def read_series(lines: Iterable[str]) -> Series:
    """The series of a file; UserError with the line's number for what is none.

    Times are ISO 8601 (UTC where they name no zone) or since 1970 in seconds, milli-, micro- or
    nanoseconds. A first line of words is a header. An empty value, `nan` or `null` is missing.
    """
    times: list[float] = []
    values: list[float] = []
    rows = csv.reader(lines)
    for row in rows:
        cells = [cell.strip() for cell in row]
        number = rows.line_num
        if not any(cells) or cells[0].startswith("#"):
            continue
        if not times and _is_header(cells):
            continue
        time, value = _row(cells, number)
        if times and time < times[-1]:
            raise _wrong(number, f"{cells[0]} is before the line above it")
        times.append(time)
        values.append(value)
    if not times:
        raise UserError("the file has no values", _REMEDY)
    return Series(tuple(times), tuple(values))


def _row(cells: list[str], number: int) -> tuple[float, float]:
    if len(cells) != 2:
        raise _wrong(number, f"{len(cells)} columns, not 2")
    time, value = _time(cells[0]), _value(cells[1])
    if time is None:
        raise _wrong(number, f"{cells[0][:40]!r} is no time")
    if value is None:
        raise _wrong(number, f"{cells[1][:40]!r} is no number")
    return time, value


def _is_header(cells: list[str]) -> bool:
    return _time(cells[0]) is None and (len(cells) < 2 or _number(cells[1]) is None)


def _time(text: str) -> float | None:
    number = _number(text)
    if number is not None:
        factor = next((factor for least, factor in _UNITS if abs(number) >= least), 1.0)
        return number / factor
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _value(text: str) -> float | None:
    return math.nan if text.lower() in _MISSING else _number(text)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _wrong(number: int, what: str) -> UserError:
    return UserError(f"line {number}: {what}", _REMEDY)
