"""Keep what services report as it came until it is added to the windows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "unfolded",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("shard", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfolded")),
    )
    keys = ["repository", "shard", "id"]
    op.create_index(op.f("ix_unfolded_repository_shard_id"), "unfolded", keys)


def downgrade() -> None:
    """Remove it; the version before cannot read what is in it, so nothing may be."""
    waiting = sa.text("SELECT 1 FROM unfolded WHERE shard >= 0 LIMIT 1")
    if op.get_bind().execute(waiting).first() is not None:
        message = (
            "reports wait to be added to the windows: run this version's `ironclaw report` once"
        )
        raise RuntimeError(message)
    op.drop_table("unfolded")
