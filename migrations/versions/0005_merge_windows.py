"""Keep windows that can be merged, in three lengths, and requests in blocks.

Single requests that were kept before, for two weeks at most, are removed: what is being watched
meanwhile is watched for longer.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_KEYS = ("metric_name", "endpoint", "metric_type", "unit", "repository")
_NUMBERS = ("total", "value", "min_value", "max_value", "p50_value", "p95_value", "p99_value")


def upgrade() -> None:
    """Make room for sketches, hours, days and blocks."""
    # Empty says that a window has none: its percentiles are known all the same.
    sketch = sa.Column("sketch", sa.LargeBinary(), nullable=False, server_default="")
    op.add_column("performance_metric", sketch)
    _create_performance_rollup()
    op.drop_table("request_sample")
    op.execute("DELETE FROM request_batch")
    op.create_table(
        "request_block",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        *_columns(sa.Text(), "repository"),
        *_columns(_MOMENT, "first_at", "last_at"),
        *_columns(sa.BigInteger(), "count"),
        *_columns(sa.LargeBinary(), "body"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_block")),
        sa.CheckConstraint("count >= 1", name=op.f("ck_request_block_count_is_positive")),
    )
    keys = ["repository", "last_at"]
    op.create_index("ix_request_block_repository_last_at", "request_block", keys)


def downgrade() -> None:
    """Back to single requests and windows of their own."""
    for table in ("request_block", "performance_rollup"):
        op.drop_table(table)
    op.drop_column("performance_metric", "sketch")
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


def _create_performance_rollup() -> None:
    op.create_table(
        "performance_rollup",
        *_columns(sa.BigInteger(), "span_seconds"),
        *_columns(_MOMENT, "window_start"),
        *_columns(sa.Text(), *_KEYS),
        *_columns(_MOMENT, "window_end"),
        *_columns(sa.BigInteger(), "count"),
        *_columns(sa.Double(), *_NUMBERS),
        *_columns(sa.LargeBinary(), "sketch"),
        sa.PrimaryKeyConstraint(
            "span_seconds", "window_start", *_KEYS, name=op.f("pk_performance_rollup")
        ),
        sa.CheckConstraint(
            "metric_type IN ('response_time', 'error_rate', 'memory_usage', 'cost')",
            name=op.f("ck_performance_rollup_metric_type_known"),
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_performance_rollup_count_is_positive")),
        sqlite_with_rowid=False,
    )


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
