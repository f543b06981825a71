"""The commands that tell what happened: `ironclaw history`, `explain ID` and `experiments`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.bootstrap.records import open_records
from bot.domain.events import LearningEvent
from bot.domain.experiment import Better, NoDifference, Running
from bot.domain.experimenting import Standing, standings
from bot.domain.improvement import Improvement
from bot.domain.messages import plain_lines
from bot.domain.story import event_json, story_json, story_of
from bot.ports import Store, UserError
from bot.settings import read_settings

Answer = TypeVar("Answer")
_WORDS: Final = {Better: "better", NoDifference: "no difference", Running: "running"}
_HISTORY = """Print the latest things learned, oldest first.

Examples:

  ironclaw history

  ironclaw history --about repository/team/shop --limit 20 --json
"""
_EXPLAIN = """Tell the story of one improvement, from what was first seen to its outcome.

ID is an improvement's id, or enough of its beginning.

Examples:

  ironclaw explain 3f0c2a91b7de

  ironclaw explain 3f0c --json
"""
_EXPERIMENTS = """Show how the A/B tests of the policy files (`experiment`) stand.

A winner is named wrongly in at most one test of twenty, whenever one looks. Outcomes count in
pairs, one of each arm: 1 for an improvement that was kept, 0 for one that was not.

Examples:

  ironclaw experiments

  ironclaw experiments --repository team/shop --json
"""
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.command("history", help=_HISTORY)(history_command)
    app.command("explain", help=_EXPLAIN)(explain_command)
    app.command("experiments", help=_EXPERIMENTS)(experiments_command)


def history_command(
    about: Annotated[
        str, typer.Option(help="An improvement's id or `repository/owner/name`; default: all.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Print events."""

    async def read(store: Store) -> list[LearningEvent]:
        return list(await store.events(about, limit))

    events = _ask(read)
    if as_json:
        typer.echo(json.dumps([event_json(event) for event in events], indent=2))
        return
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M:%S}", one.event_type, one.subject, one.reason) for one in events
    ]
    _show(("when (UTC)", "what", "about", "why"), rows, "Nothing has happened yet.")


def explain_command(
    id: Annotated[str, typer.Argument(metavar="ID", help="An improvement's id.")],
    as_json: Json = False,
) -> None:
    """Print one story."""

    async def read(store: Store) -> tuple[Improvement, list[LearningEvent]]:
        found = await store.improvement(id) or _named(id, list(await store.improvements()))
        return found, list(await store.events(found.id))

    improvement, events = _ask(read)
    if as_json:
        typer.echo(json.dumps(story_json(improvement, events), indent=2))
        return
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M:%S}", one.what, one.why) for one in story_of(improvement, events)
    ]
    _show(("when (UTC)", "what", "why"), rows, "")


def experiments_command(
    repository: Annotated[str, typer.Option(help="Only those of this `owner/name`.")] = "",
    as_json: Json = False,
) -> None:
    """Print how each stands."""

    async def read(store: Store) -> list[Standing]:
        return standings(await store.improvements(repository))

    found = _ask(read)
    if as_json:
        typer.echo(json.dumps([_standing_json(one) for one in found], indent=2))
        return
    rows = [
        (
            one.repository,
            one.experiment.name,
            f"{one.experiment.first}: {one.first}",
            f"{one.experiment.second}: {one.second}",
            one.result.arm if isinstance(one.result, Better) else _WORDS[type(one.result)],
            one.result.why,
        )
        for one in found
    ]
    names = ("repository", "experiment", "first: outcomes", "second: outcomes", "better", "why")
    _show(names, rows, "There are no experiments: `experiment` in a policy file starts one.")


def _standing_json(one: Standing) -> dict[str, Any]:
    planned = one.experiment
    return {
        "repository": one.repository,
        "experiment": planned.name,
        "arms": {planned.first: one.first, planned.second: one.second},
        "result": _WORDS[type(one.result)],
        "better": one.result.arm if isinstance(one.result, Better) else None,
        "why": one.result.why,
    }


def _named(id: str, known: list[Improvement]) -> Improvement:
    """The one whose id begins so; UserError if none or several do."""
    begun = [one for one in known if id and one.id.startswith(id)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        listed = ", ".join(one.id for one in begun[:5])
        raise UserError(f"{len(begun)} improvements begin with {id}", f"Name one: {listed}.")
    near = get_close_matches(id, [one.id for one in known], n=1)
    remedy = f"Did you mean {near[0]}?" if near else "`ironclaw history` shows what is known."
    raise UserError(f"there is no improvement {id}", remedy)


def _show(names: tuple[str, ...], rows: Sequence[tuple[str, ...]], empty: str) -> None:
    if not rows:
        typer.echo(empty)
        return
    table = Table(box=None)
    for name in names:
        # Narrow columns break long words: what is cut off cannot be read anywhere.
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(plain_lines(cell)) for cell in row))
    Console().print(table)


def _ask(question: Callable[[Store], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        async with open_records(read_settings()) as stores, stores() as store:
            return await question(store)

    return asyncio.run(run())
