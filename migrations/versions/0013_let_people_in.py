"""Keep who has signed in, which proofs were taken, and which person asked for what."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_BEFORE = "wish IN ('generate', 'test', 'deploy', 'rollback')"
_NOW = "wish IN ('generate', 'test', 'deploy', 'rollback', 'hold', 'resume')"


def upgrade() -> None:
    """Add the columns and create the tables."""
    with op.batch_alter_table("asked") as asked:
        asked.add_column(sa.Column("person", sa.Text(), nullable=False, server_default=""))
        asked.add_column(sa.Column("head_sha", sa.Text(), nullable=False, server_default=""))
        asked.drop_constraint(op.f("ck_asked_wish_known"), type_="check")
        asked.create_check_constraint(op.f("ck_asked_wish_known"), _NOW)
    op.create_table(
        "web_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("repositories", sa.JSON(), nullable=False),
        sa.Column("looked_at", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"])
    op.create_table(
        "used_proof",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_proof")),
    )
    op.create_index(op.f("ix_used_proof_expires_at"), "used_proof", ["expires_at"])


def downgrade() -> None:
    """Take them away; what only this version can ask for goes, too."""
    op.drop_table("used_proof")
    op.drop_table("web_session")
    op.execute("DELETE FROM asked WHERE wish IN ('hold', 'resume')")
    with op.batch_alter_table("asked") as asked:
        asked.drop_constraint(op.f("ck_asked_wish_known"), type_="check")
        asked.create_check_constraint(op.f("ck_asked_wish_known"), _BEFORE)
        asked.drop_column("head_sha")
        asked.drop_column("person")
