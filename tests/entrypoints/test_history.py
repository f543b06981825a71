"""`ironclaw history` and `ironclaw explain`: the story as the database knows it."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.adapters.database import make_engine, store_factory, upgrade
from bot.domain.events import LearningEvent
from bot.domain.improvement import Improvement, State
from bot.entrypoints.cli import app
from bot.ports import UserError
from bot.settings import read_settings
from tests.adapters.database.values import improvement, later

run = CliRunner()


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/ironclaw.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path))
    upgrade(url, backup_dir=tmp_path)

    async def fill() -> None:
        engine = make_engine(url)
        async with store_factory(engine)() as store:
            for id in ("abc1", "abc2", "xyz"):
                await store.save(improvement(id, state=State.OPEN, reason="checks are [red]"))
            event = LearningEvent(
                "improvement_open", "abc1", later(5), {"state": "proposed"}, {}, 0.1, "it is open"
            )
            await store.record(event)
            await store.commit()
        await engine.dispose()

    asyncio.run(fill())


def save(*given: Improvement) -> None:
    async def write() -> None:
        engine = make_engine(read_settings().database_url.get_secret_value())
        async with store_factory(engine)() as store:
            for one in given:
                await store.save(one)
            await store.commit()
        await engine.dispose()

    asyncio.run(write())


def ask(*arguments: str) -> str:
    answer = run.invoke(app, arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_the_story_of_one_goes_from_what_was_seen_to_where_it_stands() -> None:
    found = json.loads(ask("explain", "abc1", "--json"))
    assert (found["id"], found["state"]) == ("abc1", "open")
    assert [one["what"].split(":")[0] for one in found["story"]] == [
        "seen",
        "improvement open (was proposed), impact 0.10",
        "now open",
    ]
    assert json.loads(ask("explain", "xy", "--json"))["id"] == "xyz"
    # What a repository says is text, and no markup.
    assert "[red]" in ask("explain", "abc1")


@pytest.mark.parametrize(
    ("id", "problem", "remedy"),
    [
        ("abc", "2 improvements begin", "abc1, abc2"),
        ("abd1", "no improvement abd1", "Did you mean abc1"),
        ("nothing", "no improvement nothing", "ironclaw history"),
    ],
)
def test_an_id_that_names_none_is_explained(id: str, problem: str, remedy: str) -> None:
    with pytest.raises(UserError, match=problem) as error:
        run.invoke(app, ["explain", id], catch_exceptions=False)
    assert remedy in error.value.remedy


def test_history_is_of_all_or_of_one() -> None:
    (one,) = json.loads(ask("history", "--json"))
    assert (one["event_type"], one["subject"], one["impact_score"]) == (
        "improvement_open",
        "abc1",
        0.1,
    )
    assert json.loads(ask("history", "--about", "xyz", "--json")) == []
    assert "Nothing has happened yet." in ask("history", "--about", "xyz")
    assert "it is open" in ask("history")


def test_experiments_stand_as_the_records_say() -> None:
    assert json.loads(ask("experiments", "--json")) == []
    assert "There are no experiments" in ask("experiments")
    record = {"name": "short", "first": "calls=1", "second": "calls=2", "pairs": 9}
    in_arms = [
        improvement(
            f"e{number}",
            state=State.KEPT,
            evidence={"model": {"experiment": record | {"arm": f"calls={1 + number % 2}"}}},
        )
        for number in range(5)
    ]
    save(*in_arms)
    (found,) = json.loads(ask("experiments", "--repository", "team/shop", "--json"))
    assert (found["experiment"], found["arms"]) == ("short", {"calls=1": 3, "calls=2": 2})
    assert (found["result"], found["better"]) == ("running", None)
    assert "short" in ask("experiments")
    assert json.loads(ask("experiments", "--repository", "other/one", "--json")) == []


def test_a_narrow_terminal_cuts_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    why = "name_one_in_`landing.required_checks`_of_the_policy"
    save(improvement("narrow", state=State.HELD, reason=why))
    told = "".join(line[-20:] for line in ask("explain", "narrow").splitlines())
    assert "…" not in told
    assert why in told.replace(" ", "")
