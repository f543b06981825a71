"""The records as tables; a change here needs a migration."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.adapters.database.announcing import announce_inserts
from bot.adapters.database.append_only import make_append_only
from bot.adapters.database.columns import ExactText, PlainJson, UtcDateTime
from bot.domain.asked import Progress, Wish
from bot.domain.deliveries import DeliveryState
from bot.domain.events import FeedbackType
from bot.domain.finding import Severity
from bot.domain.hosting import Standing
from bot.domain.improvement import State
from bot.domain.measured import Direction, Statistic
from bot.domain.metrics import MetricType
from bot.domain.profile import CostUnit

# PostgreSQL numbers rows in a BIGINT; SQLite only in a column that is called INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")
KEY_BYTES = 2000
"""The most that the texts of one key may take: PostgreSQL indexes nothing above 2,700 bytes."""


class Base(DeclarativeBase):
    """Every table of ours; its naming convention lets a migration name each constraint."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute
        str: ExactText,
        datetime: UtcDateTime,
        float: Double,
        int: BigInteger,
        bool: Boolean,
        bytes: LargeBinary,
        Any: PlainJson,
    }


def _one_of(column: str, words: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """A CHECK instead of an ENUM: a word more is one migration alike on both databases."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _share(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0 AND {column} <= 1", name=f"{column}_is_share")


class FeedbackRow(Base):
    """One rating."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True)
    user_id: Mapped[str]
    message_id: Mapped[str]
    feedback_type: Mapped[str]
    model_used: Mapped[str]
    task_type: Mapped[str]
    response_length: Mapped[int | None]
    context: Mapped[Any]
    at: Mapped[datetime]

    __table_args__ = (
        _one_of("feedback_type", FeedbackType),
        Index(None, "user_id", "task_type", "at"),
    )


class _WindowColumns:
    """A span of one metric; `value` is its mean.

    The start leads the key: a report reads a span of time, and new windows land at the end.
    """

    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    metric_name: Mapped[str] = mapped_column(primary_key=True)
    endpoint: Mapped[str] = mapped_column(primary_key=True)
    metric_type: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    window_end: Mapped[datetime]
    count: Mapped[int]
    total: Mapped[float]
    value: Mapped[float]
    min_value: Mapped[float]
    max_value: Mapped[float]
    p50_value: Mapped[float]
    p95_value: Mapped[float]
    p99_value: Mapped[float]
    sketch: Mapped[bytes]


class WindowRow(_WindowColumns, Base):
    """Five minutes of one metric."""

    __tablename__ = "performance_metric"
    __table_args__ = (
        _one_of("metric_type", MetricType),
        CheckConstraint("count >= 1", name="count_is_positive"),
        {"sqlite_with_rowid": False},
    )


class RollupRow(_WindowColumns, Base):
    """An hour or a day of one metric."""

    __tablename__ = "performance_rollup"

    span_seconds: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)

    __table_args__ = (
        _one_of("metric_type", MetricType),
        CheckConstraint("count >= 1", name="count_is_positive"),
        {"sqlite_with_rowid": False},
    )


class ImprovementRow(Base):
    """One improvement; `test_status`, `applied` and `rolled_back` are derived from `state`."""

    __tablename__ = "code_improvement"

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    repository: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    test_status: Mapped[str]
    applied: Mapped[bool]
    rolled_back: Mapped[bool]
    finding_id: Mapped[str]
    improvement_type: Mapped[str]
    file_path: Mapped[str]
    line: Mapped[int]
    end_line: Mapped[int]
    function: Mapped[str]
    severity: Mapped[str]
    issue_description: Mapped[str]
    finding_evidence: Mapped[str]
    engine: Mapped[str]
    confidence: Mapped[float]
    evidence: Mapped[Any]
    patch_path: Mapped[str | None]
    original_code: Mapped[str | None]
    improved_code: Mapped[str | None]
    further_changes: Mapped[Any | None] = mapped_column(PlainJson)
    diff: Mapped[str | None]
    base_sha: Mapped[str]
    branch_name: Mapped[str]
    commit_hash: Mapped[str]
    pull_request: Mapped[int | None]
    merge_sha: Mapped[str]
    deployed_at: Mapped[datetime | None]
    extended: Mapped[bool]
    suspected_at: Mapped[datetime | None]
    revert_pull_request: Mapped[int | None]
    revert_sha: Mapped[str]
    revert_deployed_at: Mapped[datetime | None]
    recovered: Mapped[bool | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    look_again_at: Mapped[datetime | None]

    __table_args__ = (
        _one_of("state", State),
        _one_of("test_status", ("pending", "passed", "failed")),
        _one_of("severity", Severity),
        _share("confidence"),
        Index(None, "repository", "state"),
        # Every host numbers its pull requests from one; a commit is one of a kind.
        Index(None, "repository", "pull_request"),
        Index(None, "repository", "revert_pull_request"),
        Index(None, "branch_name"),
        Index(None, "commit_hash"),
        Index(None, "merge_sha"),
        Index(None, "revert_sha"),
        Index(None, "improvement_type", "state"),
        Index(
            "ix_code_improvement_look_again_at",
            "look_again_at",
            sqlite_where=text("look_again_at IS NOT NULL"),
            postgresql_where=text("look_again_at IS NOT NULL"),
        ),
    )


class EventRow(Base):
    """One thing learned; the database refuses to change or remove it."""

    __tablename__ = "learning_event"

    id: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True)
    event_type: Mapped[str]
    subject: Mapped[str]
    before_state: Mapped[Any]
    after_state: Mapped[Any]
    impact_score: Mapped[float]
    reason: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        _share("impact_score"),
        Index(None, "subject", "at"),
        Index(None, "at"),
        # Without it SQLite gives the number of a removed last row again.
        {"sqlite_autoincrement": True},
    )


