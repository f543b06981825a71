"""The records behind the port Store, on one SQLAlchemy session."""

import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    Update,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.adapters.database.columns import ExactText
from bot.adapters.database.learned import SqlLearned
from bot.adapters.database.measurements import SqlMeasurements
from bot.adapters.database.models import (
    EventRow,
    FeedbackRow,
    ImprovementRow,
    ModelCallRow,
    table_of,
)
from bot.adapters.database.rows import (
    ENDING_COLUMNS,
    Row,
    ending_of,
    event_of,
    event_row,
    feedback_of,
    feedback_row,
    improvement_of,
    improvement_row,
)
from bot.adapters.database.windows import add_windows, read_windows
from bot.domain.confidence import KEPT, NOT_KEPT, Ending
from bot.domain.events import Feedback, LearningEvent, about_repository
from bot.domain.improvement import Improvement, State
from bot.domain.messages import move_line
from bot.domain.metrics import WINDOW, MetricType, Window
from bot.ports import StaleError, Store, StoreFactory

log = logging.getLogger("ironclaw.improvements")

_IMPROVEMENTS: Final = table_of(ImprovementRow)
_MODEL_CALLS: Final = table_of(ModelCallRow)
_EVENTS: Final = table_of(EventRow)
_FEEDBACK: Final = table_of(FeedbackRow)


def store_factory(engine: AsyncEngine) -> StoreFactory:
    """Stores on sessions of their own, each rolled back on exit unless committed."""
    sessions = async_sessionmaker(engine)

    @asynccontextmanager
    async def open_store() -> AsyncIterator[Store]:
        async with sessions() as session:
            yield SqlStore(session)

    return open_store


class _Stored(NamedTuple):
    """What of a row says whether it may be replaced, and whether the log is to say so."""

    version: int
    state: str
    updated_at: datetime
    revert_pull_request: int | None


