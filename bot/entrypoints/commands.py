"""The small commands: rules, policy and database."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bot.adapters.database.migrate import current, head, upgrade
from bot.adapters.policy_file import parse_policy, policy_schema
from bot.domain.policy import POLICY_PATH, Policy
from bot.domain.rules import RuleInfo
from bot.ports import UserError
from bot.settings import read_settings

db = typer.Typer(no_args_is_help=True, help="The database: its version and its migrations.")
policy = typer.Typer(no_args_is_help=True, help="The policy file of a repository.")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database of DATABASE_URL to this program's version (a file is backed up first)."""
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    before = current(url)
    upgrade(url, backup_dir=settings.data_folder() / "backups")
    typer.echo(f"{before or 'empty'} -> {current(url)}")


@db.command("current")
def db_current() -> None:
    """Print the database's version, and this program's."""
    url = read_settings().database_url.get_secret_value()
    typer.echo(f"database {current(url) or 'empty'}, program {head()}")


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


def show_rules(infos: tuple[RuleInfo, ...], as_json: bool) -> None:
    """Print every rule's statement about itself."""
    if as_json:
        typer.echo(json.dumps([asdict(info) for info in infos], indent=2))
        return
    console = Console()
    for info in infos:
        console.print(f"[bold]{info.id}[/bold] ({info.severity}): {escape(info.title)}")
        console.print(f"  {escape(info.why)}", highlight=False)
        for condition in info.side_conditions:
            console.print(f"  - {escape(condition)}", highlight=False)
