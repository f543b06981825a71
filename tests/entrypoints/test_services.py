"""What the commands of the service say when they cannot work, and what was delivered."""

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.entrypoints.cli import app
from bot.ports import UserError
from tests.adapters.engine.inside import ask as select
from tests.adapters.engine.inside import deliver

run = CliRunner()


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "a secret")
    loggers = [logging.getLogger(name) for name in ("", "dbos")]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for one, handlers, level, propagate in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def refused(*command: str) -> UserError:
    error = run.invoke(app, command).exception
    assert isinstance(error, UserError), error
    return error


def test_a_worker_without_an_app_says_what_to_set() -> None:
    error = refused("worker")
    assert str(error) == "the GitHub App is not configured"
    assert "GITHUB_PRIVATE_KEY" in error.remedy
    assert "`ironclaw setup`" in error.remedy


def test_all_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WEBHOOK_SECRET")
    error = refused("serve")
    assert "GITHUB_WEBHOOK_SECRET is not set" in str(error)
    assert "the GitHub App is not configured" in str(error)
    assert "openssl rand -hex 32" in error.remedy
    assert "`ironclaw setup`" in error.remedy


@pytest.mark.parametrize(("length", "warned"), [(15, True), (16, False)])
def test_a_short_secret_is_warned_of_and_never_shown(
    length: int, *, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_WEBHOOK_SECRET", "IRONCLAW_INTAKE_TOKEN"):
        monkeypatch.setenv(name, "q" * length)
    refused_port = socket.socket()
    with refused_port:
        refused_port.bind(("127.0.0.1", 0))
        refused_port.listen()
        monkeypatch.setenv("PORT", str(refused_port.getsockname()[1]))
        done = run.invoke(app, ["web"])
    assert isinstance(done.exception, UserError)
    said = done.output
    assert ("GITHUB_WEBHOOK_SECRET is so short" in said) is warned
    assert ("IRONCLAW_INTAKE_TOKEN is so short" in said) is warned
    assert "qqq" not in said


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_private_key_that_is_none_is_refused_at_the_start(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.pem"
    file.write_text("hush, I am no key")
    monkeypatch.setenv("GITHUB_CLIENT_ID", "Iv1.x")
    monkeypatch.setenv("GITHUB_PRIVATE_KEY_FILE", str(file))
    monkeypatch.setenv("PORT", "0")
    error = refused(command)
    assert str(error) == "the App's private key cannot be read"
    assert "GITHUB_PRIVATE_KEY_FILE" in error.remedy
    assert "hush" not in f"{error}{error.remedy}"


@pytest.mark.parametrize("command", ["serve", "web", "worker", "deliveries list"])
def test_a_database_that_is_down_is_named_without_its_password(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        monkeypatch.setenv("DATABASE_URL", f"postgresql://bot:hush@127.0.0.1:{port}/ironclaw")
        error = refused(*command.split())
    assert "the database cannot be reached" in str(error)
    assert "DATABASE_URL" in error.remedy
    assert "hush" not in f"{error}{error.remedy}"


def test_a_port_that_is_taken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        error = refused("web")
    assert str(error) == f"cannot listen at 127.0.0.1:{port}: Address already in use"
    assert error.remedy == "End what listens there, or set PORT or HOST."


class TestDeliveries:
    @pytest.fixture(autouse=True)
    def kept(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        deliver(
            database_url,
            ("d-1", "push", b'{"ref": "refs/heads/main"}'),
            ("d-2", "ping", b"\xff\x1b[2J"),
        )
        select(
            database_url,
            "UPDATE delivery SET state = 'parked', attempts = 5, why = 'no\nJSON' WHERE id = 'd-2'",
        )

    def test_all_are_listed_newest_first(self) -> None:
        listed = json.loads(run.invoke(app, ["deliveries", "list", "--json"]).stdout)
        assert [one["id"] for one in listed] == ["d-2", "d-1"]
        text = run.invoke(app, ["deliveries", "list"]).stdout.splitlines()
        said = [line.split("  ")[1:] for line in text]
        assert said == [["d-2", "ping", "parked", "no JSON"], ["d-1", "push", "received"]]

    def test_only_the_parked_are_listed_with_their_reason(self) -> None:
        command = ["deliveries", "list", "--state", "parked"]
        (only,) = json.loads(run.invoke(app, [*command, "--json"]).stdout)
        assert (only["id"], only["state"], only["attempts"]) == ("d-2", "parked", 5)
        assert only["why"] == "no\nJSON"
        assert len(run.invoke(app, command).stdout.splitlines()) == 1

    def test_a_state_that_does_not_exist_is_wrong_usage(self) -> None:
        assert run.invoke(app, ["deliveries", "list", "--state", "lost"]).exit_code == 2

    def test_one_is_shown_with_its_body(self) -> None:
        shown = json.loads(run.invoke(app, ["deliveries", "show", "d-1", "--json"]).stdout)
        assert shown["body"] == '{"ref": "refs/heads/main"}'
        assert shown["routed_at"] is None
        assert '{"ref": "refs/heads/main"}' in run.invoke(app, ["deliveries", "show", "d-1"]).stdout

    def test_a_body_cannot_steer_the_terminal(self) -> None:
        found = run.invoke(app, ["deliveries", "show", "d-2"])
        assert found.exit_code == 0
        assert "\x1b" not in found.stdout

    def test_a_parked_one_is_asked_for_again(self, database_url: str) -> None:
        done = run.invoke(app, ["deliveries", "retry", "d-2"])
        assert done.stdout == "d-2 waits for a worker\n"
        assert select(
            database_url, "SELECT state, attempts, why FROM delivery WHERE id = 'd-2'"
        ) == [("received", 0, "")]

    @pytest.mark.parametrize("command", ["show", "retry"])
    def test_one_that_nobody_knows_is_said_so(self, command: str) -> None:
        error = refused("deliveries", command, "d-3")
        assert str(error) == "there is no delivery d-3"
        assert "ironclaw deliveries list" in error.remedy
