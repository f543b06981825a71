"""What was learned of users and models, kept as sums so that no history is read again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.adapters.database.models import (
    ActivityRow,
    CountedRow,
    FeedbackRow,
    LearnerRow,
    LikingRow,
    PreferenceRow,
    table_of,
)
from bot.adapters.database.rows import check_key
from bot.domain.activity import Activity
from bot.domain.preferences import EVERYBODY, Learner, Liking, Sums

_LEARNERS: Final = table_of(LearnerRow)
_PREFERENCES: Final = table_of(PreferenceRow)
_ACTIVITY: Final = table_of(ActivityRow)
_LIKINGS: Final = table_of(LikingRow)
_COUNTED: Final = table_of(CountedRow)
_FEEDBACK: Final = table_of(FeedbackRow)


class SqlLearned:
    """The sums on the caller's session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold_learner(self, owner: str, alias: str) -> Learner:
        """The user, theirs alone to change until the transaction ends; made if not known yet."""
        check_key("user", owner)
        fresh = {"owner": owner, "alias": alias, "zone": "", "day": "", "given": 0}
        await self._session.execute(
            self._insert(_LEARNERS).values(fresh).on_conflict_do_nothing(index_elements=["owner"])
        )
        # A change that changes nothing holds the row, on both databases.
        mine = update(_LEARNERS).where(_LEARNERS.c.owner == owner).values(owner=owner)
        found = await self._session.execute(mine.returning(*_LEARNERS.c))
        return Learner(**found.mappings().one())

    async def learner(self, owner: str) -> Learner | None:
        """The user as they are known, or None."""
        found = await self._session.execute(select(_LEARNERS).where(_LEARNERS.c.owner == owner))
        row = found.mappings().first()
        return None if row is None else Learner(**row)

    async def save_learner(self, learner: Learner) -> None:
        """Replace what is known of a user who is held."""
        changed = {"zone": learner.zone, "day": learner.day, "given": learner.given}
        theirs = _LEARNERS.c.owner == learner.owner
        await self._session.execute(update(_LEARNERS).where(theirs).values(changed))

    async def count_once(self, owner: str, key: str) -> bool:
        """Whether this key of this user is new; from now on it is not."""
        check_key("counted thing", owner, key)
        new = self._insert(_COUNTED).values(owner=owner, key=key).on_conflict_do_nothing()
        found = await self._session.execute(new.returning(_COUNTED.c.key))
        return found.first() is not None

    async def sums(self, owner: str, task_type: str = "") -> Sequence[tuple[str, Sums]]:
        """The task and the sums of each model, by task and model; no task means all."""
        table = _PREFERENCES.c
        chosen = select(
            table.task_type,
            table.model,
            table.good,
            table.bad,
            table.average,
            table.count,
            table.fall,
        ).where(table.owner == owner)
        if task_type:
            chosen = chosen.where(table.task_type == task_type)
        rows = (await self._session.execute(chosen)).all()
        return sorted(((row[0], Sums(*row[1:])) for row in rows), key=lambda o: (o[0], o[1].model))

    async def put_sums(self, owner: str, task_type: str, sums: Sums, at: datetime) -> None:
        """Replace the sums of one model; its owner is held."""
        check_key("preference", owner, task_type, sums.model)
        values = {
            "good": sums.good,
            "bad": sums.bad,
            "average": sums.average,
            "count": sums.count,
            "fall": sums.fall,
            "updated_at": at,
        }
        key = {"owner": owner, "task_type": task_type, "model": sums.model}
        new = self._insert(_PREFERENCES).values(**key, **values)
        await self._session.execute(
            new.on_conflict_do_update(index_elements=list(key), set_=values)
        )

    async def add_to_all(self, task_type: str, sums: Sums, at: datetime) -> None:
        """Add to what all users say of one model; whoever adds at once, nothing is lost."""
        check_key("preference", task_type, sums.model)
        key = {"owner": EVERYBODY, "task_type": task_type, "model": sums.model}
        added = {"good": sums.good, "bad": sums.bad, "count": sums.count}
        fresh = {**key, **added, "average": 0.5, "fall": 0.0, "updated_at": at}
        new = self._insert(_PREFERENCES).values(fresh)
        more: dict[str, Any] = {name: _PREFERENCES.c[name] + new.excluded[name] for name in added}
        changed = new.on_conflict_do_update(
            index_elements=list(key), set_=more | {"updated_at": at}
        )
        await self._session.execute(changed)

    async def activity(self, owner: str) -> Sequence[Activity]:
        """When a user did what; at most 28 counts for each task."""
        table = _ACTIVITY.c
        chosen = select(table.task_type, table.weekday, table.part, table.count)
        rows = await self._session.execute(chosen.where(table.owner == owner))
        return sorted((Activity(*row) for row in rows), key=_moment)

    async def add_activity(self, owner: str, seen: Activity) -> None:
        """Count more of one activity."""
        check_key("activity", owner, seen.task_type)
        key = {"owner": owner, "task_type": seen.task_type, "weekday": seen.weekday}
        await self._add(_ACTIVITY, key | {"part": seen.part}, {"count": seen.count})

    async def likings(self, owner: str) -> Sequence[Liking]:
        """How each value of each setting was received, by name and value."""
        table = _LIKINGS.c
        chosen = select(table.name, table.value, table.total, table.count)
        rows = await self._session.execute(chosen.where(table.owner == owner))
        return sorted((Liking(*row) for row in rows), key=lambda one: (one.name, one.value))

    async def add_liking(self, owner: str, liking: Liking) -> None:
        """Add what one rating says of one setting."""
        check_key("setting", owner, liking.name, liking.value)
        key = {"owner": owner, "name": liking.name, "value": liking.value}
        await self._add(_LIKINGS, key, {"total": liking.total, "count": liking.count})

    async def forget(self, owner: str) -> None:
        """Remove all that is kept of a user."""
        for table in (_LEARNERS, _PREFERENCES, _ACTIVITY, _LIKINGS, _COUNTED):
            await self._session.execute(delete(table).where(table.c.owner == owner))
        await self._session.execute(delete(_FEEDBACK).where(_FEEDBACK.c.user_id == owner))

    async def _add(self, table: Table, key: dict[str, Any], added: dict[str, Any]) -> None:
        new = self._insert(table).values(**key, **added)
        more = {name: table.c[name] + new.excluded[name] for name in added}
        await self._session.execute(new.on_conflict_do_update(index_elements=list(key), set_=more))

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that can say what to do on a conflict, which each database has of its own."""
        if self._session.get_bind().dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)


def _moment(one: Activity) -> tuple[str, int, str]:
    return one.task_type, one.weekday, one.part
