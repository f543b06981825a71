"""`ironclaw compare`: two texts of one function, judged beside each other."""

import json
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bot.bootstrap.local import process_sandbox
from bot.domain.benchmark import held
from bot.domain.comparison import Comparison, comparison_document
from bot.domain.messages import plain_lines
from bot.domain.policy import Policy
from bot.entrypoints import stopping
from bot.entrypoints.compare.layout import lay_out
from bot.entrypoints.progress import ConsoleProgress
from bot.learning.comparing import compare
from bot.ports import SandboxSettings, UserError
from bot.settings import read_settings

_HELP = """Say whether a function answers in NEW as it does in OLD, and whether it is faster.

OLD and NEW are whole modules. First the text of NEW is looked at: what reaches for more than OLD
did, or only looks faster, is refused and never run. Then both run in the sandbox on the calls that
the tests make, on calls that are made up from annotations, names and use, and on small changes of
all these: results, exceptions, changed arguments, shared objects and laziness are compared. What
is not different is timed, in fresh processes that take turns.

Examples:

  ironclaw compare old.py new.py --function total

  ironclaw compare old.py new.py --function Cart.total --tests tests/ --json

Exit codes: 0 equivalent, 4 different, 5 inconclusive, 6 refused, 1 failure, 2 wrong usage, 130
stopped by Ctrl-C.
"""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("compare", help=_HELP)(compare_command)


def compare_command(
    old: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The module before.")],
    new: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The module after.")],
    function: Annotated[
        str, typer.Option("--function", help="Which function, `name` or `Class.name`.")
    ],
    tests: Annotated[
        Path | None, typer.Option("--tests", exists=True, help="A folder (or file) of its tests.")
    ] = None,
    python: Annotated[
        str, typer.Option("--python", help="Interpreter or venv; this program's own without it.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
) -> None:
    """Compare, print, and end with the verdict's code."""
    place = Path(python).expanduser()
    if python and not place.is_dir() and shutil.which(place) is None:
        raise typer.BadParameter(f"there is no Python at {python!r}", param_hint="--python")
    try:
        pair = lay_out(old, new, function, tests)
    except UserError as error:
        raise typer.BadParameter(f"{error}. {error.remedy}") from None
    settings = SandboxSettings(python=python or sys.executable, timeout_seconds=300)
    with ConsoleProgress() as progress:
        progress.step(f"comparing {function} of {old.name} and {new.name}")
        sandbox = process_sandbox(read_settings(), progress.step)
        found = stopping.run(compare(sandbox, settings, pair, Policy()))
    if as_json:
        typer.echo(json.dumps(comparison_document(found), indent=2))
    else:
        _show(found, Console())
    raise typer.Exit(found.exit_code)


def _show(found: Comparison, console: Console) -> None:
    document = comparison_document(found)
    for name in ("gate", "equivalence", "benchmark"):
        part = document[name]
        line = f"{name}: {part['verdict']}"
        if name == "equivalence":
            line += f" on {part['inputs']} inputs"
        if part.get("speedup") is not None:
            line += f", {part['speedup']:.2f}x ({part['low']:.2f} to {part['high']:.2f})"
        if part["reason"]:
            line += f" ({part['reason']})"
        console.print(escape(plain_lines(line)), highlight=False, soft_wrap=True)
        if part.get("counterexample"):
            text = plain_lines(part["counterexample"])
            console.print(escape(text), highlight=False, soft_wrap=True)
    if found.peaks:
        console.print(f"memory: {held(found.peaks)}", highlight=False)
