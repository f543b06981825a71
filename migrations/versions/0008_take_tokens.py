"""Keep what is known of tokens: whose they are and a digest of their secret."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "api_token",
        *_columns(sa.Text(), "id", "name", "digest"),
        *_columns(sa.JSON(), "repositories", "scopes"),
        *_columns(_MOMENT, "created_at"),
        sa.Column("expires_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("api_token")


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
