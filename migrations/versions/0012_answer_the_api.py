"""Keep what was asked for over HTTP, and what was answered under a key of the asker's."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "asked",
        *_columns(sa.Text(), "id", "repository", "improvement", "wish", "by", "reason", "state"),
        *_columns(sa.JSON(), "result"),
        *_columns(sa.Text(), "why"),
        *_columns(_MOMENT, "created_at", "updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked")),
        sa.CheckConstraint(
            "wish IN ('generate', 'test', 'deploy', 'rollback')", name=op.f("ck_asked_wish_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'queued', 'running', 'done', 'failed')",
            name=op.f("ck_asked_state_known"),
        ),
    )
    op.create_index(op.f("ix_asked_state_created_at"), "asked", ["state", "created_at"])
    op.create_table(
        "idempotency_key",
        *_columns(sa.Text(), "caller", "key", "digest"),
        *_columns(sa.BigInteger(), "status"),
        *_columns(sa.JSON(), "answer"),
        *_columns(_MOMENT, "created_at"),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("idempotency_key")
    op.drop_table("asked")


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
