"""The command line: finds the command, calls it, and turns every error into a sentence."""

import os
import signal
import sys
from collections.abc import Callable
from functools import cached_property
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

# Where each command is, and what it says of itself, in the order of the help.
_COMMANDS = {
    "improve": (
        "improve.command",
        "Find improvements in the repository at PATH, verify them, open a branch for each.",
    ),
    "demo": (
        "demo.command",
        "Show the whole loop on a sample service, up to an automatic revert (about 2 minutes).",
    ),
    "rules": (
        "rules",
        "List the deterministic rules, and when each is right.",
    ),
    "policy": (
        "policy",
        "The policy file of a repository.",
    ),
    "ingest": (
        "ingest",
        "Read what profilers, benchmarks and load tests have written, and keep it.",
    ),
    "report": (
        "report.command",
        "How a service did: its health score, what is slow or failing, and the figures behind it.",
    ),
    "compare": (
        "compare.command",
        "Say whether a function answers in NEW as it does in OLD, and whether it is faster.",
    ),
    "detect": (
        "detect.command",
        "Look in FILE for lasting changes, a memory leak, or anomalies.",
    ),
    "watch": (
        "watch.command",
        "Judge a deployment by two files: what was measured before it, and after it.",
    ),
    "routes": (
        "routes",
        "Print the routes that the code in PATH registers, each with its handler's place.",
    ),
    "suspects": (
        "suspects",
        "Name the commits that most likely made something worse, each with why.",
    ),
    "setup": (
        "setup.command",
        "Create Ironclaw's GitHub App with one click, or check it.",
    ),
    "doctor": (
        "doctor.command",
        "Look at everything that the service needs, and say what to do.",
    ),
    "serve": (
        "services",
        "Serve everything in one process: deliveries come in, jobs are done.",
    ),
    "web": (
        "services",
        "Take deliveries in, and leave the jobs to `ironclaw worker`.",
    ),
    "worker": (
        "services",
        "Do the jobs that deliveries ask for; any number of workers may share a PostgreSQL.",
    ),
    "history": (
        "history",
        "Print the latest things learned, oldest first.",
    ),
    "explain": (
        "history",
        "Tell the story of one improvement, from what was first seen to its outcome.",
    ),
    "experiments": (
        "history",
        "Show how the A/B tests of the policy files (`experiment`) stand.",
    ),
    "deliveries": (
        "deliveries",
        "What the code host delivered, and what became of it.",
    ),
    "token": (
        "token",
        "Tokens with which services report, and programs read, for some repositories alone.",
    ),
    "db": (
        "db",
        "The database: version, migrations, copies.",
    ),
    "action": (
        "action.command",
        "Do what a step of GitHub Actions asks for, by its environment; `action.yml` calls it.",
    ),
}


class _Program(TyperGroup):
    """Imports a command when it is called: all of them, with what they need, take seconds.

    The list of all says of each what `_COMMANDS` does.
    """

    # The types of contexts and commands are private to typer.
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the overridden name
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or self._named.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in _COMMANDS:
            place, _ = _COMMANDS[args[0]]
            self.commands.update(_commands(import_module(f"bot.entrypoints.{place}").add_to))
        else:
            # So that the error can name what comes close.
            self.commands.update(self._named)
        return super().resolve_command(ctx, args)

    @cached_property
    def _named(self) -> dict[str, Any]:
        def add_all(part: typer.Typer) -> None:
            for name, (_, summary) in _COMMANDS.items():
                part.command(name, help=summary)(lambda: None)

        return _commands(add_all)


def _commands(add_to: Callable[[typer.Typer], object]) -> dict[str, Any]:
    part = typer.Typer(rich_markup_mode="rich")
    add_to(part)
    commands = dict(typer.main.get_group(part).commands)
    for one in commands.values():
        one.help = _flowing(one.help or "")
    return commands


def _flowing(text: str) -> str:
    """The text with each paragraph in one line, for the terminal to break; examples stay."""
    # What prints it keeps the source's line ends, which then stand in the middle of a line.
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        one if one.startswith(" ") else " ".join(one.split("\n")) for one in paragraphs
    )


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
