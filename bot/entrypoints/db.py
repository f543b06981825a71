"""`ironclaw db`: the database's version, its migrations and copies of it."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from bot.adapters.database.address import bare, parse_url, sqlite_file
from bot.adapters.database.backup import copy_to
from bot.adapters.database.migrate import current, go_back, head, upgrade
from bot.ports import UserError
from bot.settings import read_settings

db = typer.Typer(no_args_is_help=True, help="The database: version, migrations, copies.")


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    app.add_typer(db, name="db")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database of DATABASE_URL to this program's version (a file is backed up first)."""
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    before = current(url)
    upgrade(url, backup_dir=settings.data_folder() / "backups")
    after = current(url)
    typer.echo(f"{after} already" if before == after else f"{before or 'empty'} -> {after}")


@db.command("downgrade")
def db_downgrade(
    revision: Annotated[
        str, typer.Argument(help="The number that `db current` of the older version printed.")
    ],
) -> None:
    """Take the database back for an older version of Ironclaw; what only newer ones know is lost.

    Stop everything that uses it and make a backup first. An SQLite file is copied by itself.
    """
    settings = read_settings()
    url = settings.database_url.get_secret_value()
    before = current(url)
    go_back(url, revision, backup_dir=settings.data_folder() / "backups")
    typer.echo(f"{before or 'empty'} -> {current(url) or 'empty'}")


@db.command("current")
def db_current() -> None:
    """Print the database's version, and this program's."""
    url = read_settings().database_url.get_secret_value()
    typer.echo(f"database {current(url) or 'empty'}, program {head()}")


@db.command("backup")
def db_backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
) -> None:
    """Copy the SQLite file of DATABASE_URL while the service goes on; of PostgreSQL say how.

    The copy is what was committed at one moment, for you alone to read: it holds what the database
    holds.

    Example: ironclaw db backup /var/backups/ironclaw-$(date +%F).db
    """
    address = parse_url(read_settings().database_url.get_secret_value())
    source, target = sqlite_file(address), file.expanduser().absolute()
    if source is None:
        dump = shlex.join(["pg_dump", "--format=custom", f"--file={target}", bare(address)])
        problem = "the database is a PostgreSQL server, which is copied by its own program"
        raise UserError(problem, f"Run `{dump}`; it asks for the password or reads ~/.pgpass.")
    size = copy_to(source, target)
    typer.echo(f"{source} -> {target}, {size:,} bytes")