class DeliveryRow(Base):
    """One delivery of a code host, as it came; the host's own number for it is the key."""

    __tablename__ = "delivery"

    id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    why: Mapped[str]
    routed_at: Mapped[datetime | None]

    __table_args__ = (
        _one_of("state", DeliveryState),
        Index(
            "ix_delivery_waiting",
            "received_at",
            sqlite_where=text("state = 'received'"),
            postgresql_where=text("state = 'received'"),
        ),
        Index(
            "ix_delivery_parked",
            "received_at",
            sqlite_where=text("state = 'parked'"),
            postgresql_where=text("state = 'parked'"),
        ),
        Index(None, "received_at"),
    )


class HostedRepositoryRow(Base):
    """One repository that a code host lets us into, by the number that outlives its name."""

    __tablename__ = "hosted_repository"

    # Given by the host and never by the database.
    host_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    full_name: Mapped[str]
    installation_id: Mapped[int]
    default_branch: Mapped[str]
    state: Mapped[str]
    why: Mapped[str]
    updated_at: Mapped[datetime]
    look_again_at: Mapped[datetime | None]

    __table_args__ = (
        _one_of("state", Standing),
        Index(None, "full_name"),
        Index(None, "installation_id"),
        Index(
            "ix_hosted_repository_look_again_at",
            "look_again_at",
            sqlite_where=text("look_again_at IS NOT NULL"),
            postgresql_where=text("look_again_at IS NOT NULL"),
        ),
    )


class MemoRow(Base):
    """One small thing to remember, such as how far a list has been read."""

    __tablename__ = "memo"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any]
    updated_at: Mapped[datetime]


class RequestBlockRow(Base):
    """Requests that a service says it answered, as they came together."""

    __tablename__ = "request_block"

    id: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True)
    repository: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int]
    body: Mapped[bytes]

    __table_args__ = (
        CheckConstraint("count >= 1", name="count_is_positive"),
        Index(None, "repository", "last_at"),
    )


class UnfoldedRow(Base):
    """What was reported and is in no window yet; `shard` puts like with like, PARKED aside."""

    __tablename__ = "unfolded"

    id: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True)
    repository: Mapped[str]
    shard: Mapped[int]
    body: Mapped[bytes]

    __table_args__ = (Index(None, "repository", "shard", "id"),)


class CounterRow(Base):
    """What a counter that only grows showed last, by a digest of what and whose it is."""

    __tablename__ = "counter_reading"

    repository: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[Any]
    updated_at: Mapped[datetime]

    __table_args__ = (Index(None, "updated_at"),)


class RequestBatchRow(Base):
    """One batch of requests that its sender gave an id; sent again, it is known by it."""

    __tablename__ = "request_batch"

    repository: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    received_at: Mapped[datetime]


class IngestedFileRow(Base):
    """One file that was read, known by its bytes."""

    __tablename__ = "ingested_file"

    repository: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    received_at: Mapped[datetime]


