"""What only a real database can show: its own refusals, its locks, and what survives a kill."""

import asyncio
import logging
import signal
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.adapters.database import SqlStore, make_engine, store_factory
from bot.adapters.database.errors import ImpossibleRowError
from bot.adapters.database.models import Base, EventRow, ImprovementRow, WindowRow, table_of
from bot.domain.improvement import State
from bot.domain.patch import FileChange, Patch
from bot.ports import StaleError, Store, StoreFactory, UserError
from tests.adapters.database.values import event, improvement, later, rating, window


async def run(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(statement))


async def fill(stores: StoreFactory) -> None:
    patch = Patch((FileChange("app/views.py", "old\n", "new\n"),))
    async with stores() as store:
        await store.save(improvement(state=State.OPEN, patch=patch, head_sha="c" * 40))
        await store.record(event())
        await store.add_feedback(rating())
        await store.add_windows("team/shop", [window()])
        await store.commit()


class TestLog:
    """Every change of state is a line, once it is durable."""

    @pytest.fixture(autouse=True)
    def informed(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "ironclaw.improvements")

    async def test_each_change_of_state_and_no_other_is_a_line(
        self, sql_stores: StoreFactory, caplog: pytest.LogCaptureFixture
    ) -> None:
        found = improvement(state=State.PROPOSED)
        opened = found.move(State.OPEN, "it is faster", later(1), pull_request=7)
        waits = opened.stay("its checks run", later(2))
        merged = waits.move(State.MERGED, "its checks passed", later(3))
        for one in (found, opened, waits, merged):
            async with sql_stores() as store:
                await store.save(one)
                await store.commit()
        assert caplog.messages == [
            "team/shop i1 (slow-rule) nothing -> proposed: found",
            "team/shop i1 (slow-rule) proposed -> open, pull request #7: it is faster",
            "team/shop i1 (slow-rule) open -> merged, pull request #7: its checks passed",
        ]

    async def test_a_revert_that_is_opened_is_a_line(
        self, sql_stores: StoreFactory, caplog: pytest.LogCaptureFixture
    ) -> None:
        reverting = improvement(state=State.REVERTING, pull_request=7)
        for one in (reverting, reverting.stay("it waits", later(1), revert_pull_request=8)):
            async with sql_stores() as store:
                await store.save(one)
                await store.commit()
        assert caplog.messages[1:] == [
            "team/shop i1 (slow-rule) reverting -> reverting, pull request #7, revert #8: it waits"
        ]

    async def test_what_is_rolled_back_is_none(
        self, sql_stores: StoreFactory, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with sql_stores() as store:
            await store.save(improvement())
        assert caplog.messages == []


class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE learning_event SET reason = 'never happened'",
            "DELETE FROM learning_event",
            "DELETE FROM learning_event WHERE id = 1",
        ],
    )
    async def test_the_database_refuses_to_change_an_event(
        self, engine: AsyncEngine, sql_stores: StoreFactory, statement: str
    ) -> None:
        await fill(sql_stores)
        with pytest.raises(DBAPIError, match="append-only"):
            await run(engine, statement)
        async with sql_stores() as store:
            assert await store.events() == [event()]

    async def test_postgresql_refuses_to_truncate(self, postgresql_url: str) -> None:
        engine = make_engine(postgresql_url)
        with pytest.raises(DBAPIError, match="append-only"):
            await run(engine, "TRUNCATE learning_event")
        await engine.dispose()

    async def test_sqlite_refuses_to_replace(self, sqlite_url: str) -> None:
        engine = make_engine(sqlite_url)
        await fill(store_factory(engine))
        columns = "id, event_type, subject, reason, before_state, after_state, impact_score, at"
        with pytest.raises(DBAPIError, match="append-only"):
            await run(
                engine,
                f"INSERT OR REPLACE INTO learning_event ({columns}) "
                "VALUES (1, 'x', 'x', 'x', '{}', '{}', 0, '2026-01-01 00:00:00.000000')",
            )
        await engine.dispose()

    async def test_tables_made_from_the_models_refuse_too(self, empty_database_url: str) -> None:
        engine = make_engine(empty_database_url)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await fill(store_factory(engine))
        with pytest.raises(DBAPIError, match="append-only"):
            await run(engine, "DELETE FROM learning_event")
        await engine.dispose()


