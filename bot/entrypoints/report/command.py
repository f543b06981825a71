"""The command `ironclaw report`."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine, store_factory, upgrade
from bot.adapters.database.names import recorded_name
from bot.adapters.database.windows import measured_repositories
from bot.adapters.signals.unfolded import Folding
from bot.bootstrap.records import records_of
from bot.domain.performance import PerformanceReport
from bot.entrypoints.report.document import LEAST_HOURS, MOST_HOURS, document
from bot.entrypoints.report.page import page
from bot.entrypoints.report.text import show
from bot.learning.performance_analyzer import read_report
from bot.ports import UserError
from bot.settings import Settings, read_settings

_HELP = """How a service did: its health score, what is slow or failing, and the figures behind it.

Examples:

  ironclaw report

  ironclaw report --repository team/shop --hours 168

  ironclaw report --json > report.json

  ironclaw report --html report.html
"""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("report", help=_HELP)(report_command)


def report_command(
    repository: Annotated[
        str,
        typer.Option(help="Whose service, `owner/name`, if there are several."),
    ] = "",
    hours: Annotated[
        float, typer.Option(min=LEAST_HOURS, max=MOST_HOURS, help="How far back to look.")
    ] = 24,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a page into this file.")
    ] = None,
) -> None:
    """Read, judge, print."""
    now, span = datetime.now(UTC), timedelta(hours=hours)
    settings = records_of(Path.cwd(), read_settings())
    name, report = asyncio.run(_report(settings, repository, now, span))
    if html is not None:
        html.write_text(page(report, name, now, span), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(document(report, name, now, span), indent=2, allow_nan=False))
    elif html is not None:
        typer.echo(f"Written: {html}")
    else:
        show(report, name, hours, Console())


async def _report(
    settings: Settings, repository: str, now: datetime, span: timedelta
) -> tuple[str, PerformanceReport]:
    targets = settings.operator.targets
    url = settings.database_url.get_secret_value()
    await asyncio.to_thread(upgrade, url, backup_dir=settings.data_folder() / "backups")
    engine = make_engine(url)
    try:
        await Folding(engine).fold()
        name = await _name(engine, repository)
        async with store_factory(engine)() as store:
            return name, await read_report(store, name, now, span, targets)
    finally:
        await engine.dispose()


async def _name(engine: AsyncEngine, wanted: str) -> str:
    """The repository asked for as the records write it, or the only one that was measured."""
    known = await recorded_name(engine, wanted) if wanted else None
    return _only(wanted, await measured_repositories(engine)) if known is None else known


def _only(wanted: str, measured: Sequence[str]) -> str:
    if not wanted and len(measured) <= 1:
        return measured[0] if measured else ""
    problem = f"there is no record of {wanted}" if wanted else "several were measured"
    named = f"one of: {', '.join(measured[:20])}" if measured else "one that was measured"
    raise UserError(problem, f"Say --repository with {named}.")
