"""The port Store in memory, with the database's semantics: the same contract suite runs on both."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from bot.adapters.database.columns import plain_json
from bot.adapters.database.measurements import profile_row, result_row
from bot.adapters.database.rows import (
    check_key,
    event_row,
    feedback_row,
    improvement_row,
    window_row,
)
from bot.domain.code_attributes import Code
from bot.domain.confidence import KEPT, NOT_KEPT, Ending, case_of
from bot.domain.events import Feedback, LearningEvent, about_repository
from bot.domain.improvement import Improvement, State
from bot.domain.ingested import IngestedFile
from bot.domain.measured import BenchmarkResult
from bot.domain.metrics import SPANS, WINDOW, MetricType, Window, gathered, joined
from bot.domain.profile import Profile
from bot.ports import StaleError, Store, StoreFactory
from tests.fakes.learned import FakeLearned, Sums

Value = TypeVar(
    "Value", Improvement, Feedback, LearningEvent, Window, IngestedFile, BenchmarkResult, Profile
)
WindowKey = tuple[timedelta, datetime, str, str, str, str, str]


@dataclass
class Records:
    """What is committed; give one to several factories to let them see each other."""

    improvements: dict[str, Improvement] = field(default_factory=dict)
    events: list[LearningEvent] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    windows: dict[WindowKey, Window] = field(default_factory=dict)
    files: dict[tuple[str, str], IngestedFile] = field(default_factory=dict)
    code: dict[tuple[str, str], Code] = field(default_factory=dict)
    learned: Sums = field(default_factory=Sums)

    def copy(self) -> "Records":
        return Records(
            dict(self.improvements),
            list(self.events),
            list(self.feedback),
            dict(self.windows),
            dict(self.files),
            dict(self.code),
            self.learned.copy(),
        )


def fake_stores(records: Records | None = None) -> StoreFactory:
    """Stores on the same records, each with nothing kept unless committed."""
    shared = Records() if records is None else records

    @asynccontextmanager
    async def open_store() -> AsyncIterator[Store]:
        yield FakeStore(shared)

    return open_store


class FakeStore(FakeLearned):
    """One unit of work. What waits for `commit` is applied to what is committed by then.

    Where two units change one improvement at once, a database lets the second wait in `save` and
    then refuses it; here it is refused in `commit`.
    """

    def __init__(self, records: Records | None = None) -> None:
        self._committed = Records() if records is None else records
        self._waiting: list[Callable[[Records], None]] = []

    async def save(self, improvement: Improvement) -> None:
        improvement_row(improvement)
        stored = replace(_plain(improvement), came_from=())
        change = partial(_save, improvement=stored, came_from=improvement.came_from)
        change(self._seen())
        self._waiting.append(change)

    async def improvement(self, id: str) -> Improvement | None:
        return self._seen().improvements.get(id)

    async def improvements(
        self, repository: str = "", states: frozenset[State] = frozenset()
    ) -> Sequence[Improvement]:
        found = [
            improvement
            for improvement in self._seen().improvements.values()
            if repository in ("", improvement.repository)
            and (not states or improvement.state in states)
        ]
        return sorted(found, key=lambda improvement: (improvement.created_at, improvement.id))

    async def touching(
        self,
        repository: str,
        *,
        pulls: Collection[int] = (),
        commits: Collection[str] = (),
        branches: Collection[str] = (),
    ) -> Sequence[Improvement]:
        return [
            one
            for one in await self.improvements(repository)
            if one.repository == repository
            and (
                {one.pull_request, one.revert_pull_request} & set(pulls)
                or {one.head_sha, one.merge_sha, one.revert_sha} & set(commits)
                or one.branch in branches
            )
        ]

    async def endings(self, limit: int) -> Sequence[Ending]:
        ended = [one for one in self._seen().improvements.values() if one.state in KEPT | NOT_KEPT]
        ended.sort(key=lambda one: (one.updated_at, one.id))
        return [
            Ending(case_of(one, one.evidence), one.state in KEPT)
            for one in ended[max(0, len(ended) - max(0, limit)) :]
        ]

    async def due(self, now: datetime) -> Sequence[str]:
        waiting = [
            (improvement.look_again_at, improvement.id)
            for improvement in self._seen().improvements.values()
            if improvement.look_again_at is not None and improvement.look_again_at <= now
        ]
        return [id for _, id in sorted(waiting)]

    async def record(self, event: LearningEvent) -> None:
        event_row(event)
        self._waiting.append(partial(_append_event, event=_plain(event)))

    async def events(self, subject: str = "", limit: int = 1000) -> Sequence[LearningEvent]:
        found = [event for event in self._seen().events if subject in ("", event.subject)]
        ordered = sorted(found, key=lambda event: event.at)
        return ordered[max(0, len(ordered) - max(0, limit)) :]

    async def rename(self, before: str, after: str) -> None:
        self._waiting.append(partial(_rename, before=before, after=after))

    async def happened(
        self, repository: str, kinds: Collection[str], since: datetime
    ) -> Sequence[LearningEvent]:
        seen = self._seen()
        subjects = {about_repository(repository)} | {
            one.id for one in seen.improvements.values() if one.repository == repository
        }
        found = [
            event
            for event in seen.events
            if event.at >= since and event.event_type in kinds and event.subject in subjects
        ]
        return sorted(found, key=lambda event: event.at)

    async def add_feedback(self, feedback: Feedback) -> None:
        feedback_row(feedback)
        self._waiting.append(partial(_append_feedback, feedback=_plain(feedback)))

    async def feedback(self, user_id: str = "", task_type: str = "") -> Sequence[Feedback]:
        found = [
            feedback
            for feedback in self._seen().feedback
            if user_id in ("", feedback.user_id) and task_type in ("", feedback.task_type)
        ]
        return sorted(found, key=lambda feedback: feedback.at)

    async def add_windows(self, repository: str, windows: Sequence[Window]) -> None:
        for window in windows:
            window_row(repository, window)
        for span in SPANS:
            whole = {_key(repository, one): _plain(one) for one in gathered(windows, span)}
            self._waiting.append(partial(_put_windows, windows=whole))

    async def windows(
        self,
        repository: str,
        since: datetime,
        until: datetime,
        span: timedelta = WINDOW,
        kind: MetricType | None = None,
    ) -> Sequence[Window]:
        found = sorted(self._seen().windows.items(), key=lambda item: item[0])
        return [
            window
            for key, window in found
            if key[-1] == repository and window.span == span and since <= window.start < until
            if kind in (None, window.metric_type)
        ]

    async def ingest(self, file: IngestedFile) -> bool:
        check_key("file", file.repository, file.digest)
        for result in file.results:
            plain_json(result_row(file, result) | {"at": None})
        for profile in file.profiles:
            plain_json(profile_row(file, profile) | {"at": None})
        key = (file.repository, file.digest)
        if key in self._seen().files:
            return False
        kept = replace(
            _plain(file),
            results=tuple(_plain(_dated(one, file)) for one in file.results),
            profiles=tuple(_plain(_dated(one, file)) for one in file.profiles),
        )
        self._waiting.append(partial(_put_file, key=key, file=kept))
        return True

    async def benchmarks(
        self, repository: str, name: str = "", limit: int = 1000
    ) -> Sequence[BenchmarkResult]:
        found = [
            result
            for file in self._seen().files.values()
            if file.repository == repository
            for result in file.results
            if name in ("", result.name)
        ]
        ordered = sorted(found, key=_moment)
        return ordered[max(0, len(ordered) - max(0, limit)) :]

    async def profiles(self, repository: str, limit: int = 100) -> Sequence[Profile]:
        files = self._seen().files.values()
        found = [one for file in files if file.repository == repository for one in file.profiles]
        ordered = sorted(found, key=_moment)
        return ordered[max(0, len(ordered) - max(0, limit)) :]

    async def keep_code(self, repository: str, code: Mapping[str, Code]) -> None:
        def keep(records: Records) -> None:
            records.code |= {(repository, endpoint): dict(one) for endpoint, one in code.items()}

        for endpoint in code:
            check_key("memo", repository, endpoint)
        self._waiting.append(keep)

    async def endpoint_code(self, repository: str) -> Mapping[str, Code]:
        known = self._seen().code.items()
        return {endpoint: code for (name, endpoint), code in known if name == repository}

    async def forget(self, owner: str) -> None:
        def remove(records: Records) -> None:
            records.learned.forget(owner)
            records.feedback = [one for one in records.feedback if one.user_id != owner]

        self._waiting.append(remove)

    def _learned(self) -> Sums:
        return self._seen().learned

    def _change(self, change: Callable[[Sums], None]) -> None:
        self._waiting.append(lambda records: change(records.learned))

    async def commit(self) -> None:
        fresh = self._seen()
        self._waiting.clear()
        for part in fields(Records):
            setattr(self._committed, part.name, getattr(fresh, part.name))

    def _seen(self) -> Records:
        """What is committed by now, with this unit's own changes."""
        seen = self._committed.copy()
        for change in self._waiting:
            change(seen)
        return seen


