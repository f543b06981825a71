"""`ironclaw token`: what it prints, and what the database then knows."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.adapters.database import make_engine, upgrade
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.hosting import KnownRepository
from bot.entrypoints.cli import app
from bot.ports import UserError

run = CliRunner()


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/ironclaw.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path))
    upgrade(url, backup_dir=tmp_path)

    async def let_in() -> None:
        engine = make_engine(url)
        await SqlRepositories(engine).save(KnownRepository(5, "team/shop", 1, datetime.now(UTC)))
        await engine.dispose()

    asyncio.run(let_in())


def ask(*arguments: str) -> str:
    answer = run.invoke(app, ["token", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ask("list", "--json"))
    return found


def test_it_is_made_listed_and_revoked() -> None:
    assert "none yet" in ask("list")
    text = ask("create", "--repository", "team/shop", "--name", "exporter").splitlines()[0]
    (one,) = listed()
    assert text.startswith(f"ironclaw_{one['id']}_")
    assert (one["name"], one["repositories"], one["scopes"]) == (
        "exporter",
        ["team/shop"],
        ["report"],
    )
    assert text not in ask("list")
    assert "until" in ask("list")
    ask("revoke", one["id"])
    assert "revoked" in ask("list")
    assert listed()[0]["revoked_at"]


def test_it_is_made_for_a_repository_in_whichever_letters() -> None:
    ask("create", "--repository", "Team/SHOP", "--name", "exporter")
    assert listed()[0]["repositories"] == ["team/shop"]


def test_it_may_be_good_for_ever_and_for_more_than_one_thing() -> None:
    arguments = ["create", "--repository", "team/shop", "--scope", "read", "--scope", "report"]
    made = json.loads(ask(*arguments, "--expires", "never", "--json"))
    assert made["expires_at"] is None
    assert made["scopes"] == ["read", "report"]
    assert made["token"].startswith("ironclaw_")
    assert "for ever" in ask("list")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["create", "--repository", "team/none"], "team/none is no repository"),
        (["revoke", "abc"], "there is no token abc"),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], why: str) -> None:
    with pytest.raises(UserError, match=why):
        ask(*arguments)


@pytest.mark.parametrize("span", ["soon", "0d", "3"])
def test_a_span_that_is_none_is_wrong_usage(span: str) -> None:
    command = ["token", "create", "--repository", "team/shop", "--expires", span]
    answer = run.invoke(app, command)
    assert answer.exit_code == 2
    assert "12h" in answer.stderr
