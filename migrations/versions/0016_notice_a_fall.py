"""Keep the evidence that a model has become worse."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("preference") as preference:
        preference.add_column(sa.Column("fall", sa.Double(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("preference") as preference:
        preference.drop_column("fall")
