"""`ironclaw db backup`: a copy of a file in use, and a service that goes on from it."""

import asyncio
import shutil
import sqlite3
import stat
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.adapters.database import current, head
from bot.adapters.database.address import bare, parse_url
from bot.domain.jobs import LookAtRepository
from bot.entrypoints.cli import app
from bot.ports import UserError
from tests.adapters.engine.inside import Seen, ask, jobs, states, worker
from tests.entrypoints.web.serving import Server, delivery, environment, ironclaw, started
from tests.entrypoints.web.serving import ask as send

run = CliRunner()
ENOUGH = 20


def send_until_kept(server: Server, number: int) -> None:
    """As GitHub does: what is answered by 503 comes again."""
    status = 503
    while status == 503:
        status = send(server, delivery(f"octo/{number}".encode(), id=f"d-{number}")).status
    assert status == 202


@asynccontextmanager
async def sending(server: Server) -> AsyncIterator[list[str]]:
    """GitHub sends one delivery after another until the end; those that were accepted."""
    over, accepted = threading.Event(), list[str]()

    def go_on() -> None:
        while not over.is_set():
            number = len(accepted)
            send_until_kept(server, number)
            accepted.append(f"d-{number}")
            # No faster than the worker does them: it shall be at work when the copy is made.
            over.wait(0.02)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield accepted
    finally:
        over.set()
        # Not here: the worker on this loop may hold the lock that the last one waits for.
        await asyncio.to_thread(thread.join)


async def back_up(surroundings: dict[str, str], target: Path) -> None:
    """The command as an operator runs it, beside the service."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *ironclaw("db", "backup", str(target))),
        env=surroundings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert f"-> {target}, " in said.decode()


async def all_routed(url: str) -> None:
    """Wait until a worker has seen to everything."""
    left = {""}
    # It is the database that says so: nobody here could set an event.
    while left & {"", "received", "ENQUEUED", "PENDING", "DELAYED"}:
        await asyncio.sleep(0.05)
        left = {*states(url).values(), *jobs(url).values()}


async def many_more(accepted: list[str]) -> None:
    """Wait until so many more were accepted."""
    wanted = len(accepted) + ENOUGH
    left = wanted
    while left > 0:
        await asyncio.sleep(0.02)
        left = wanted - len(accepted)


def check_whole(copy: Path) -> None:
    """Nothing is damaged, and what belongs together was copied together."""
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(copy.parent.iterdir()) == [copy]
    with closing(sqlite3.connect(copy)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        routed = file.execute("SELECT id FROM delivery WHERE state = 'routed'").fetchall()
        known = file.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall()
        inputs = dict(file.execute("SELECT workflow_uuid, inputs FROM workflow_input"))
    assert known
    # A delivery is marked and its job made in one transaction, and a job has what it is about.
    assert {one for (one,) in routed} == {id.split(":")[1] for id, _ in known}
    assert all(inputs.get(id) for id, status in known if status != "SUCCESS")
    assert current(f"sqlite:///{copy}") == head()


async def test_a_copy_of_a_service_at_work_is_whole_and_can_be_gone_on_with(
    sqlite_url: str, tmp_path: Path
) -> None:
    surroundings = environment(sqlite_url, tmp_path / "data")
    copies = [tmp_path / f"backup-{number}" / "copy.db" for number in range(3)]
    before = Seen()
    with started(ironclaw("web"), surroundings, tmp_path / "web.log") as server:
        async with worker(sqlite_url, before.handle):
            async with sending(server) as accepted:
                for copy in copies:
                    copy.parent.mkdir()
                    await many_more(accepted)
                    await back_up(surroundings, copy)
            await all_routed(sqlite_url)
    for copy in copies:
        check_whole(copy)
    last = copies[-1]
    assert ENOUGH < len(states(f"sqlite:///{last}")) <= len(accepted)
    await go_on_with(last, accepted, tmp_path)


async def go_on_with(copy: Path, accepted: list[str], tmp_path: Path) -> None:
    """Restore it as the page says; GitHub sends everything again that it ever sent."""
    file = tmp_path / "ironclaw.db"
    aside = tmp_path / "broken"
    aside.mkdir()
    for one in tmp_path.glob("ironclaw.db*"):
        one.rename(aside / one.name)
    shutil.copy(copy, file)
    url = f"sqlite:///{file}"
    done = {id for id, status in jobs(url).items() if status == "SUCCESS"}
    surroundings, after = environment(url, tmp_path / "data"), Seen()
    with started(ironclaw("web"), surroundings, tmp_path / "web.log") as server:
        async with worker(url, after.handle):
            for _ in range(2):
                for number in range(len(accepted)):
                    await asyncio.to_thread(send_until_kept, server, number)
                await all_routed(url)
    finished = {id.split(":")[1] for id in done}
    assert finished
    handled = [job.repository for job in after.jobs if isinstance(job, LookAtRepository)]
    # What the copy knew to be done is not done again, and all else once.
    expected = {f"octo/{id.removeprefix('d-')}" for id in accepted if id not in finished}
    assert sorted(handled) == sorted(expected)
    assert set(states(url)) == set(accepted)
    assert set(jobs(url).values()) == {"SUCCESS"}
    assert ask(url, "SELECT count(*) FROM workflow_status") == [(len(accepted),)]


class TestRefusals:
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))

    def refused(self, target: Path) -> UserError:
        error = run.invoke(app, ["db", "backup", str(target)]).exception
        assert isinstance(error, UserError), error
        return error

    def test_nothing_is_overwritten(
        self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", sqlite_url)
        there = tmp_path / "there"
        there.write_text("mine")
        assert "is there already" in str(self.refused(there))
        assert there.read_text() == "mine"
        link = tmp_path / "link"
        link.symlink_to(tmp_path / "elsewhere")
        assert "is there already" in str(self.refused(link))
        assert not (tmp_path / "elsewhere").exists()
        assert {one.name for one in tmp_path.iterdir()} <= {"there", "link", "ironclaw.db"}

    def test_a_damaged_database_makes_no_copy(
        self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", sqlite_url)
        file = tmp_path / "ironclaw.db"
        data = bytearray(file.read_bytes())
        data[4096 : 4096 * 3] = b"x" * 4096 * 2
        file.write_bytes(data)
        assert "could not be copied" in str(self.refused(tmp_path / "copy.db"))
        assert not (tmp_path / "copy.db").exists()
        assert {one.name for one in tmp_path.iterdir()} == {"ironclaw.db"}

    def test_what_is_not_there_is_neither_copied_nor_made(self, tmp_path: Path) -> None:
        assert "is not there" in str(self.refused(tmp_path / "copy.db"))
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_not_there_is_told(
        self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", sqlite_url)
        assert "is there, can be written" in self.refused(tmp_path / "no" / "copy.db").remedy

    def test_of_postgresql_the_command_is_told_without_the_password(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://bot:hush@db:5433/ironclaw?sslmode=require")
        error = self.refused(tmp_path / "copy.dump")
        assert (
            f"pg_dump --format=custom --file={tmp_path / 'copy.dump'} "
            "'postgresql://bot@db:5433/ironclaw?sslmode=require'" in error.remedy
        )
        assert "hush" not in f"{error}{error.remedy}"


def test_an_address_for_others_holds_no_password() -> None:
    address = parse_url("postgresql://u:hush@/x?host=/run&password=hush&sslpassword=hush")
    assert bare(address) == "postgresql://u@/x?host=%2Frun"
