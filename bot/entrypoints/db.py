"""`ironclaw db`: the database's version and its migrations."""

from typing import Annotated

import typer

from bot.adapters.database.migrate import current, go_back, head, upgrade
from bot.settings import read_settings

db = typer.Typer(no_args_is_help=True, help="The database: its version and its migrations.")


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
    typer.echo(f"{before or 'empty'} -> {current(url)}")


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
