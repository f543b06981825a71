"""Keep what each call of a language model was booked for and has cost."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "model_call",
        *_columns(sa.Text(), "id", "repository", "improvement", "model", "day"),
        *_columns(sa.BigInteger(), "amount", "tokens", "sent", "received"),
        *_columns(sa.Text(), "outcome"),
        *_columns(_MOMENT, "at"),
        sa.Column("settled_at", _MOMENT),
        sa.CheckConstraint(
            "amount >= 0 AND tokens >= 0", name=op.f("ck_model_call_costs_something_or_nothing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_call")),
    )
    op.create_index(op.f("ix_model_call_day"), "model_call", ["day"])
    keys = ["repository", "improvement"]
    op.create_index(op.f("ix_model_call_repository_improvement"), "model_call", keys)


def downgrade() -> None:
    """Remove it; what was spent is known no more."""
    op.drop_table("model_call")


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
