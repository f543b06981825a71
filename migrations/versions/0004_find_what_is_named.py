"""Find improvements by what names them and repositories that are due, without reading them all."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = (
    ("code_improvement", "repository", "pull_request"),
    ("code_improvement", "repository", "revert_pull_request"),
    ("code_improvement", "branch_name"),
    ("code_improvement", "commit_hash"),
    ("code_improvement", "merge_sha"),
    ("code_improvement", "revert_sha"),
    ("code_improvement", "improvement_type", "state"),
)
_DUE = "ix_hosted_repository_look_again_at"


def upgrade() -> None:
    """Create the indexes."""
    for table, *columns in _INDEXES:
        op.create_index(_name(table, columns), table, columns)
    waiting = sa.text("look_again_at IS NOT NULL")
    op.create_index(
        _DUE,
        "hosted_repository",
        ["look_again_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index(_DUE, "hosted_repository")
    for table, *columns in reversed(_INDEXES):
        op.drop_index(_name(table, columns), table)


def _name(table: str, columns: list[str]) -> str:
    return "_".join(("ix", table, *columns))
