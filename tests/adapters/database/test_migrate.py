"""The migrations: up and down with data, in turn, backed up, and never into the unknown."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.adapters.database import current, head, make_engine, store_factory, upgrade
from bot.adapters.database.deliveries import Deliveries
from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.intake import DeliveryIntake
from bot.adapters.database.memos import SqlMemos
from bot.adapters.database.migrate import downgrade, folder
from bot.adapters.database.models import Base
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.deliveries import Delivery
from bot.domain.hosting import KnownRepository
from bot.domain.improvement import State
from bot.domain.metrics import Request
from bot.ports import UserError
from tests.adapters.database.values import (
    benchmark,
    event,
    improvement,
    ingested,
    later,
    profile,
    rating,
    window,
)
from tests.adapters.signals.keeping import keep

TABLES = {"alembic_version", *Base.metadata.tables}


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(folder()))
    found = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in found][::-1]


def ask(url: str, question: Any) -> Any:
    engine = make_blocking_engine(url)
    try:
        with engine.begin() as connection:
            return question(connection)
    finally:
        engine.dispose()


def tables(url: str) -> set[str]:
    return set(ask(url, lambda connection: inspect(connection).get_table_names()))


def execute(url: str, *statements: str) -> None:
    def run(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    ask(url, run)


def backups(place: Path) -> list[Path]:
    return sorted(place.glob("*.bak"))


async def populate(url: str) -> None:
    engine = make_engine(url)
    async with store_factory(engine)() as store:
        for state in State:
            await store.save(improvement(state, state=state))
        await store.record(event())
        await store.add_feedback(rating())
        await store.add_windows("team/shop", [window()])
        await store.ingest(ingested(results=(benchmark(),), profiles=(profile(),)))
        await store.commit()
    await SqlRepositories(engine).save(KnownRepository(7, "team/shop", 3, later(0)))
    await SqlMemos(engine).write("cursor", {"page": 2})
    requests = [Request(later(0), "GET /items", 12.5, failed=False)]
    await keep(engine, requests, "batch-1", now=later(0), repository="team/other")
    await engine.dispose()
    intake = DeliveryIntake(url)
    await asyncio.to_thread(intake.keep, Delivery("d-1", "push", b"{}", later(0)), 10)
    intake.close()


async def contents(url: str) -> list[Any]:
    engine = make_engine(url)
    async with store_factory(engine)() as store:
        found = [
            *await store.improvements(),
            *await store.events(),
            *await store.feedback(),
            *await store.windows("team/shop", later(0), later(60)),
        ]
    await engine.dispose()
    return found


async def received(url: str) -> list[Any]:
    engine = make_engine(url)
    found = list(await Deliveries(engine).latest())
    await engine.dispose()
    return found


class TestUpAndDown:
    def test_from_nothing_to_head(self, empty_database_url: str, tmp_path: Path) -> None:
        assert current(empty_database_url) is None
        upgrade(empty_database_url, backup_dir=tmp_path)
        assert current(empty_database_url) == head() == revisions()[-1]
        assert tables(empty_database_url) == TABLES

    def test_asking_makes_no_file(self, empty_sqlite_url: str, tmp_path: Path) -> None:
        assert current(empty_sqlite_url) is None
        assert list(tmp_path.iterdir()) == []

    def test_again_changes_nothing(self, database_url: str, tmp_path: Path) -> None:
        upgrade(database_url, backup_dir=tmp_path / "backups")
        assert current(database_url) == head()
        assert not (tmp_path / "backups").exists()

    @pytest.mark.parametrize("revision", revisions())
    async def test_each_goes_down_and_up_again_with_data(
        self, database_url: str, tmp_path: Path, revision: str
    ) -> None:
        await populate(database_url)
        before = await contents(database_url)
        await asyncio.to_thread(downgrade, database_url, revision)
        await asyncio.to_thread(downgrade, database_url, "-1")
        await asyncio.to_thread(upgrade, database_url, backup_dir=tmp_path)
        assert current(database_url) == head()
        assert await asyncio.to_thread(differences, database_url) == []
        assert await contents(database_url) == ([] if revision == revisions()[0] else before)
        await populate(database_url)
        assert len(await received(database_url)) == 1

    async def test_upgrading_keeps_every_record(self, database_url: str, tmp_path: Path) -> None:
        await populate(database_url)
        before = await contents(database_url)
        for revision in revisions()[:-1][::-1]:
            await asyncio.to_thread(downgrade, database_url, revision)
        await asyncio.to_thread(upgrade, database_url, backup_dir=tmp_path)
        assert await contents(database_url) == before

    async def test_an_earlier_version_finds_bodies_as_they_came(self, sqlite_url: str) -> None:
        body = b'{"login": "octocat"}' * 100
        intake = DeliveryIntake(sqlite_url)
        await asyncio.to_thread(intake.keep, Delivery("d-2", "push", body, later(0)), 10)
        intake.close()
        stored = "SELECT length(body) FROM delivery"
        assert ask(sqlite_url, lambda one: one.execute(text(stored)).scalar()) < len(body)
        await asyncio.to_thread(downgrade, sqlite_url, "0013")
        assert ask(sqlite_url, lambda one: one.execute(text(stored)).scalar()) == len(body)

    def test_down_to_nothing_leaves_nothing(self, database_url: str) -> None:
        downgrade(database_url, "base")
        assert tables(database_url) == {"alembic_version"}
        assert current(database_url) is None

    def test_a_failing_revision_changes_nothing(
        self, empty_database_url: str, tmp_path: Path
    ) -> None:
        execute(empty_database_url, "CREATE TABLE learning_event (id integer)")
        with pytest.raises(Exception, match="learning_event"):
            upgrade(empty_database_url, backup_dir=tmp_path)
        assert tables(empty_database_url) == {"learning_event"}

    def test_a_reference_to_nothing_stops_it(self, empty_sqlite_url: str, tmp_path: Path) -> None:
        with closing(sqlite3.connect(empty_sqlite_url.removeprefix("sqlite:///"))) as file:
            file.execute("CREATE TABLE whole (id integer PRIMARY KEY)")
            file.execute("CREATE TABLE piece (whole integer REFERENCES whole (id))")
            file.execute("INSERT INTO piece VALUES (7)")
            file.commit()
        with pytest.raises(UserError, match="refer to rows that are not there"):
            upgrade(empty_sqlite_url, backup_dir=tmp_path)
        assert current(empty_sqlite_url) is None


def differences(url: str) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    return list(ask(url, compare))


class TestTheModels:
    def test_are_what_the_migrations_make(self, database_url: str) -> None:
        assert differences(database_url) == []

    def test_have_the_same_checks_and_triggers(
        self, sqlite_url: str, postgresql_url: str, tmp_path: Path
    ) -> None:
        made = f"sqlite:///{tmp_path / 'made.db'}"
        ask(made, Base.metadata.create_all)
        assert constraints(made) == constraints(sqlite_url)
        assert triggers(made) == triggers(sqlite_url)
        expected = ask(postgresql_url, postgresql_rules)
        downgrade(postgresql_url, "base")
        ask(postgresql_url, Base.metadata.create_all)
        assert ask(postgresql_url, postgresql_rules) == expected

    def test_autogenerate_leaves_other_tables_alone(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        execute(database_url, "CREATE TABLE workflow_status (id integer)")
        monkeypatch.setenv("DATABASE_URL", database_url)
        root = folder().parent
        program = "from alembic.config import main; main(argv=['check'])"
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No new upgrade operations" in done.stdout


def constraints(url: str) -> dict[str, Any]:
    def read(connection: Connection) -> dict[str, Any]:
        inspector = inspect(connection)
        return {
            name: sorted(
                inspector.get_check_constraints(name), key=lambda check: str(check["name"])
            )
            for name in Base.metadata.tables
        }

    return dict(ask(url, read))


def triggers(url: str) -> list[str]:
    statement = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    found = ask(url, lambda connection: connection.scalars(statement).all())
    return [" ".join(sql.split()) for sql in found]


def postgresql_rules(connection: Connection) -> list[Any]:
    queries = (
        """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype = 'c' ORDER BY conname""",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        """SELECT proname, btrim(prosrc) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace ORDER BY proname""",
    )
    return [connection.execute(text(query)).all() for query in queries]


class TestBackups:
    async def test_are_made_before_a_file_with_data_changes(
        self, sqlite_url: str, tmp_path: Path
    ) -> None:
        downgrade(sqlite_url, "base")
        execute(sqlite_url, "CREATE TABLE notes (said text)", "INSERT INTO notes VALUES ('mine')")
        place = tmp_path / "backups"
        await asyncio.to_thread(upgrade, sqlite_url, backup_dir=place)
        (copy,) = backups(place)
        assert copy.name.startswith("ironclaw.db.")
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert list(place.iterdir()) == [copy]
        with closing(sqlite3.connect(copy)) as file:
            assert file.execute("SELECT said FROM notes").fetchall() == [("mine",)]
            names = file.execute("SELECT name FROM sqlite_master").fetchall()
        assert ("code_improvement",) not in names

    def test_an_empty_file_needs_none(self, empty_sqlite_url: str, tmp_path: Path) -> None:
        upgrade(empty_sqlite_url, backup_dir=tmp_path / "backups")
        assert not (tmp_path / "backups").exists()

    def test_the_last_five_are_kept(self, sqlite_url: str, tmp_path: Path) -> None:
        other = tmp_path / "other.db.20260101T000000.000000Z.bak"
        other.touch()
        seen = []
        for _ in range(7):
            downgrade(sqlite_url, "base")
            upgrade(sqlite_url, backup_dir=tmp_path)
            seen.append(max(tmp_path.glob("ironclaw.db.*.bak")))
        assert sorted(tmp_path.glob("ironclaw.db.*.bak")) == seen[-5:]
        assert other.exists()

    def test_without_one_nothing_is_changed(self, sqlite_url: str, tmp_path: Path) -> None:
        downgrade(sqlite_url, "base")
        (tmp_path / "backups").write_text("a file where the folder should be")
        with pytest.raises(UserError, match="could not be backed up") as caught:
            upgrade(sqlite_url, backup_dir=tmp_path / "backups")
        assert "Nothing was changed" in caught.value.remedy
        assert current(sqlite_url) is None


_UPGRADE = """
import sys
from pathlib import Path
from bot.adapters.database import upgrade
upgrade(sys.argv[1], backup_dir=Path(sys.argv[2]))
"""


def test_several_processes_at_once_take_turns(empty_database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", _UPGRADE, empty_database_url, str(tmp_path)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors
    assert current(empty_database_url) == head()
    assert tables(empty_database_url) == TABLES


def test_who_waits_too_long_is_told(
    empty_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.database.turn._WAIT_SECONDS", 0.1)
    hold = (
        "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX); "
        "print('held', flush=True); sys.stdin.read()"
    )
    lock = tmp_path / "ironclaw.db.migrating"
    command = [sys.executable, "-c", hold, str(lock)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="does not finish its migration"):
            upgrade(empty_sqlite_url, backup_dir=tmp_path)
        holder.communicate()


def test_a_newer_database_is_refused(database_url: str, tmp_path: Path) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UserError, match="revision 9999, which is newer") as caught:
        upgrade(database_url, backup_dir=tmp_path)
    assert "newer version" in caught.value.remedy
    assert current(database_url) == "9999"


def test_an_installed_package_brings_its_migrations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder().name == "migrations"
    (tmp_path / "_migrations").mkdir()
    monkeypatch.setattr("bot.adapters.database.migrate._PACKAGE", tmp_path)
    assert folder() == tmp_path / "_migrations"
