"""Keep the four records: improvements, feedback, metrics and learning events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = {
    "sqlite": (
        """
        CREATE TRIGGER learning_event_no_update BEFORE UPDATE ON learning_event
        BEGIN SELECT RAISE(ABORT, 'learning_event is append-only'); END
        """,
        """
        CREATE TRIGGER learning_event_no_delete BEFORE DELETE ON learning_event
        BEGIN SELECT RAISE(ABORT, 'learning_event is append-only'); END
        """,
        """
        CREATE TRIGGER learning_event_no_replace BEFORE INSERT ON learning_event
        WHEN EXISTS (SELECT 1 FROM learning_event WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'learning_event is append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION learning_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'learning_event is append-only'; END $$
        """,
        """
        CREATE TRIGGER learning_event_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON learning_event
        FOR EACH STATEMENT EXECUTE FUNCTION learning_event_refuse()
        """,
    ),
}


def upgrade() -> None:
    """Create the tables, and the triggers that refuse to change an event."""
    _create_feedback()
    _create_performance_metric()
    _create_code_improvement()
    _create_learning_event()
    for statement in _APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Remove them all."""
    for table in ("learning_event", "code_improvement", "performance_metric", "feedback"):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION learning_event_refuse()")


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        *_columns(sa.Text(), "user_id", "message_id", "feedback_type", "model_used", "task_type"),
        sa.Column("response_length", sa.BigInteger()),
        *_columns(sa.JSON(), "context"),
        *_columns(_MOMENT, "at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.CheckConstraint(
            "feedback_type IN ('thumbs_up', 'thumbs_down', "
            "'rating_1', 'rating_2', 'rating_3', 'rating_4', 'rating_5')",
            name=op.f("ck_feedback_feedback_type_known"),
        ),
    )
    keys = ["user_id", "task_type", "at"]
    op.create_index("ix_feedback_user_id_task_type_at", "feedback", keys)


def _create_performance_metric() -> None:
    keys = ("metric_name", "endpoint", "metric_type", "unit", "repository")
    numbers = ("total", "value", "min_value", "max_value", "p50_value", "p95_value", "p99_value")
    op.create_table(
        "performance_metric",
        *_columns(_MOMENT, "window_start"),
        *_columns(sa.Text(), *keys),
        *_columns(_MOMENT, "window_end"),
        *_columns(sa.BigInteger(), "count"),
        *_columns(sa.Double(), *numbers),
        sa.PrimaryKeyConstraint("window_start", *keys, name=op.f("pk_performance_metric")),
        sa.CheckConstraint(
            "metric_type IN ('response_time', 'error_rate', 'memory_usage', 'cost')",
            name=op.f("ck_performance_metric_metric_type_known"),
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_performance_metric_count_is_positive")),
        sqlite_with_rowid=False,
    )


def _create_code_improvement() -> None:
    finding: tuple[str, ...] = (
        "finding_id",
        "improvement_type",
        "file_path",
        "function",
        "severity",
    )
    finding += ("issue_description", "finding_evidence")
    commits = ("base_sha", "branch_name", "commit_hash", "merge_sha", "revert_sha")
    op.create_table(
        "code_improvement",
        *_columns(sa.Text(), "id", "repository", "state", "reason", "test_status"),
        *_columns(sa.BigInteger(), "version", "line", "end_line"),
        *_columns(sa.Boolean(), "applied", "rolled_back", "extended"),
        *_columns(sa.Text(), *finding, *commits, "engine"),
        *_columns(sa.Double(), "confidence"),
        *_columns(sa.JSON(), "evidence"),
        *_columns(_MOMENT, "created_at", "updated_at"),
        *_optional(sa.Text(), "patch_path", "original_code", "improved_code", "diff"),
        *_optional(sa.JSON(), "further_changes"),
        *_optional(sa.BigInteger(), "pull_request", "revert_pull_request"),
        *_optional(_MOMENT, "deployed_at", "suspected_at", "revert_deployed_at", "look_again_at"),
        *_optional(sa.Boolean(), "recovered"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_improvement")),
        sa.CheckConstraint(
            "state IN ('found', 'proposed', 'open', 'merged', 'watching', 'kept', 'rejected', "
            "'abandoned', 'reverting', 'reverted', 'held')",
            name=op.f("ck_code_improvement_state_known"),
        ),
        sa.CheckConstraint(
            "test_status IN ('pending', 'passed', 'failed')",
            name=op.f("ck_code_improvement_test_status_known"),
        ),
        sa.CheckConstraint(
            "severity IN ('low', 'medium', 'high')", name=op.f("ck_code_improvement_severity_known")
        ),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= 1",
            name=op.f("ck_code_improvement_confidence_is_share"),
        ),
    )
    waiting = sa.text("look_again_at IS NOT NULL")
    op.create_index(
        "ix_code_improvement_look_again_at",
        "code_improvement",
        ["look_again_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_code_improvement_repository_state", "code_improvement", ["repository", "state"]
    )


def _create_learning_event() -> None:
    op.create_table(
        "learning_event",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        *_columns(sa.Text(), "event_type", "subject", "reason"),
        *_columns(sa.JSON(), "before_state", "after_state"),
        *_columns(sa.Double(), "impact_score"),
        *_columns(_MOMENT, "at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_event")),
        sa.CheckConstraint(
            "impact_score >= 0 AND impact_score <= 1",
            name=op.f("ck_learning_event_impact_score_is_share"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_learning_event_subject_at", "learning_event", ["subject", "at"])
    op.create_index("ix_learning_event_at", "learning_event", ["at"])


def _columns(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]
