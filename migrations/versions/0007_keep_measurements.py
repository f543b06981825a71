"""Keep benchmark results and profiles that were read from files, and which files these were."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ingested_file",
        *_columns(sa.Text(), "repository", "digest", "name", "kind"),
        *_columns(_MOMENT, "received_at"),
        sa.PrimaryKeyConstraint("repository", "digest", name=op.f("pk_ingested_file")),
    )
    _create_benchmark_result()
    _create_profile()


def downgrade() -> None:
    """Remove them."""
    for table in ("profile", "benchmark_result", "ingested_file"):
        op.drop_table(table)


def _create_benchmark_result() -> None:
    op.create_table(
        "benchmark_result",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        *_columns(sa.Text(), "repository", "digest", "name", "unit", "direction", "statistic"),
        sa.Column("value", sa.Double()),
        *_columns(sa.Text(), "missing"),
        *_columns(sa.JSON(), "values"),
        sa.Column("stddev", sa.Double()),
        sa.Column("count", sa.BigInteger()),
        *_columns(sa.Text(), "commit"),
        *_columns(_MOMENT, "at"),
        *_columns(sa.JSON(), "extra"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_result")),
        sa.CheckConstraint(
            "direction IN ('lower', 'higher', 'neither')",
            name=op.f("ck_benchmark_result_direction_known"),
        ),
        sa.CheckConstraint(
            "statistic IN ('mean', 'median', 'single')",
            name=op.f("ck_benchmark_result_statistic_known"),
        ),
        sa.CheckConstraint(
            "(value IS NULL) = (missing <> '')",
            name=op.f("ck_benchmark_result_value_or_why_not"),
        ),
    )
    op.create_index(
        "ix_benchmark_result_repository_name_at", "benchmark_result", ["repository", "name", "at"]
    )
    op.create_index("ix_benchmark_result_repository_at", "benchmark_result", ["repository", "at"])


def _create_profile() -> None:
    op.create_table(
        "profile",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        *_columns(sa.Text(), "repository", "digest", "name", "unit"),
        *_columns(sa.Double(), "total"),
        *_columns(sa.Boolean(), "lines_define"),
        *_columns(sa.Text(), "commit"),
        *_columns(_MOMENT, "at"),
        *_columns(sa.JSON(), "functions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.CheckConstraint(
            "unit IN ('seconds', 'bytes', 'samples')", name=op.f("ck_profile_unit_known")
        ),
    )
    op.create_index("ix_profile_repository_at", "profile", ["repository", "at"])


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
