"""Keep the requests that services report, and which batches of them were counted."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "request_sample",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        *_columns(sa.Text(), "repository", "endpoint", "commit"),
        *_columns(_MOMENT, "at"),
        *_columns(sa.Double(), "milliseconds"),
        *_columns(sa.Boolean(), "failed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_sample")),
        sa.CheckConstraint(
            "milliseconds >= 0", name=op.f("ck_request_sample_milliseconds_not_negative")
        ),
    )
    op.create_index("ix_request_sample_repository_at", "request_sample", ["repository", "at"])
    op.create_table(
        "request_batch",
        *_columns(sa.Text(), "repository", "id", "digest"),
        *_columns(_MOMENT, "received_at"),
        sa.PrimaryKeyConstraint("repository", "id", name=op.f("pk_request_batch")),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("request_batch", "request_sample"):
        op.drop_table(table)


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
