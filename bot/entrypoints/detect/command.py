"""The command that looks for changes, leaks and anomalies in a file."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.detection.anomalies import find_anomalies
from bot.domain.detection.changes import find_changes
from bot.domain.detection.leaks import find_leak
from bot.domain.detection.series import Series
from bot.entrypoints.detect.reading import read_series
from bot.entrypoints.detect.report import Answer, document, text
from bot.ports import UserError
from bot.settings import read_settings

_HELP = """Look in FILE for lasting changes, a memory leak, or anomalies.

FILE has lines of [bold]timestamp,value[/bold] in order of time; `-` reads standard input. Times are
ISO 8601 or seconds, milli-, micro- or nanoseconds since 1970. An empty value is missing.

Examples:

  ironclaw detect latency.csv --kind change

  ironclaw detect memory.csv --kind leak --start 2026-11-01T08:00:00Z --json

  ironclaw detect - --kind anomaly --json < errors.csv

Exit codes: 0 looked (also when nothing is found: read the verdict), 1 failure, 2 wrong usage.
"""


class Kind(StrEnum):
    """What is looked for."""

    CHANGE = "change"
    LEAK = "leak"
    ANOMALY = "anomaly"


def add_to(app: typer.Typer) -> None:
    """Make `ironclaw detect` known."""
    app.command("detect", help=_HELP)(detect_command)


def detect_command(
    file: Annotated[Path, typer.Argument(help="A file of timestamp,value lines, or -.")],
    kind: Annotated[Kind, typer.Option(help="What to look for.")] = Kind.CHANGE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    start: Annotated[
        list[str] | None,
        typer.Option(help="When a process started, for leaks; may be repeated."),
    ] = None,
    megabyte: Annotated[
        float, typer.Option(min=1e-9, help="How much of the file's unit is 1 MB, for leaks.")
    ] = 1.0,
) -> None:
    """Read, decide, print."""
    series = _read(file)
    answer = _ask(series, kind, _starts(start), megabyte)
    if as_json:
        typer.echo(json.dumps(document(kind, answer), allow_nan=False))
    else:
        typer.echo(text(series, answer))


def _ask(series: Series, kind: Kind, starts: tuple[float, ...] | None, megabyte: float) -> Answer:
    match kind:
        case Kind.CHANGE:
            return find_changes(series)
        case Kind.ANOMALY:
            return find_anomalies(series)
        case Kind.LEAK:
            limit = read_settings().memory_warning_threshold_mb * megabyte
            return find_leak(series, starts, limit)


def _read(file: Path) -> Series:
    try:
        if str(file) == "-":
            return read_series(sys.stdin)
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return read_series(lines)
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is no text in UTF-8", "Name a CSV file.") from error
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}", "Name a file.") from error


def _starts(given: list[str] | None) -> tuple[float, ...] | None:
    if not given:
        return None
    try:
        return read_series(f"{time},0" for time in sorted(given)).times
    except UserError as error:
        raise typer.BadParameter("no time as in FILE", param_hint="--start") from error
