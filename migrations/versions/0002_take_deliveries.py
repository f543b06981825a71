"""Keep what a code host delivers, the repositories it let us into, and small memos."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# The default compression of a body costs the server more than all else that it does with a
# delivery, and none at all makes the log of what is committed several times as long.
_COMPRESS = """
    DO $$ BEGIN
        ALTER TABLE delivery ALTER COLUMN body SET COMPRESSION lz4;
    EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
        ALTER TABLE delivery ALTER COLUMN body SET STORAGE EXTERNAL;
    END $$
"""
_NOTIFY = (
    """
    CREATE FUNCTION delivery_announce() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('ironclaw_delivery', ''); RETURN NULL; END $$
    """,
    """
    CREATE TRIGGER delivery_announced AFTER INSERT ON delivery
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_announce()
    """,
)


def upgrade() -> None:
    """Create the tables, and on PostgreSQL the trigger that wakes a worker."""
    _create_delivery()
    _create_hosted_repository()
    op.create_table(
        "memo",
        *_columns(sa.Text(), "name"),
        *_columns(sa.JSON(), "value"),
        *_columns(_MOMENT, "updated_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_memo")),
    )
    if op.get_context().dialect.name == "postgresql":
        for statement in (_COMPRESS, *_NOTIFY):
            op.execute(statement)


def downgrade() -> None:
    """Remove them all."""
    for table in ("memo", "hosted_repository", "delivery"):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION delivery_announce()")


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        *_columns(sa.Text(), "id", "event", "state", "why"),
        *_columns(sa.LargeBinary(), "body"),
        *_columns(sa.BigInteger(), "attempts"),
        *_columns(_MOMENT, "received_at"),
        *_optional(_MOMENT, "routed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.CheckConstraint(
            "state IN ('received', 'routed', 'ignored', 'parked')",
            name=op.f("ck_delivery_state_known"),
        ),
    )
    waiting = sa.text("state = 'received'")
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["received_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_delivery_received_at", "delivery", ["received_at"])


def _create_hosted_repository() -> None:
    op.create_table(
        "hosted_repository",
        sa.Column("host_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_columns(sa.BigInteger(), "installation_id"),
        *_columns(sa.Text(), "full_name", "default_branch", "state", "why"),
        *_columns(_MOMENT, "updated_at"),
        *_optional(_MOMENT, "look_again_at"),
        sa.PrimaryKeyConstraint("host_id", name=op.f("pk_hosted_repository")),
        sa.CheckConstraint(
            "state IN ('new', 'onboarding', 'active', 'refused', 'suspended', 'gone', 'paused')",
            name=op.f("ck_hosted_repository_state_known"),
        ),
    )
    for key in ("full_name", "installation_id"):
        op.create_index(f"ix_hosted_repository_{key}", "hosted_repository", [key])


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]
