"""The command `ironclaw action`."""

import typer

from bot.entrypoints.action.run import main

_HELP = """Do what a step of GitHub Actions asks for, by its environment; `action.yml` calls it.

Every input is a variable: IRONCLAW_INPUT_MODE, IRONCLAW_INPUT_FILES and so on, in capitals and with
underscores. docs/reference/action.md lists them. The result goes to the files that the runner names
in GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, and to a report file below RUNNER_TEMP.

Exit codes: 0 passed, or not to be failed by (`fail-on`), 1 it could not be done, 2 a wrong input, 4
failed, 5 inconclusive where that fails, 130 stopped.
"""


def add_to(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command("action", help=_HELP)(action)


def action() -> None:
    """Run, and end with its code."""
    raise typer.Exit(main())
