"""What a person is told when the database cannot be used: never a traceback, always a remedy."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from bot.adapters.database import current, make_engine, store_factory, upgrade
from bot.adapters.database.address import parse_url, shown
from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.errors import explain
from bot.ports import UserError
from tests.adapters.database.values import event


class TestAddress:
    @pytest.mark.parametrize(
        ("given", "understood"),
        [
            ("postgres://u:p@h/d", "postgresql+psycopg://u:***@h/d"),
            ("postgresql://h:5433/d", "postgresql+psycopg://h:5433/d"),
            ("postgresql+psycopg2://h/d", "postgresql+psycopg://h/d"),
            ("postgresql+asyncpg://h/d", "postgresql+psycopg://h/d"),
            ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
            ("sqlite:////var/a.db", "sqlite+aiosqlite:////var/a.db"),
            ("sqlite+pysqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ],
    )
    def test_known_ones_get_our_driver(self, given: str, understood: str) -> None:
        assert parse_url(given).render_as_string() == understood

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "nonsense",
            "mysql://root:hush@h/d",
            "sqlite://",
            "sqlite:///:memory:",
            "sqlite:///file:x?mode=memory&uri=true",
            "postgresql://u:hush@h:port/d",
        ],
    )
    def test_others_are_refused_without_their_password(self, given: str) -> None:
        with pytest.raises(UserError, match="DATABASE_URL") as caught:
            make_engine(given)
        assert "hush" not in str(caught.value)
        assert "postgresql://" in caught.value.remedy

    def test_they_are_shown_without_the_password(self) -> None:
        address = parse_url("postgresql://u:hush@h/d?sslpassword=hush")
        assert shown(address) == "postgresql+psycopg://u:***@h/d"
        assert shown(parse_url("sqlite:////var/a.db")) == "/var/a.db"


async def told(url: str) -> UserError:
    """What the store says, which has to be what the migrations say."""
    engine = make_engine(url)

    async def write() -> None:
        async with store_factory(engine)() as store:
            await store.record(event())
            await store.commit()

    with pytest.raises(UserError) as caught:
        await write()
    await engine.dispose()
    assert caught.value.remedy
    return caught.value


class TestSqlite:
    async def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/missing/a.db"
        assert "cannot be opened" in str(await told(url))
        with pytest.raises(UserError, match="cannot be opened"):
            upgrade(url, backup_dir=tmp_path)

    async def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "a.db").write_text("certainly no database" * 100)
        url = f"sqlite:///{tmp_path}/a.db"
        assert "damaged or is no SQLite database" in str(await told(url))
        with pytest.raises(UserError, match="damaged"):
            upgrade(url, backup_dir=tmp_path)
        with pytest.raises(UserError, match="damaged"):
            current(url)

    async def test_a_damaged_file(self, sqlite_url: str, tmp_path: Path) -> None:
        with (tmp_path / "ironclaw.db").open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 40_000)
        assert "damaged" in str(await told(sqlite_url))

    async def test_no_tables_yet(self, empty_sqlite_url: str) -> None:
        assert "lacks a table" in str(await told(empty_sqlite_url))

    async def test_a_read_only_file(self, sqlite_url: str) -> None:
        engine = make_engine(sqlite_url)
        async with engine.connect() as connection:
            await connection.execute(text("PRAGMA query_only = ON"))
            with pytest.raises(UserError, match="read-only"):
                await connection.execute(text("DELETE FROM feedback"))
        await engine.dispose()

    async def test_a_full_disk(self, sqlite_url: str) -> None:
        engine = make_engine(sqlite_url)
        async with engine.connect() as connection:
            pages = (await connection.execute(text("PRAGMA page_count"))).scalar()
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            statement = text(
                "INSERT INTO feedback (user_id, message_id, feedback_type, model_used, task_type, "
                "context, at) VALUES (:much, '', 'thumbs_up', '', '', '{}', '')"
            )
            with pytest.raises(UserError, match="disk of the database is full"):
                await connection.execute(statement, {"much": "x" * 1_000_000})
        await engine.dispose()

    def test_a_locked_file(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.adapters.database.engine._WAIT_SECONDS", 0.05)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            engine = make_blocking_engine(sqlite_url)
            with engine.connect() as connection, pytest.raises(UserError, match="stays locked"):
                connection.execute(text("DELETE FROM feedback"))
            engine.dispose()


class TestPostgresql:
    async def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        url = f"postgresql://nobody:hush@/none?host={tmp_path}"
        error = await told(url)
        assert "cannot be reached" in str(error)
        assert "hush" not in str(error)
        with pytest.raises(UserError, match="cannot be reached"):
            upgrade(url, backup_dir=tmp_path)

    async def test_a_port_where_nothing_listens(self) -> None:
        assert "cannot be reached" in str(await told("postgresql://u@127.0.0.1:1/d"))

    async def test_a_database_that_is_not_there(self, empty_postgresql_url: str) -> None:
        url = parse_url(empty_postgresql_url).set(database="nowhere")
        error = await told(url.render_as_string(hide_password=False))
        assert "no such database" in str(error)

    async def test_a_role_that_is_not_there(self, empty_postgresql_url: str) -> None:
        url = parse_url(empty_postgresql_url).set(username="stranger")
        error = await told(url.render_as_string(hide_password=False))
        assert "does not let this user in" in str(error)

    async def test_no_tables_yet(self, empty_postgresql_url: str) -> None:
        assert "lacks a table" in str(await told(empty_postgresql_url))

    async def test_a_read_only_database(self, postgresql_url: str) -> None:
        name = parse_url(postgresql_url).database
        engine = make_blocking_engine(postgresql_url)
        with engine.begin() as connection:
            connection.execute(
                text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            )
        engine.dispose()
        assert "read-only" in str(await told(postgresql_url))

    async def test_a_connection_that_is_cut(
        self, postgresql_url: str, postgresql: "psycopg.Connection[tuple[object, ...]]"
    ) -> None:
        engine = make_engine(postgresql_url)
        stores = store_factory(engine)
        async with stores() as store:
            await store.events()
            postgresql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [parse_url(postgresql_url).database],
            )
            with pytest.raises(UserError, match="cannot be reached"):
                await store.events()
        async with stores() as store:
            assert await store.events() == []
        await engine.dispose()


class TestExplain:
    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("08006", "cannot be reached"),
            ("57P01", "cannot be reached"),
            ("28P01", "does not let this user in"),
            ("3D000", "no such database"),
            ("42501", "may not do this"),
            ("25006", "read-only"),
            ("53100", "full"),
            ("53300", "no more connections"),
            ("55P03", "locked"),
        ],
    )
    def test_postgresql_by_its_code(self, state: str, words: str) -> None:
        error: Any = psycopg.OperationalError("first line\nsecond line")
        found = explain(with_state(error, state), "here")
        assert found is not None
        assert words in str(found)
        assert str(found).endswith("(here): first line")

    @pytest.mark.parametrize(
        ("message", "words"),
        [
            ('password authentication failed for user "u"', "does not let this user in"),
            ("fe_sendauth: no password supplied", "does not let this user in"),
            ('database "d" does not exist', "no such database"),
            ("sorry, too many clients already", "no more connections"),
            ("", "cannot be reached"),
        ],
    )
    def test_postgresql_by_its_words(self, message: str, words: str) -> None:
        assert words in str(explain(psycopg.OperationalError(message)))

    @pytest.mark.parametrize(
        "error",
        [ValueError("x"), psycopg.ProgrammingError("x"), sqlite3.OperationalError("x")],
    )
    def test_a_fault_of_ours_is_not_explained_away(self, error: Exception) -> None:
        assert explain(error) is None

    def test_a_code_that_nobody_can_mend_is_not(self) -> None:
        assert explain(with_state(psycopg.errors.SyntaxError("x"), "42601")) is None

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("SQLITE_IOERR_FSYNC", "answers with errors"),
            ("SQLITE_READONLY_DIRECTORY", "read-only"),
            ("SQLITE_CANTOPEN_ISDIR", "cannot be opened"),
            ("SQLITE_BUSY_SNAPSHOT", "locked"),
            ("SQLITE_CORRUPT_INDEX", "damaged"),
        ],
    )
    def test_sqlite_by_its_name(self, name: str, words: str) -> None:
        error: Any = SimpleNamespace(sqlite_errorname=name)
        assert words in str(explain(error))


def with_state(error: Any, state: str) -> Any:
    class Coded(type(error)):  # type: ignore[misc]
        sqlstate = state

    return Coded(*error.args)
