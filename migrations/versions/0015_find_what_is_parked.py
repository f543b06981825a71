"""Find the deliveries that are parked without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_PARKED = sa.text("state = 'parked'")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_delivery_parked",
        "delivery",
        ["received_at"],
        sqlite_where=_PARKED,
        postgresql_where=_PARKED,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_delivery_parked", table_name="delivery")
