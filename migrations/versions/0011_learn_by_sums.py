"""Keep what is learned of users and models as sums, and what was counted already."""

import hashlib
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXT, _NUMBER, _REAL = sa.Text(), sa.BigInteger(), sa.Double()
_REWARDS = {
    "thumbs_up": 1.0,
    "thumbs_down": 0.0,
    **{f"rating_{stars}": (stars - 1) / 4 for stars in range(1, 6)},
}


def upgrade() -> None:
    """Create the tables, and count the ratings that are there."""
    _create("learner", ["owner"], alias=_TEXT, zone=_TEXT, day=_TEXT, given=_NUMBER)
    _create(
        "preference",
        ["owner", "task_type", "model"],
        good=_REAL,
        bad=_REAL,
        average=_REAL,
        count=_NUMBER,
        updated_at=sa.DateTime(timezone=True),
    )
    op.create_table(
        "activity",
        sa.Column("owner", _TEXT, nullable=False),
        sa.Column("task_type", _TEXT, nullable=False),
        sa.Column("weekday", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("part", _TEXT, nullable=False),
        sa.Column("count", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("owner", "task_type", "weekday", "part", name=op.f("pk_activity")),
    )
    _create("liking", ["owner", "name", "value"], total=_REAL, count=_NUMBER)
    _create("counted", ["owner", "key"])
    _count_what_is_there()


def downgrade() -> None:
    """Remove them; the ratings stay, and the version before counts those."""
    for name in ("counted", "liking", "activity", "preference", "learner"):
        op.drop_table(name)


def _create(name: str, key: list[str], **columns: Any) -> None:
    op.create_table(
        name,
        *(sa.Column(part, _TEXT, nullable=False) for part in key),
        *(sa.Column(part, kind, nullable=False) for part, kind in columns.items()),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )


def _count_what_is_there() -> None:
    """The sums of users as they would be, had each rating come once and now.

    Times of day and settings begin anew, and so does the opinion of all.
    """
    names = ("user_id", "message_id", "task_type", "model_used", "feedback_type")
    feedback = sa.table("feedback", *map(sa.column, (*names, "at", "id")))
    moment = sa.column("at", sa.DateTime(timezone=True))
    chosen = sa.select(*(feedback.c[name] for name in names), moment).select_from(feedback)
    sums: dict[tuple[str, str, str], list[Any]] = {}
    counted: set[tuple[str, str]] = set()
    for *key, at in op.get_bind().execute(chosen.order_by(feedback.c.at, feedback.c.id)):
        user, _, task, model, kind = key
        digest = hashlib.sha256("\0".join(["feedback", *key[1:]]).encode()).hexdigest()
        if user and (user, digest) not in counted:
            counted.add((user, digest))
            reward, old = _REWARDS[kind], sums.get((user, task, model), [0.0, 0.0, 0.5, 0, at])
            good, bad = old[0] * 0.99 + reward, old[1] * 0.99 + 1 - reward
            average = old[2] + 0.1 * (reward - old[2])
            sums[user, task, model] = [good, bad, average, old[3] + 1, at]
    learners = sorted({user for user, _ in counted})
    _insert("learner", [(one, f"user/{secrets.token_hex(8)}", "", "", 0) for one in learners])
    _insert("preference", [(*key, *values) for key, values in sums.items()])
    _insert("counted", sorted(counted))


def _insert(name: str, rows: list[Any]) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    columns = [column.name for column in table.columns]
    if rows:
        op.bulk_insert(table, [dict(zip(columns, row, strict=True)) for row in rows])