class SqlStore(SqlMeasurements, SqlLearned):
    """The records on the caller's session, whose transaction `commit` ends.

    An improvement is replaced only by a value that was moved from the stored one (`came_from`),
    and only while the row still has the version just compared: so a value may cross several units
    of work, and of two workers that moved the same one the second gets a StaleError.
    """

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        # Said once they are durable.
        self._moves: list[str] = []

    async def save(self, improvement: Improvement) -> None:
        """Insert, or replace the value that this one was moved from."""
        columns = improvement_row(improvement)
        stored = await self._stored(improvement)
        if stored is None:
            new = self._insert(_IMPROVEMENTS).values(**columns, version=1)
            statement: Insert | Update = new.on_conflict_do_nothing()
        else:
            same = (_IMPROVEMENTS.c.id == improvement.id) & (
                _IMPROVEMENTS.c.version == stored.version
            )
            statement = (
                update(_IMPROVEMENTS).where(same).values(**columns, version=stored.version + 1)
            )
        changed = await self._session.execute(statement.returning(_IMPROVEMENTS.c.version))
        if changed.first() is None:
            raise _stale(improvement)
        if stored is None or _goes_on(stored, improvement):
            self._moves.append(move_line(stored.state if stored else "", improvement))

    async def improvement(self, id: str) -> Improvement | None:
        """One improvement by id."""
        found = await self._rows(select(_IMPROVEMENTS).where(_IMPROVEMENTS.c.id == id))
        return improvement_of(found[0]) if found else None

    async def improvements(
        self, repository: str = "", states: frozenset[State] = frozenset()
    ) -> Sequence[Improvement]:
        """Improvements of a repository in any of the states, oldest first; empty means all."""
        chosen = select(_IMPROVEMENTS).order_by(_IMPROVEMENTS.c.created_at, _IMPROVEMENTS.c.id)
        if repository:
            chosen = chosen.where(_IMPROVEMENTS.c.repository == repository)
        if states:
            chosen = chosen.where(_IMPROVEMENTS.c.state.in_(sorted(states)))
        return [improvement_of(row) for row in await self._rows(chosen)]

    async def touching(
        self,
        repository: str,
        *,
        pulls: Collection[int] = (),
        commits: Collection[str] = (),
        branches: Collection[str] = (),
    ) -> Sequence[Improvement]:
        """Improvements that have one of these pull requests, commits or branches, oldest first."""
        table = _IMPROVEMENTS.c
        asked: tuple[tuple[ColumnElement[Any], Collection[Any]], ...] = (
            (table.pull_request, pulls),
            (table.revert_pull_request, pulls),
            (table.commit_hash, commits),
            (table.merge_sha, commits),
            (table.revert_sha, commits),
            (table.branch_name, branches),
        )
        named = [column.in_(values) for column, values in asked if values]
        if not named:
            return []
        chosen = select(_IMPROVEMENTS).where(table.repository == repository, or_(*named))
        ordered = chosen.order_by(table.created_at, table.id)
        return [improvement_of(row) for row in await self._rows(ordered)]

    async def endings(self, limit: int) -> Sequence[Ending]:
        """How the latest `limit` improvements that were offered ended, oldest first."""
        table = _IMPROVEMENTS.c
        # Not their code, which is most of a row.
        columns = (table[name] for name in ENDING_COLUMNS)
        chosen = select(*columns).where(table.state.in_(sorted(KEPT | NOT_KEPT)))
        latest = chosen.order_by(table.updated_at.desc(), table.id.desc()).limit(max(0, limit))
        return [ending_of(row) for row in reversed(await self._rows(latest))]

    async def due(self, now: datetime) -> Sequence[str]:
        """Ids of improvements whose `look_again_at` has come, most overdue first."""
        moment = _IMPROVEMENTS.c.look_again_at
        chosen = select(_IMPROVEMENTS.c.id).where(moment <= now)
        found = await self._session.scalars(chosen.order_by(moment, _IMPROVEMENTS.c.id))
        return found.all()

    async def record(self, event: LearningEvent) -> None:
        """Append one event; the database itself refuses to change it afterwards."""
        await self._session.execute(insert(_EVENTS).values(event_row(event)))

    async def events(self, subject: str = "", limit: int = 1000) -> Sequence[LearningEvent]:
        """The latest `limit` events about one subject, oldest first; empty means all."""
        latest = select(_EVENTS).order_by(_EVENTS.c.at.desc(), _EVENTS.c.id.desc())
        if subject:
            latest = latest.where(_EVENTS.c.subject == subject)
        rows = await self._rows(latest.limit(max(0, limit)))
        return [event_of(row) for row in reversed(rows)]

    async def rename(self, before: str, after: str) -> None:
        """Give the improvements of a repository the name that it goes by now."""
        theirs = _IMPROVEMENTS.c.repository == before
        await self._session.execute(update(_IMPROVEMENTS).where(theirs).values(repository=after))
        # What it has spent today is spent under its new name too.
        spent = _MODEL_CALLS.c.repository == before
        await self._session.execute(update(_MODEL_CALLS).where(spent).values(repository=after))

    async def happened(
        self, repository: str, kinds: Collection[str], since: datetime
    ) -> Sequence[LearningEvent]:
        """Events of these types about a repository or its improvements, oldest first."""
        theirs = select(_IMPROVEMENTS.c.id).where(_IMPROVEMENTS.c.repository == repository)
        # One list of subjects: with an OR beside it, every event since is read and then looked at.
        subjects = union_all(theirs, select(literal(about_repository(repository), ExactText)))
        chosen = select(_EVENTS).where(
            _EVENTS.c.at >= since,
            _EVENTS.c.event_type.in_(kinds),
            _EVENTS.c.subject.in_(subjects),
        )
        ordered = chosen.order_by(_EVENTS.c.at, _EVENTS.c.id)
        return [event_of(row) for row in await self._rows(ordered)]

    async def add_feedback(self, feedback: Feedback) -> None:
        """Keep one rating."""
        await self._session.execute(insert(_FEEDBACK).values(feedback_row(feedback)))

    async def feedback(self, user_id: str = "", task_type: str = "") -> Sequence[Feedback]:
        """Ratings of a user and task, oldest first; empty means all."""
        chosen = select(_FEEDBACK).order_by(_FEEDBACK.c.at, _FEEDBACK.c.id)
        if user_id:
            chosen = chosen.where(_FEEDBACK.c.user_id == user_id)
        if task_type:
            chosen = chosen.where(_FEEDBACK.c.task_type == task_type)
        return [feedback_of(row) for row in await self._rows(chosen)]

    async def add_windows(self, repository: str, windows: Sequence[Window]) -> None:
        """Add five-minute windows to what is there, and to the hours and days around them."""
        await add_windows(await self._session.connection(), repository, windows)

    async def windows(
        self,
        repository: str,
        since: datetime,
        until: datetime,
        span: timedelta = WINDOW,
        kind: MetricType | None = None,
    ) -> Sequence[Window]:
        """Windows of this length that start in [since, until), oldest first."""
        connection = await self._session.connection()
        return await read_windows(connection, repository, since, until, span, kind)

    async def commit(self) -> None:
        """Make everything since the last commit durable."""
        await self._session.commit()
        for line in self._moves:
            log.info("%s", line)
        self._moves.clear()

    async def _stored(self, improvement: Improvement) -> _Stored | None:
        """What of it is stored, None if nothing is; StaleError if it may not be replaced."""
        chosen = select(*(_IMPROVEMENTS.c[name] for name in _Stored._fields))
        mine = chosen.where(_IMPROVEMENTS.c.id == improvement.id)
        found = (await self._session.execute(mine)).first()
        if found is None:
            return None
        stored = _Stored(*found)
        if not may_replace(improvement, stored.state, stored.updated_at):
            raise _stale(improvement)
        return stored

    async def _rows(self, chosen: Select[Any]) -> Sequence[Row]:
        found = await self._session.execute(chosen)
        return [dict(row) for row in found.mappings()]


def _goes_on(stored: _Stored, improvement: Improvement) -> bool:
    """Whether it comes into another state, or its revert is opened."""
    before = (stored.state, stored.revert_pull_request)
    return before != (improvement.state, improvement.revert_pull_request)


def may_replace(improvement: Improvement, state: str, updated_at: datetime) -> bool:
    """Whether the stored value is this one, or one that this one was moved from."""
    itself = (improvement.state, improvement.updated_at)
    return (state, updated_at) in (itself, *improvement.came_from)


def _stale(improvement: Improvement) -> StaleError:
    return StaleError(f"improvement {improvement.id} has been moved meanwhile: read it again")
