"""`ironclaw demo`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.entrypoints import stopping
from bot.entrypoints.demo.story import run_demo


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("demo")(demo_command)


def demo_command(
    keep: Annotated[
        Path | None, typer.Option(help="Keep everything the demo makes in this empty folder.")
    ] = None,
) -> None:
    """Show the whole loop on a sample service, up to an automatic revert (about 2 minutes)."""
    sys.exit(stopping.run(run_demo(keep)))
