"""Which records the commands read: those that were written where they are run."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.adapters.database import make_engine, store_factory, upgrade
from bot.adapters.engine.lease import make_lease
from bot.entrypoints.cli import app
from bot.settings import Settings, read_settings
from tests.adapters.database.values import improvement
from tests.adapters.signals.formats import samples

run = CliRunner()
ID = "abc1"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("IRONCLAW_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(settings: Settings) -> None:
    """One improvement, as whoever works with these settings keeps it."""
    url = settings.database_url.get_secret_value()
    upgrade(url, backup_dir=settings.data_folder() / "backups")

    async def save() -> None:
        engine = make_engine(url)
        async with store_factory(engine)() as store:
            await store.save(improvement(ID))
            await store.commit()
        await engine.dispose()

    asyncio.run(save())


def serve() -> None:
    """What a worker leaves behind in the current folder."""
    settings = read_settings()
    write(settings)

    async def work() -> None:
        lease = make_lease(settings.database_url.get_secret_value(), "one", seconds=10)
        await lease.take()
        await lease.close()

    asyncio.run(work())


def explained() -> int:
    return run.invoke(app, ["explain", ID]).exit_code


def test_a_folder_that_is_no_repository_keeps_its_own_records(here: Path, tmp_path: Path) -> None:
    write(read_settings())
    assert explained() == 0
    assert (here / ".ironclaw" / "ironclaw.db").exists()
    assert not (tmp_path / "state").exists()


def test_in_a_checkout_they_are_those_of_improve(here: Path, tmp_path: Path) -> None:
    (here / ".git").mkdir()
    write(read_settings().moved_to(tmp_path / "state" / "ironclaw"))
    assert explained() == 0
    assert not (here / ".ironclaw").exists()


def test_in_a_checkout_where_a_service_works_they_are_the_services(
    here: Path, tmp_path: Path
) -> None:
    (here / ".git").mkdir()
    serve()
    assert explained() == 0
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("checkout", [False, True])
def test_what_is_ingested_the_report_knows(here: Path, checkout: bool) -> None:
    if checkout:
        (here / ".git").mkdir()
    (here / "a").write_bytes(samples.as_bytes(samples.hyperfine()))
    assert run.invoke(app, ["ingest", "a", "--repository", "team/shop"]).exit_code == 0
    found = run.invoke(app, ["report", "--repository", "team/shop"], catch_exceptions=False)
    assert found.exit_code == 0
    assert "team/shop" in found.stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("report", "Nothing was measured"),
        ("deliveries list", "Nothing was delivered yet."),
        ("deliveries list --state parked", "There is none in that state."),
        ("token list", "There is none yet"),
        ("history", "Nothing has happened yet."),
        ("experiments", "There are no experiments"),
    ],
)
def test_the_first_command_in_a_new_folder_finds_nothing_and_no_fault(
    here: Path, command: str, said: str
) -> None:
    answer = run.invoke(app, command.split(), catch_exceptions=False)
    assert answer.exit_code == 0
    assert said in answer.stdout
    assert (here / ".ironclaw" / ".gitignore").exists()
