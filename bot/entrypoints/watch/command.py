"""The command `ironclaw watch`."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.analysis import Phase, assess, is_bad
from bot.domain.metrics import Request
from bot.domain.policy import WatchPolicy
from bot.entrypoints.watch.series_file import Row, read_series

_HELP = """Judge a deployment by two files: what was measured before it, and after it.

Nothing is changed anywhere. Both files are CSV with a header: [bold]timestamp,value[/bold] for
latency (milliseconds, one line a request), [bold]timestamp,errors,requests[/bold] for the error
rate (one line for some seconds). Times are ISO 8601 (UTC without an offset) or seconds since 1970.

Examples:

  ironclaw watch --baseline before.csv --candidate after.csv --metric latency

  ironclaw watch --baseline before.csv --candidate after.csv --metric error_rate --json
"""


class Metric(StrEnum):
    """What the files measure."""

    ERROR_RATE = "error_rate"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `--json` prints."""

    phase: str
    reason: str
    decided_after_seconds: float | None
    effect: float | None
    low: float | None
    high: float | None


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("watch", help=_HELP)(watch)


def watch(
    baseline: Annotated[Path, typer.Option(help="What was measured before.")],
    candidate: Annotated[Path, typer.Option(help="What was measured since the deployment.")],
    metric: Annotated[Metric, typer.Option(help="What the files measure.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read both, judge, print."""
    before, after = (_requests(read_series(p, metric).rows, metric) for p in (baseline, candidate))
    found = _replay(before, after, metric)
    if as_json:
        typer.echo(json.dumps(asdict(found), allow_nan=False))
    else:
        typer.echo(f"{found.phase}: {found.reason}")


def _requests(rows: tuple[Row, ...], metric: Metric) -> list[Request]:
    found = []
    for row in rows:
        at = datetime.fromtimestamp(row.at, UTC)
        if metric is Metric.LATENCY:
            found.append(Request(at, "", row.values[0], failed=False))
        else:
            errors, count = (round(value) for value in row.values)
            found += [Request(at, "", 1.0, failed=number < errors) for number in range(count)]
    return found


def _replay(before: list[Request], after: list[Request], metric: Metric) -> Verdict:
    policy = WatchPolicy()
    if not after:
        return Verdict(Phase.INCONCLUSIVE, "nothing was measured", None, None, None, None)
    start = after[0].at.timestamp() + policy.warm_up_seconds
    last, suspected = after[-1].at.timestamp(), False
    look = start
    while True:
        look += policy.duration_seconds / 10
        seen = [one for one in after if start <= one.at.timestamp() < look]
        found = assess(before, seen, policy, over=look > last, confirmed=suspected)
        if found.phase is not Phase.RUNNING or look > last:
            return Verdict(found.phase, f"{metric}: {found.why}", look - start, None, None, None)
        suspected = is_bad(found)
