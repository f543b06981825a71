"""`ironclaw policy`: the policy file of a repository."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.adapters.policy_file import parse_policy, policy_schema
from bot.domain.policy import POLICY_PATH, Policy
from bot.ports import UserError

policy = typer.Typer(no_args_is_help=True, help="The policy file of a repository.")


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(policy, name="policy")


@policy.command("check")
def policy_check(
    path: Annotated[Path, typer.Argument(help="The policy file.")] = Path(POLICY_PATH),
) -> None:
    """Check a policy file; every problem with its line and remedy."""
    try:
        text = path.read_bytes()
    except OSError as error:
        problem = f"cannot read {path}: {error.strerror}"
        raise UserError(problem, "Name the file, or run this in the repository.") from error
    found = parse_policy(text)
    if isinstance(found, Policy):
        typer.echo(f"{path} is right")
        return
    for problem_found in found:
        typer.echo(str(problem_found).replace(POLICY_PATH, str(path), 1), err=True)
    raise typer.Exit(1)


@policy.command("schema")
def policy_print_schema() -> None:
    """Print the JSON Schema of the policy file, for editors."""
    typer.echo(json.dumps(policy_schema(), indent=2))
