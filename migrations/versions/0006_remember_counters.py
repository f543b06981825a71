"""Remember what counters that only grow showed last."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "counter_reading",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("repository", "key", name=op.f("pk_counter_reading")),
    )
    op.create_index("ix_counter_reading_updated_at", "counter_reading", ["updated_at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("counter_reading")
