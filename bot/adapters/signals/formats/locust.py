"""Locust's four CSV files (`--csv PREFIX`), known by their first line; milliseconds."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.adapters.signals.formats import fields
from bot.adapters.signals.formats.limits import Meter
from bot.adapters.signals.formats.outcome import Content, UnreadableError
from bot.adapters.signals.formats.series import Series
from bot.domain.measured import Direction, Statistic

_STATS: Final = ("Type", "Name", "Request Count", "Failure Count", "Median Response Time")
_HISTORY: Final = ("Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s")
_FAILURES: Final = ("Method", "Name", "Error", "Occurrences")
_EXCEPTIONS: Final = ("Count", "Message", "Traceback", "Nodes")
_STARTS: Final = (_STATS, _HISTORY, _FAILURES, _EXCEPTIONS)
_MS: Final = 1e-3
Row = dict[str, str]


def recognises(text: str) -> bool:
    """Its first line is that of one of the four."""
    return _start(text) is not None


def _start(text: str) -> tuple[str, ...] | None:
    head = tuple(cell.strip('"') for cell in text[:1000].lstrip().split("\n")[0].strip().split(","))
    return next((start for start in _STARTS if head[: len(start)] == start), None)


def read(text: str, meter: Meter) -> Content:
    """Each row of statistics gives a time, a rate and a share of failures."""
    content = Content()
    start = _start(text)
    rows = _rows(text, meter, content)
    if start == _STATS:
        for row in rows:
            _add(content, _of_stats(row, ""), meter)
    elif start == _HISTORY:
        _add(content, _of_history(rows, meter), meter)
    elif start == _FAILURES:
        content.empty = "no request failed"
        for row in rows:
            label = f"{_label(row, 'Method')}: {row.get('Error')}"
            _add(content, [_counted(label, row.get("Occurrences"))], meter)
    else:
        content.empty = "no exception was raised"
        for row in rows:
            # The traceback stays where it is: it may hold anything.
            _add(content, [_counted(f"exception: {row.get('Message')}", row["Count"])], meter)
    return content


def _add(content: Content, found: Iterable[Series], meter: Meter) -> None:
    content.results += [series.result(meter.limits) for series in found]
    meter.series(len(content.results))


def _rows(text: str, meter: Meter, content: Content) -> Iterator[Row]:
    """Rows by their column's name; one of another length is left out and noted."""
    reader = csv.reader(io.StringIO(text.lstrip(), newline=""), strict=True)
    wrong = 0
    try:
        names = next(reader)
        for row in reader:
            meter.step(len(row))
            if len(row) == len(names):
                yield dict(zip(names, row, strict=True))
            elif row:
                wrong += 1
    except csv.Error as error:
        why = f"it is no CSV: {error}, line {reader.line_num:,}"
        raise UnreadableError(why, "Give the file as Locust wrote it, whole.") from None
    if wrong:
        content.notes.append(f"{wrong} rows do not have {len(names)} cells and are left out")


def _label(row: Row, kind: str) -> str:
    return f"{row.get(kind, '')} {row.get('Name', '')}".strip() or "without a name"


def _of_stats(row: Row, prefix: str) -> Iterator[Series]:
    """`prefix` stands before the names of the columns over the whole run in the history."""
    name = fields.text(_label(row, "Type"))
    many = fields.count(fields.worded(row.get(f"{prefix}Request Count")))
    failed = fields.count(fields.worded(row.get(f"{prefix}Failure Count")))
    yield Series(
        name,
        "s",
        Direction.LOWER,
        fields.worded(row.get(f"{prefix}Average Response Time")),
        _MS,
        count=many,
        extra=_times(row, prefix),
        failed="" if many else "there was no request",
    )
    yield Series(
        fields.text(f"{name}: failures"),
        "1",
        Direction.LOWER,
        failed / many if failed is not None and many else None,
        count=many,
        failed="" if many else "there was no request",
    )
    if not prefix:
        rate = fields.worded(row.get("Requests/s"))
        yield _rate(name, rate, ())


def _times(row: Row, prefix: str) -> dict[str, float]:
    named = {f"{prefix}{word} Response Time": word.lower() for word in ("Median", "Min", "Max")}
    if not prefix:
        named |= {column: f"p{column[:-1]}" for column in row if column.endswith("%")}
    found = {
        word: fields.some_number(fields.worded(row.get(column)), _MS)
        for column, word in named.items()
    }
    return {word: value for word, value in found.items() if value is not None}


def _rate(name: str, value: object, values: object) -> Series:
    label = fields.text(f"{name}: requests/s")
    statistic = Statistic.MEAN if values else Statistic.SINGLE
    return Series(label, "1/s", Direction.HIGHER, value, statistic=statistic, values=values)


def _of_history(rows: Iterator[Row], meter: Meter) -> Iterator[Series]:
    """The last row of each name holds its whole run; the rate of every moment is a value."""
    last: dict[str, Row] = {}
    rates: dict[str, list[float]] = {}
    for row in rows:
        name = fields.text(_label(row, "Type"))
        last[name] = row
        rate = fields.some_number(fields.worded(row.get("Requests/s")))
        rates.setdefault(name, []).extend([] if rate is None else [rate])
        meter.series(len(last))
    for name, row in last.items():
        at = fields.moment(fields.worded(row.get("Timestamp")))
        for series in (*_of_stats(row, "Total "), _rate(name, None, rates[name])):
            yield replace(series, at=at)


def _counted(label: str, count: str | None) -> Series:
    value = fields.worded(count)
    return Series(fields.text(label), "1", Direction.LOWER, value, statistic=Statistic.SINGLE)
