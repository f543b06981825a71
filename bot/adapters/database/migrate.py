"""Brings a database to the form that this version knows, with a backup where it is one file."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.adapters.database.address import parse_url, shown, sqlite_file
from bot.adapters.database.backup import back_up, has_data
from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.turn import take_turn, turn_on_file
from bot.ports import UserError

_PACKAGE = Path(__file__).parents[2]
# alembic keeps what it works on in module globals.
_one_at_a_time = threading.Lock()


def upgrade(url: str, *, backup_dir: Path) -> None:
    """Bring the database to `head()`; nothing happens when it is there already.

    An SQLite file with data is copied into `backup_dir` first. Of several processes one migrates
    and the others wait for it. UserError when the database is newer than this program.
    """
    file = sqlite_file(parse_url(url))
    with turn_on_file(file) if file else nullcontext():
        present = current(url)
        if present == head():
            return
        _refuse_newer(url, present)
        if file and has_data(file):
            back_up(file, backup_dir)
        _migrate(url, lambda config: command.upgrade(config, "head"))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`, or to nothing with `base`; no backup is made."""
    _migrate(url, lambda config: command.downgrade(config, revision))


def go_back(url: str, revision: str, *, backup_dir: Path) -> None:
    """The same for an operator: an SQLite file with data is copied into `backup_dir` first.

    UserError for a revision that the database does not come from.
    """
    known = _ways_back(current(url))
    if revision not in known:
        told = ", ".join(known) or "none"
        problem = f"{revision[:40]!r} is no revision that the database can go back to ({told})"
        raise UserError(problem, "`ironclaw db current` of the older version prints its own.")
    file = sqlite_file(parse_url(url))
    with turn_on_file(file) if file else nullcontext():
        if file and has_data(file):
            back_up(file, backup_dir)
        downgrade(url, revision)


def _ways_back(present: str | None) -> list[str]:
    """The revision itself and those that led to it, the newest first."""
    if present is None:
        return []
    scripts = _scripts(_config())
    if present not in {script.revision for script in scripts.walk_revisions()}:
        return []
    walked = scripts.iterate_revisions(present, "base")
    return [script.revision for script in walked]


def current(url: str) -> str | None:
    """The revision that the database is at, None when it has none yet."""
    file = sqlite_file(parse_url(url))
    if file and not file.exists():
        # Opening it would make it.
        return None
    with _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision that this version of the program works with."""
    revision = _scripts(_config()).get_current_head()
    if revision is None:
        message = f"no migrations in {folder()}: the installation is damaged"
        raise RuntimeError(message)
    return revision


def revisions() -> frozenset[str]:
    """Every revision that this version of the program knows."""
    return frozenset(script.revision for script in _scripts(_config()).walk_revisions())


def folder() -> Path:
    """The revisions: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "migrations"


def _migrate(url: str, steps: Callable[[Config], None]) -> None:
    config = _config()
    with _one_at_a_time, _connection(url) as connection:
        if connection.dialect.name == "sqlite":
            # A table is changed by making it anew, which a foreign key to it would forbid.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        else:
            take_turn(connection)
        config.attributes["connection"] = connection
        steps(config)
        if connection.dialect.name == "sqlite":
            _check_foreign_keys(connection)


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        problem = f"{len(broken)} rows refer to rows that are not there, the first in {broken[0]}"
        raise UserError(problem, "Nothing was changed. Restore a backup, or mend those rows.")


def _refuse_newer(url: str, present: str | None) -> None:
    if present is not None and present not in revisions():
        raise UserError(
            f"the database {shown(parse_url(url))} is at revision {present}, "
            f"which is newer than this version of Ironclaw knows",
            "Install the newer version again, or restore the backup made before it migrated.",
        )


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = make_blocking_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)