class BenchmarkRow(Base):
    """One thing that a benchmark or load test measured."""

    __tablename__ = "benchmark_result"

    id: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True)
    repository: Mapped[str]
    digest: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    direction: Mapped[str]
    statistic: Mapped[str]
    value: Mapped[float | None]
    missing: Mapped[str]
    values: Mapped[Any]
    stddev: Mapped[float | None]
    count: Mapped[int | None]
    commit: Mapped[str]
    at: Mapped[datetime]
    extra: Mapped[Any]

    __table_args__ = (
        _one_of("direction", Direction),
        _one_of("statistic", Statistic),
        CheckConstraint("(value IS NULL) = (missing <> '')", name="value_or_why_not"),
        Index(None, "repository", "name", "at"),
        Index(None, "repository", "at"),
    )


class ProfileRow(Base):
    """One profile; `functions` are lists of file, line, name, own cost, total cost and calls."""

    __tablename__ = "profile"

    id: Mapped[int] = mapped_column(_ROW_NUMBER, primary_key=True)
    repository: Mapped[str]
    digest: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    total: Mapped[float]
    lines_define: Mapped[bool]
    commit: Mapped[str]
    at: Mapped[datetime]
    functions: Mapped[Any]

    __table_args__ = (_one_of("unit", CostUnit), Index(None, "repository", "at"))


class ApiTokenRow(Base):
    """One token; of its secret there is a digest alone."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str]
    repositories: Mapped[Any]
    scopes: Mapped[Any]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ModelCallRow(Base):
    """One call of a language model: reserved before it is made, settled after it.

    `amount` is in millionths of a dollar, `tokens` what counts against a cap; `day` is of UTC.
    """

    __tablename__ = "model_call"

    id: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str]
    improvement: Mapped[str]
    model: Mapped[str]
    day: Mapped[str]
    amount: Mapped[int]
    tokens: Mapped[int]
    sent: Mapped[int]
    received: Mapped[int]
    outcome: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount >= 0 AND tokens >= 0", name="costs_something_or_nothing"),
        Index(None, "day"),
        Index(None, "repository", "improvement"),
    )


class LearnerRow(Base):
    """Whose preferences are learned; the row is held while one more observation is added."""

    __tablename__ = "learner"

    owner: Mapped[str] = mapped_column(primary_key=True)
    alias: Mapped[str]
    zone: Mapped[str]
    day: Mapped[str]
    given: Mapped[int]


class PreferenceRow(Base):
    """The discounted sums of one model at one task; those of all users have no owner's name."""

    __tablename__ = "preference"

    owner: Mapped[str] = mapped_column(primary_key=True)
    task_type: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    good: Mapped[float]
    bad: Mapped[float]
    average: Mapped[float]
    count: Mapped[int]
    fall: Mapped[float] = mapped_column(server_default="0")
    updated_at: Mapped[datetime]


class ActivityRow(Base):
    """How often one user did one task on one weekday at one part of the day."""

    __tablename__ = "activity"

    owner: Mapped[str] = mapped_column(primary_key=True)
    task_type: Mapped[str] = mapped_column(primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class LikingRow(Base):
    """How one user received one value of one setting."""

    __tablename__ = "liking"

    owner: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[float]
    count: Mapped[int]


class CountedRow(Base):
    """What of one user was counted already: a digest of its natural key."""

    __tablename__ = "counted"

    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)


class AskedRow(Base):
    """One wish for an improvement, and what became of it."""

    __tablename__ = "asked"

    id: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str]
    improvement: Mapped[str]
    wish: Mapped[str]
    by: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    result: Mapped[Any]
    why: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    person: Mapped[str] = mapped_column(server_default="")
    head_sha: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        _one_of("wish", Wish),
        _one_of("state", Progress),
        Index(None, "state", "created_at"),
    )


class IdempotencyRow(Base):
    """What was answered to a request that its sender gave a key; sent again, it is known by it."""

    __tablename__ = "idempotency_key"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    status: Mapped[int]
    answer: Mapped[Any]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "created_at"),)


class SessionRow(Base):
    """Somebody who has signed in: of what their browser holds there is a digest alone.

    `token` is sealed; `repositories` are pairs of the host's number and whether they may write.
    """

    __tablename__ = "web_session"

    id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str]
    token: Mapped[str]
    repositories: Mapped[Any]
    looked_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)


class UsedProofRow(Base):
    """A signed proof of identity that was taken, by a digest of its issuer and number."""

    __tablename__ = "used_proof"

    id: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"),)


def table_of(row: type[Base]) -> Table:
    """The table behind a model."""
    table = row.__table__
    assert isinstance(table, Table)  # noqa: S101 - narrows what the library types too widely
    return table


make_append_only(table_of(EventRow))
announce_inserts(table_of(DeliveryRow))