class TestForReaders:
    async def test_an_improvement_has_the_published_columns(
        self, engine: AsyncEngine, sql_stores: StoreFactory
    ) -> None:
        await fill(sql_stores)
        async with engine.connect() as connection:
            row = (await connection.execute(text("SELECT * FROM code_improvement"))).one()
        assert row.file_path == "app/views.py"
        assert row.improvement_type == "slow-rule"
        assert row.issue_description == "it is slow"
        assert (row.original_code, row.improved_code) == ("old\n", "new\n")
        assert row.diff.endswith("-old\n+new\n")
        assert row.test_status == "passed"
        assert (bool(row.applied), bool(row.rolled_back)) == (False, False)
        assert row.commit_hash == "c" * 40

    async def test_a_window_has_its_mean_and_its_end(
        self, engine: AsyncEngine, sql_stores: StoreFactory
    ) -> None:
        await fill(sql_stores)
        async with engine.connect() as connection:
            row = (await connection.execute(table_of(WindowRow).select())).one()
        assert row.value == 10.0
        assert row.window_end == later(5)

    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("code_improvement", "state = 'lost'"),
            ("code_improvement", "severity = 'dire'"),
            ("code_improvement", "test_status = 'maybe'"),
            ("code_improvement", "confidence = 1.5"),
            ("performance_metric", "metric_type = 'mood'"),
            ("performance_metric", "count = 0"),
            ("feedback", "feedback_type = 'rating_6'"),
        ],
    )
    async def test_the_database_refuses_unknown_words(
        self, engine: AsyncEngine, sql_stores: StoreFactory, table: str, change: str
    ) -> None:
        await fill(sql_stores)
        with pytest.raises(IntegrityError):
            await run(engine, f"UPDATE {table} SET {change}")

    @pytest.mark.parametrize("impact", [-0.1, 1.1])
    async def test_the_database_refuses_an_impact_that_is_no_share(
        self, engine: AsyncEngine, impact: float
    ) -> None:
        row: dict[str, Any] = {
            "event_type": "",
            "subject": "",
            "before_state": {},
            "after_state": {},
        }
        row |= {"impact_score": impact, "reason": "", "at": later(0)}
        async with engine.begin() as connection:
            with pytest.raises(IntegrityError):
                await connection.execute(table_of(EventRow).insert().values(row))


class TestImpossibleRows:
    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"applied": True}, "applied is True while the state is open"),
            ({"rolled_back": True}, "rolled_back"),
            ({"test_status": "failed"}, "test_status is 'failed'"),
            ({"original_code": None}, "lacks a text"),
            ({"further_changes": [["a.py"]]}, "patch"),
            ({"further_changes": 3}, "patch"),
            ({"further_changes": [["a.py", 1, 2]]}, "lacks a text"),
        ],
    )
    async def test_are_refused_by_name(
        self, engine: AsyncEngine, sql_stores: StoreFactory, changes: dict[str, Any], why: str
    ) -> None:
        await fill(sql_stores)
        async with engine.begin() as connection:
            await connection.execute(update(table_of(ImprovementRow)).values(changes))
        async with sql_stores() as store:
            with pytest.raises(ImpossibleRowError, match=why) as caught:
                await store.improvement("i1")
        assert "'i1'" in str(caught.value)
        assert "code_improvement" in str(caught.value)
        assert caught.value.remedy

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("code_improvement", "state"),
            ("code_improvement", "severity"),
            ("feedback", "feedback_type"),
            ("performance_metric", "metric_type"),
        ],
    )
    async def test_words_that_the_database_let_in_are_refused(
        self, sqlite_url: str, table: str, column: str
    ) -> None:
        engine = make_engine(sqlite_url)
        stores = store_factory(engine)
        await fill(stores)
        async with engine.begin() as connection:
            await connection.execute(text("PRAGMA ignore_check_constraints = ON"))
            await connection.execute(text(f"UPDATE {table} SET {column} = 'odd'"))
        async with stores() as store:
            with pytest.raises(ImpossibleRowError, match="'odd' is no"):
                await read_all(store)
        await engine.dispose()


