"""A trigger by which PostgreSQL tells who listens that a table has new rows."""

from typing import Any

from sqlalchemy import DDL, Table, event

# Once per statement, however many rows it brings: telling costs a lock that all sessions share.
_POSTGRESQL = (
    """
    CREATE FUNCTION %(table)s_announce() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('ironclaw_%(table)s', ''); RETURN NULL; END $$
    """,
    """
    CREATE TRIGGER %(table)s_announced AFTER INSERT ON %(table)s
    FOR EACH STATEMENT EXECUTE FUNCTION %(table)s_announce()
    """,
)


def announce_inserts(table: Table) -> None:
    """Create the trigger whenever `table` is created from its model."""
    for statement in _POSTGRESQL:
        create: Any = DDL(statement)  # type: ignore[no-untyped-call] # the library leaves it untyped
        event.listen(table, "after_create", create.execute_if(dialect="postgresql"))


def channel(table: Table) -> str:
    """Where new rows of `table` are announced."""
    return f"ironclaw_{table.name}"
