"""`ironclaw demo`."""

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.entrypoints import stopping
from bot.entrypoints.demo.story import run_demo
from bot.settings import Settings, read_settings

_HELP = """Show the whole loop on a sample service, up to an automatic revert (about 2 minutes).

Examples:

  ironclaw demo

  ironclaw demo --serve

  ironclaw demo --keep ~/ironclaw-demo
"""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("demo", help=_HELP)(demo_command)


def demo_command(
    keep: Annotated[
        Path | None, typer.Option(help="Keep everything the demo makes in this empty folder.")
    ] = None,
    serve: Annotated[
        bool,
        typer.Option(help="Then leave the dashboard up with what was recorded, until Ctrl-C."),
    ] = False,
) -> None:
    """Play it, then show what it has left."""
    settings = read_settings()
    folder = keep or settings.data_folder() / "demo"
    status = stopping.run(run_demo(folder, settings))
    if serve:
        _show_dashboard(settings.moved_to(folder / "ironclaw"))
    sys.exit(status)


def _show_dashboard(settings: Settings) -> None:
    """Become the web process of these records, for this machine alone."""
    sys.stdout.write("\nThe dashboard shows all this; Ctrl-C ends it.\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "bot.entrypoints.cli", "web"]
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "IRONCLAW_DATA_DIR": str(settings.ironclaw_data_dir),
        "IRONCLAW_DASHBOARD": "local",
        "HOST": "127.0.0.1",
        # Nobody delivers anything here.
        "GITHUB_WEBHOOK_SECRET": secrets.token_hex(32),
    }
    os.execve(sys.executable, command, environment)  # noqa: S606 - this very program
