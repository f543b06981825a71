"""`ironclaw db`: the database's version and its migrations."""

import typer

from bot.adapters.database.migrate import current, head, upgrade
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


@db.command("current")
def db_current() -> None:
    """Print the database's version, and this program's."""
    url = read_settings().database_url.get_secret_value()
    typer.echo(f"database {current(url) or 'empty'}, program {head()}")
