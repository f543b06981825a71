"""The command line: finds the command, calls it, and turns every error into a sentence."""

import os
import signal
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from bot import __version__
from bot.domain.messages import plain_lines
from bot.domain.redaction import redact
from bot.entrypoints import stopping
from bot.ports import StaleError, UserError

EXIT_FAILURE, EXIT_INTERRUPTED = 1, 130

# Where each command is, in the order of the help.
_COMMANDS = {
    "improve": "improve.command",
    "demo": "demo.command",
    "rules": "rules",
    "policy": "policy",
    "ingest": "ingest",
    "report": "report.command",
    "compare": "compare.command",
    "detect": "detect.command",
    "watch": "watch.command",
    "routes": "routes",
    "suspects": "suspects",
    "setup": "setup.command",
    "doctor": "doctor.command",
    "serve": "services",
    "web": "services",
    "worker": "services",
    "history": "history",
    "explain": "history",
    "experiments": "history",
    "deliveries": "deliveries",
    "token": "token",
    "db": "db",
    "action": "action.command",
}


class _Program(TyperGroup):
    """Imports a command when it is called: all of them, with what they need, take seconds."""

    # The types of contexts and commands are private to typer.
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the overridden name
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        # What is not there is looked for among all, so that the error can name what comes close.
        for name in (cmd_name,) if cmd_name in _COMMANDS else _COMMANDS:
            if name not in self.commands:
                self.commands.update(_commands(import_module(f"bot.entrypoints.{_COMMANDS[name]}")))
        return super().get_command(ctx, cmd_name)


def _commands(module: Any) -> dict[str, Any]:
    part = typer.Typer(rich_markup_mode="rich")
    module.add_to(part)
    return dict(typer.main.get_group(part).commands)


app = typer.Typer(
    cls=_Program,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Finds what to improve in a repository, proves it, and proposes it.",
)


def main() -> None:
    """Run the command line; nobody ever sees a traceback."""
    err = Console(stderr=True)
    signal.signal(signal.SIGTERM, stopping.raise_stop)
    try:
        app()
    except UserError as error:
        _explain(err, str(error), error.remedy)
        sys.exit(EXIT_FAILURE)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(EXIT_INTERRUPTED)
    except StaleError as error:
        _explain(err, str(error), "Another ironclaw works on this repository; run it again.")
        sys.exit(EXIT_FAILURE)
    except OSError as error:
        _explain(err, str(error), "Look at the file or disk that it names.")
        sys.exit(EXIT_FAILURE)
    except Exception as error:
        if os.environ.get("IRONCLAW_DEBUG"):
            raise
        problem = f"something that should not happen: {type(error).__name__}: {error}"
        _explain(err, problem, "Set IRONCLAW_DEBUG=1 to see where, and report it.")
        sys.exit(EXIT_FAILURE)


def _explain(err: Console, problem: str, remedy: str) -> None:
    problem, remedy = redact(problem), redact(remedy)
    err.print(f"[red]error:[/red] {escape(plain_lines(problem))}", highlight=False)
    if remedy:
        err.print(f"[yellow]to mend it:[/yellow] {escape(plain_lines(remedy))}", highlight=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ironclaw {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the program itself."""


if __name__ == "__main__":
    main()
