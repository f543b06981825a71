"""The command line: parses, calls, prints, and turns every error into a sentence."""

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bot import __version__
from bot.bootstrap import LocalChoices, local_ports, rule_book
from bot.domain.messages import plain_lines
from bot.domain.redaction import redact
from bot.entrypoints import commands, ingest, routes, services, stopping
from bot.entrypoints.deliveries import deliveries
from bot.entrypoints.demo.story import run_demo
from bot.entrypoints.detect import command as detect_command
from bot.entrypoints.improve import Options, Result, improve
from bot.entrypoints.improve_report import document, show
from bot.entrypoints.progress import ConsoleProgress
from bot.entrypoints.report import command as report_command
from bot.entrypoints.setup import command as setup_command
from bot.entrypoints.watch import command as watch_command
from bot.ports import StaleError, UserError
from bot.settings import read_settings

EXIT_FAILURE, EXIT_BASE_FAILS, EXIT_INTERRUPTED = 1, 3, 130

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Finds what to improve in a repository, proves it, and proposes it.",
)
app.add_typer(commands.db, name="db")
app.add_typer(commands.policy, name="policy")
app.add_typer(deliveries, name="deliveries")
services.add_to(app)
ingest.add_to(app)
routes.add_to(app)
setup_command.add_to(app)
report_command.add_to(app)
watch_command.add_to(app)
detect_command.add_to(app)

_IMPROVE_HELP = """Find improvements in the repository at PATH, verify them, open a branch for each.

Nothing of yours is touched: not the working tree, not the index, not your branch. Each improvement
becomes one branch [bold]ironclaw/<rule>/<fingerprint>[/bold] with one commit.

Examples:

  ironclaw improve .

  ironclaw improve ~/src/shop --max 3 --paths 'shop/*' --python ~/src/shop/.venv

  ironclaw improve . --json --dry-run > findings.json

Exit codes: 0 done (also when nothing is found), 1 failure, 2 wrong usage, 3 the tests do not
complete on the base itself or none of them passes, 130 stopped by Ctrl-C.
"""


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


@app.command("improve", help=_IMPROVE_HELP)
def improve_command(
    path: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A git repository.")],
    max_open: Annotated[
        int | None,
        typer.Option("--max", min=1, max=100, help="Open at most this many; the policy says 5."),
    ] = None,
    paths: Annotated[
        list[str] | None, typer.Option("--paths", help="Only files that match; may be repeated.")
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option("--rules", help="Only these rules (`ironclaw rules` lists them)."),
    ] = None,
    python: Annotated[
        str, typer.Option("--python", help="Interpreter or venv with the project's dependencies.")
    ] = "",
    test_command: Annotated[
        str, typer.Option("--test-command", help="How its tests run; default `python -m pytest`.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Verify everything, but open no branch.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before opening branches.")
    ] = False,
) -> None:
    """Run the loop up to open branches."""
    known = {info.id for info in rule_book().infos()}
    wanted = [name for given in rules or () for name in given.split(",") if name]
    if rules and not wanted:
        raise typer.BadParameter("no rule is named", param_hint="--rules")
    unknown = sorted(set(wanted) - known)
    if unknown:
        problem = f"unknown rule {', '.join(unknown)}; `ironclaw rules` lists them"
        raise typer.BadParameter(problem, param_hint="--rules")
    place = Path(python).expanduser()
    if python and not place.is_dir() and shutil.which(place) is None:
        raise typer.BadParameter(f"there is no Python at {python!r}", param_hint="--python")
    choices = LocalChoices(
        path=path,
        paths=tuple(paths or ()),
        rules=tuple(wanted),
        python=python,
        test_command=test_command,
    )
    ask = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    options = Options(max_open or 0, dry_run, _ask if ask else _agree)
    with ConsoleProgress() as progress:
        result = stopping.run(_improve(choices, options, progress))
    if as_json:
        typer.echo(json.dumps(document(result), indent=2, ensure_ascii=True, allow_nan=False))
    else:
        show(result, Console())
    if result.base_problem:
        raise typer.Exit(EXIT_BASE_FAILS)


async def _improve(choices: LocalChoices, options: Options, progress: ConsoleProgress) -> Result:
    async with local_ports(choices, read_settings(choices.path), progress.step) as ports:
        most = options.max_open or ports.policy.scan.max_open
        options = Options(most, options.dry_run, progress.paused(options.confirm))
        return await improve(ports, options, progress)


def _agree(_: int) -> bool:
    return True


def _ask(count: int) -> bool:
    """Ask on the terminal; Ctrl-C ends the program here as it does everywhere."""
    try:
        with stopping.while_blocked():
            return typer.confirm(f"Open {count} branch{'es' if count > 1 else ''}?", default=True)
    except typer.Abort:
        raise KeyboardInterrupt from None


@app.command("rules")
def rules_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the deterministic rules, and when each is right."""
    commands.show_rules(rule_book().infos(), as_json)


@app.command("demo")
def demo_command(
    keep: Annotated[
        Path | None, typer.Option(help="Keep everything the demo makes in this empty folder.")
    ] = None,
) -> None:
    """Show the whole loop on a sample service, up to an automatic revert (about 2 minutes)."""
    sys.exit(stopping.run(run_demo(keep)))


if __name__ == "__main__":
    main()
