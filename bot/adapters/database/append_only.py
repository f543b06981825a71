"""Triggers by which the database itself refuses to change what was appended."""

from typing import Any

from sqlalchemy import DDL, Table, event

_SQLITE = (
    """
    CREATE TRIGGER %(table)s_no_update BEFORE UPDATE ON %(table)s
    BEGIN SELECT RAISE(ABORT, '%(table)s is append-only'); END
    """,
    """
    CREATE TRIGGER %(table)s_no_delete BEFORE DELETE ON %(table)s
    BEGIN SELECT RAISE(ABORT, '%(table)s is append-only'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger for deletes.
    """
    CREATE TRIGGER %(table)s_no_replace BEFORE INSERT ON %(table)s
    WHEN EXISTS (SELECT 1 FROM %(table)s WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '%(table)s is append-only'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION %(table)s_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '%(table)s is append-only'; END $$
    """,
    """
    CREATE TRIGGER %(table)s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s
    FOR EACH STATEMENT EXECUTE FUNCTION %(table)s_refuse()
    """,
)


def make_append_only(table: Table) -> None:
    """Create the triggers whenever `table` is created from its model."""
    for dialect, statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
        for statement in statements:
            create: Any = DDL(statement)  # type: ignore[no-untyped-call] # the library leaves it untyped
            event.listen(table, "after_create", create.execute_if(dialect=dialect))