def _save(
    records: Records, improvement: Improvement, came_from: tuple[tuple[State, datetime], ...]
) -> None:
    stored = records.improvements.get(improvement.id)
    if stored is not None:
        replaceable = ((improvement.state, improvement.updated_at), *came_from)
        if (stored.state, stored.updated_at) not in replaceable:
            message = f"improvement {improvement.id} has been moved meanwhile: read it again"
            raise StaleError(message)
    records.improvements[improvement.id] = improvement


def _rename(records: Records, before: str, after: str) -> None:
    for id, one in records.improvements.items():
        if one.repository == before:
            records.improvements[id] = replace(one, repository=after)


def _append_event(records: Records, event: LearningEvent) -> None:
    records.events.append(event)


def _append_feedback(records: Records, feedback: Feedback) -> None:
    records.feedback.append(feedback)


def _put_windows(records: Records, windows: Mapping[WindowKey, Window]) -> None:
    for key, window in windows.items():
        known = records.windows.get(key)
        records.windows[key] = window if known is None else joined([known, window])


def _put_file(records: Records, key: tuple[str, str], file: IngestedFile) -> None:
    records.files.setdefault(key, file)


Dated = TypeVar("Dated", BenchmarkResult, Profile)


def _dated(value: Dated, file: IngestedFile) -> Dated:
    return replace(value, at=value.at or file.received_at)


def _moment(value: BenchmarkResult | Profile) -> datetime:
    assert value.at is not None
    return value.at


def _key(repository: str, window: Window) -> WindowKey:
    names = (window.metric_name, window.endpoint, window.metric_type.value, window.unit)
    return (window.span, window.start.astimezone(UTC), *names, repository)


def _plain(value: Value) -> Value:
    """The value as a database gives it back: moments in UTC, mappings made of plain JSON."""
    changes: dict[str, Any] = {}
    for part in fields(value):
        given = getattr(value, part.name)
        if isinstance(given, datetime):
            if given.tzinfo is None:
                message = f"{given} has no time zone"
                raise ValueError(message)
            changes[part.name] = given.astimezone(UTC)
        elif isinstance(given, Mapping):
            changes[part.name] = plain_json(given)
    return replace(value, **changes)
