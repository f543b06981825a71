"""`ironclaw rules`: what each rule says about itself."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bot.bootstrap.local import rule_book


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("rules")(rules_command)


def rules_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the deterministic rules, and when each is right."""
    infos = rule_book().infos()
    if as_json:
        typer.echo(json.dumps([asdict(info) for info in infos], indent=2))
        return
    console = Console()
    for info in infos:
        console.print(f"[bold]{info.id}[/bold] ({info.severity}): {escape(info.title)}")
        console.print(f"  {escape(info.why)}", highlight=False)
        for condition in info.side_conditions:
            console.print(f"  - {escape(condition)}", highlight=False)