async def read_all(store: Store) -> None:
    await store.improvements()
    await store.feedback()
    await store.windows("team/shop", later(0), later(60))


class TestTwoAtOnce:
    async def test_one_of_two_that_save_at_the_same_time_is_refused(
        self, sql_stores: StoreFactory
    ) -> None:
        await fill(sql_stores)
        async with sql_stores() as store:
            stored = await store.improvement("i1")
        assert stored is not None

        async def move(minutes: float) -> None:
            async with sql_stores() as store:
                await store.save(stored.move(State.MERGED, "merged", later(minutes)))
                await asyncio.sleep(0.05)
                await store.commit()

        results = await asyncio.gather(move(1), move(2), return_exceptions=True)
        assert sorted(map(type, results), key=str) == [type(None), StaleError]

    async def test_one_of_two_that_insert_at_the_same_time_is_refused(
        self, sql_stores: StoreFactory
    ) -> None:
        async def insert(minutes: float) -> None:
            async with sql_stores() as store:
                await store.save(improvement("new", updated_at=later(minutes)))
                await asyncio.sleep(0.05)
                await store.commit()

        results = await asyncio.gather(insert(1), insert(2), return_exceptions=True)
        assert sorted(map(type, results), key=str) == [type(None), StaleError]

    async def test_many_writers_wait_for_each_other(self, sql_stores: StoreFactory) -> None:
        async def write(number: int) -> None:
            async with sql_stores() as store:
                await store.improvements()
                await store.record(event(str(number)))
                await store.commit()

        await asyncio.gather(*(write(number) for number in range(20)))
        async with sql_stores() as store:
            assert len(await store.events()) == 20


class TestOnTheCallersSession:
    async def test_it_shares_the_callers_transaction(self, engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            await SqlStore(session).record(event())
            assert len(await SqlStore(session).events()) == 1
            await session.rollback()
            assert await SqlStore(session).events() == []

    async def test_commit_ends_it(self, engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            await SqlStore(session).record(event())
            await SqlStore(session).commit()
            await session.rollback()
            assert len(await SqlStore(session).events()) == 1

    async def test_a_savepoint_can_be_rolled_back(self, engine: AsyncEngine) -> None:
        async with AsyncSession(engine) as session:
            store = SqlStore(session)
            await store.record(event("kept"))
            nested = await session.begin_nested()
            await store.record(event("lost"))
            await nested.rollback()
            await store.commit()
            assert [found.subject for found in await store.events()] == ["kept"]


_WRITER = """
import asyncio, sys
from bot.adapters.database import make_engine, store_factory
from tests.adapters.database.values import event

async def main(url):
    stores = store_factory(make_engine(url))
    async with stores() as store:
        await store.record(event("committed"))
        await store.commit()
        await store.record(event("not committed"))
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main(sys.argv[1]))
"""


def write_and_be_killed(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, url], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        writer.send_signal(signal.SIGKILL)


async def test_a_kill_after_commit_loses_nothing_and_keeps_nothing_half(
    database_url: str, sql_stores: StoreFactory
) -> None:
    write_and_be_killed(database_url)
    async with sql_stores() as store:
        assert [found.subject for found in await store.events()] == ["committed"]
        await store.record(event("afterwards"))
        await store.commit()


async def test_sqlite_commits_outlive_a_power_cut(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    async with engine.connect() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 15_000,
    }


async def test_a_lock_held_elsewhere_is_told_to_the_user(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.database.engine._WAIT_SECONDS", 0.05)
    engine = make_engine(sqlite_url)
    stores = store_factory(engine)
    async with stores() as holder, stores() as other:
        await holder.record(event())
        with pytest.raises(UserError, match="locked by another process") as caught:
            await other.record(event())
    assert caught.value.remedy
    await engine.dispose()
