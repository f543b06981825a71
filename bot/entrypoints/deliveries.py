"""The commands that show what was delivered, and have it looked at again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from bot.adapters.database import make_engine, upgrade
from bot.adapters.database.deliveries import Deliveries
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.messages import plain_lines
from bot.ports import UserError
from bot.settings import read_settings

Answer = TypeVar("Answer")
_HELP = """What the code host delivered, and what became of it.

Examples:

  ironclaw deliveries list --state parked

  ironclaw deliveries show 72d3162e-cc78-11e3-81ab-4c9367dc0958 --json

  ironclaw deliveries retry 72d3162e-cc78-11e3-81ab-4c9367dc0958
"""
deliveries = typer.Typer(no_args_is_help=True, help=_HELP, rich_markup_mode="rich")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Id = Annotated[str, typer.Argument(help="The delivery's id, X-GitHub-Delivery.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(deliveries, name="deliveries")


@deliveries.command("list")
def list_command(
    state: Annotated[
        list[DeliveryState] | None, typer.Option(help="Only in this state; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List the newest deliveries, newest first."""
    found = _ask(lambda kept: kept.latest(frozenset(state or ()), limit))
    if as_json:
        typer.echo(json.dumps([_document(delivery) for delivery in found], indent=2))
        return
    if not found:
        typer.echo("There is none in that state." if state else "Nothing was delivered yet.")
        return
    console = Console()
    for one in found:
        why = f"  {' '.join(plain_lines(one.why).split())}" if one.why else ""
        line = f"{one.received_at:%Y-%m-%d %H:%M:%S}  {one.id}  {one.event}  {one.state}{why}"
        console.print(escape(line), highlight=False, soft_wrap=True)


@deliveries.command("show")
def show_command(id: Id, as_json: Json = False) -> None:
    """Show one delivery with its body, as it came."""
    found = _ask(lambda kept: kept.delivery(id))
    if found is None:
        raise _unknown(id)
    body = found.body.decode("utf-8", "backslashreplace")
    if as_json:
        typer.echo(json.dumps({**_document(found), "body": body}, indent=2))
        return
    console = Console()
    for name, value in _document(found).items():
        text = f"{name}: {plain_lines(str(value))}"
        console.print(escape(text), highlight=False, soft_wrap=True)
    console.print(escape(plain_lines(body)), highlight=False, soft_wrap=True)


@deliveries.command("retry")
def retry_command(id: Id) -> None:
    """Have a worker look at a delivery again."""
    if not _ask(lambda kept: kept.retry(id)):
        raise _unknown(id)
    typer.echo(f"{id} waits for a worker")


def _ask(question: Callable[[Deliveries], Awaitable[Answer]]) -> Answer:
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    upgrade(url, backup_dir=settings.data_folder() / "backups")

    async def run() -> Answer:
        engine = make_engine(url)
        try:
            return await question(Deliveries(engine))
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _unknown(id: str) -> UserError:
    return UserError(f"there is no delivery {id}", "`ironclaw deliveries list` shows those kept.")


def _document(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event": delivery.event,
        "state": delivery.state.value,
        "why": delivery.why,
        "attempts": delivery.attempts,
        "received_at": delivery.received_at.isoformat(),
        "routed_at": delivery.routed_at.isoformat() if delivery.routed_at else None,
    }
