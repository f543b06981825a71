"""Runs the revisions on the connection that the program hands over, or on DATABASE_URL's."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.models import Base

_PLAIN = {"Text": "sa.Text()", "DateTime": "sa.DateTime(timezone=True)", "JSON": "sa.JSON()"}


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave alone what the job engine keeps in the same database."""
    return kind != "table" or name in Base.metadata.tables


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write a column's type into a revision as the database knows it, not as today's code does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return _PLAIN[type(item.impl).__name__]
    return False


def run(connection: Connection) -> None:
    """Run what alembic was asked for, in the connection's transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=ours,
        render_item=plain_type,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_database_url() -> None:
    """For alembic's own command; the program hands its connection over instead."""
    from bot.settings import read_settings  # noqa: PLC0415 - needs no settings otherwise

    engine = make_blocking_engine(read_settings().database_url.get_secret_value())
    with engine.begin() as connection:
        run(connection)
    engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    run_on_database_url()
else:
    run(given)
