"""The command `ironclaw watch`."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.analysis.replay import Replayed
from bot.domain.policy import WatchPolicy
from bot.entrypoints.watch.judging import Metric, judged
from bot.entrypoints.watch.series_file import read_series

_HELP = """Judge a deployment by two files: what was measured before it, and after it.

Nothing is changed anywhere. Both files are CSV with a header: [bold]timestamp,value[/bold] for
latency (milliseconds, one line a request), [bold]timestamp,errors,requests[/bold] for the error
rate (one line for some seconds). Times are ISO 8601 (UTC without an offset) or seconds since 1970.
Lines a minute or more apart are taken for summaries, of which two running must be off.

The answer is successful, failed or inconclusive: too little data is never a success. The JSON has
`phase`, `reason`, `decided_after_seconds` (after the warm-up), and the effect with its 95 %
interval, `effect`, `low`, `high`: the ratio of response times, or the difference of error rates.

Examples:

  ironclaw watch --baseline before.csv --candidate after.csv --metric latency

  ironclaw watch --baseline before.csv --candidate after.csv --metric error_rate --json

  ironclaw watch --baseline before.csv --candidate after.csv --metric latency --warm-up 0

Exit codes: 0 judged, whatever the answer, 1 a file cannot be read, 2 wrong usage.
"""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("watch", help=_HELP)(watch)


def watch(
    baseline: Annotated[Path, typer.Option(help="What was measured before.")],
    candidate: Annotated[Path, typer.Option(help="What was measured since the deployment.")],
    metric: Annotated[Metric, typer.Option(help="What the files measure.")],
    warm_up: Annotated[
        int, typer.Option(min=0, max=86_400, help="Seconds of the candidate that do not count.")
    ] = WatchPolicy().warm_up_seconds,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read both, judge, print."""
    files = read_series(baseline, metric), read_series(candidate, metric)
    policy = replace(WatchPolicy(), warm_up_seconds=warm_up)
    found = judged(files[0], files[1], metric, policy)
    unmeasured = sum(file.unmeasured for file in files)
    if unmeasured:
        found = replace(found, reason=f"{found.reason} ({unmeasured} rows had no value)")
    if as_json:
        typer.echo(json.dumps(asdict(found), allow_nan=False))
        return
    typer.echo(f"{found.phase}: {found.reason}")
    for line in _details(found, metric):
        typer.echo(line)


def _details(found: Replayed, metric: Metric) -> Iterator[str]:
    if found.decided_after_seconds is not None:
        yield f"decided after {found.decided_after_seconds:g} s of measuring"
    if found.effect is None or found.low is None or found.high is None:
        return
    if metric is Metric.LATENCY:
        yield f"response time x{found.effect:.2f} (95 %: {found.low:.2f} to {found.high:.2f})"
    else:
        low, high = f"{found.low:+.2%}", f"{found.high:+.2%}"
        yield f"error rate {found.effect:+.2%} (95 %: {low} to {high})"
