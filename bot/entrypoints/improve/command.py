"""`ironclaw improve`: find, verify, open branches."""

import json
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.bootstrap.local import LocalChoices, local_ports, rule_book
from bot.domain.model.finding import MODEL_RULE
from bot.domain.policy import Engine, Search
from bot.entrypoints import stopping
from bot.entrypoints.improve.loop import Options, Result, improve
from bot.entrypoints.improve.report import document, show
from bot.entrypoints.progress import ConsoleProgress
from bot.settings import read_settings

EXIT_BASE_FAILS = 3

_HELP = """Find improvements in the repository at PATH, verify them, open a branch for each.

Nothing of yours is touched: not the working tree, not the index, not your branch. Each improvement
becomes one branch [bold]ironclaw/<rule>/<fingerprint>[/bold] with one commit.

Examples:

  ironclaw improve .

  ironclaw improve ~/src/shop --max 3 --paths 'shop/*' --python ~/src/shop/.venv

  ironclaw improve . --json --dry-run > findings.json

  ironclaw improve . --engine both --search tree

Exit codes: 0 done (also when nothing is found), 1 failure, 2 wrong usage, 3 the tests do not
complete on the base itself or none of them passes, 130 stopped by Ctrl-C.
"""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("improve", help=_HELP)(improve_command)


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
    engine: Annotated[
        Engine | None,
        typer.Option("--engine", help="Who writes improvements; the policy says rules."),
    ] = None,
    search: Annotated[
        Search | None,
        typer.Option("--search", help="How a model's answers are searched; the policy says tree."),
    ] = None,
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
    known = {info.id for info in rule_book().infos()} | {MODEL_RULE}
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
        engine=engine,
        search=search,
    )
    ask = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    options = Options(max_open or 0, dry_run, _ask if ask else _agree)
    with ConsoleProgress() as progress:
        result = stopping.run(_improve(choices, options, progress))
    if as_json:
        typer.echo(json.dumps(document(result), indent=2, ensure_ascii=True, allow_nan=False))
    else:
        show(result, Console(), path)
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
