"""`ironclaw doctor` on real databases and the fake GitHub, well and in every kind of trouble."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner, Result

from bot.adapters.database.address import parse_url
from bot.domain.app_manifest import EVENTS, PERMISSIONS
from bot.domain.checkup import ok
from bot.entrypoints.cli import app
from bot.entrypoints.doctor.records import is_near
from bot.entrypoints.doctor.running import Check, run_all
from bot.settings import Settings
from tests.adapters.engine.inside import Seen, ask, deliver, worker
from tests.fakes.github import FakeGitHub

run = CliRunner()
MODEL_KEY = "of-the-model-a-canary"
SIGNS = "SELECT name, value, updated_at FROM memo WHERE name LIKE 'worker/%'"
SECRETS = ("GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET", "OPENAI_API_KEY")


class Lines(NamedTuple):
    """What was said, by the name of the check."""

    result: Result
    document: dict[str, Any]

    def of(self, name: str) -> list[str]:
        """Standing, what was seen and what to do, of each line of this name."""
        return [
            f"{one['standing']}: {one['seen']} | {one['remedy']}"
            for one in self.document["checks"]
            if one["name"] == name
        ]

    def only(self, name: str) -> str:
        (found,) = self.of(name)
        return found


def doctor(*options: str) -> Lines:
    done = run.invoke(app, ["doctor", "--json", *options])
    assert isinstance(done.exception, SystemExit | None), done.exception
    document = json.loads(done.stdout)
    errors = [one for one in document["checks"] if one["standing"] == "error"]
    assert done.exit_code == int(bool(errors))
    assert [one for one in errors if not one["remedy"]] == []
    for name in SECRETS:
        for line in os.environ.get(name, "").splitlines():
            assert len(line) < 8 or line not in done.stdout
    return Lines(done, document)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github", webhook_url="https://example.org/webhooks/github") as made:
        made.app.permissions = dict(PERMISSIONS)
        made.app.events = list(EVENTS)
        made.create_repository("octo/sample", {"a.py": "x = 1\n"})
        yield made


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in map(str.upper, Settings.model_fields):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def configured(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    monkeypatch.setenv("GITHUB_API_URL", fake.url)
    monkeypatch.setenv("GITHUB_CLIENT_ID", fake.client_id)
    monkeypatch.setenv("GITHUB_PRIVATE_KEY", fake.private_key)
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", fake.webhook_secret * 4)


async def signed(url: str) -> None:
    """Wait until the worker has said that it lives."""
    found: list[Any] = []
    while not found:
        await asyncio.sleep(0.05)
        found = ask(url, SIGNS)


@contextmanager
def server(status: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    """One that answers everything so; its address, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path} {self.headers.get('Authorization', '')}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{made.server_port}", asked
        finally:
            made.shutdown()
            thread.join()


@pytest.mark.usefixtures("configured")
class TestAService:
    async def test_that_is_well_has_no_error(
        self, database_url: str, fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("OPENAI_API_KEY", MODEL_KEY)
        monkeypatch.setenv("IRONCLAW_MODELS", "small=0/0")
        if "sqlite" in database_url:
            (tmp_path / "ironclaw.db").chmod(0o600)
        models = json.dumps({"data": [{"id": "small"}, {"id": "large"}]}).encode()
        ready = b'{"database": "ok", "worker": "ok"}'
        with server(200, models) as (model, asked), server(200, ready) as (web, _):
            monkeypatch.setenv("OPENAI_BASE_URL", f"{model}/v1")
            async with worker(database_url, Seen().handle) as running:
                await signed(database_url)
                found = await asyncio.to_thread(doctor, "--url", web)
        standings = {one["standing"] for one in found.document["checks"]}
        assert standings <= {"ok", "warning"}, found.result.stdout
        assert f"{running.executor[:12]} (process {os.getpid()} on" in found.only("worker")
        assert f"ok: {fake.url} takes the App ironclaw ({fake.app_id}) of octo" in found.only(
            "github"
        )
        assert found.only("github app").startswith("ok: ")
        assert found.only("clock").startswith("ok: ")
        assert found.only("model") == "ok: the server answers and has small | "
        assert found.only("web service").startswith("ok: ")
        assert found.document["settings"]["IRONCLAW_MODELS"] == "set"
        assert found.document["settings"]["PORT"] == "default"
        # One question, which costs nothing; of GitHub nothing was changed.
        assert asked == [f"GET /v1/models Bearer {MODEL_KEY}"]
        assert {one.method for one in fake.requests} == {"GET"}

    def test_without_a_worker_says_since_when_and_what_waits(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        deliver(database_url, ("d-1", "push", b"x"), ("d-2", "push", b"x"))
        at = "2026-03-02 09:00:00.000000" + ("+00" if "postgresql" in database_url else "")
        ask(database_url, f"UPDATE delivery SET received_at = '{at}' WHERE id = 'd-1'")
        ask(database_url, "UPDATE delivery SET state = 'parked' WHERE id = 'd-2'")
        found = doctor()
        assert found.only("worker").startswith("error: none works, and there is something to do")
        waits, parked = found.of("deliveries")
        assert waits.startswith("error: 1 wait (the oldest since 2026-03-02 09:00:00 UTC)")
        assert parked.startswith("warning: 1 are parked")
        assert "deliveries list --state parked" in parked

    def test_it_leaves_no_trace_in_the_database(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        found = doctor("--offline")
        assert found.only("database writes").startswith("ok: ")
        assert ask(database_url, "SELECT count(*) FROM memo") == [(0,)]

    async def test_a_worker_whose_lease_is_gone_is_not_taken_to_live(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        async with worker(database_url, Seen().handle):
            await signed(database_url)
            kept = ask(database_url, SIGNS)
        for row in kept:
            values = dict(zip(("name", "value", "at"), row, strict=True))
            values["value"] = json.dumps(row[1]) if isinstance(row[1], dict) else row[1]
            ask(database_url, "INSERT INTO memo VALUES (:name, :value, :at)", **values)
        found = doctor("--offline").only("worker")
        assert found.startswith("error: none works; "), found

    def test_a_version_behind_is_told_and_nothing_of_it_is_read(
        self, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", empty_database_url)
        ask(empty_database_url, "CREATE TABLE other (id integer)")
        found = doctor("--offline")
        assert "db upgrade" in found.only("database version")
        for name in ("database writes", "worker", "deliveries", "jobs"):
            assert found.only(name).startswith("not checked: ")

    def test_what_the_app_lacks_is_told_as_setup_tells_it(self, fake: FakeGitHub) -> None:
        del fake.app.permissions["issues"]
        fake.app.events.remove("push")
        found = "\n".join(doctor().of("github app"))
        assert "error: The App lacks the permissions issues: write." in found
        assert "error: The App is not told of the events push." in found

    def test_a_key_of_another_app_and_a_github_that_is_silent(
        self, fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_CLIENT_ID", "Iv1.nobody")
        assert "does not know the App Iv1.nobody" in doctor().only("github")
        monkeypatch.setenv("GITHUB_CLIENT_ID", fake.client_id)
        fake.faults.add("cut-before", "GET", times=9)
        assert "error: GitHub does not answer" in doctor().only("github")

    def test_a_key_that_is_none_is_told_and_not_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_PRIVATE_KEY", "hush, I am no key")
        found = doctor()
        assert "private key cannot be read" in found.only("github")
        assert "hush" not in found.result.stdout

    def test_offline_asks_nobody(self, fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", MODEL_KEY)
        monkeypatch.setenv("IRONCLAW_MODELS", "small=0/0")
        monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/ironclaw")
        found = doctor("--offline", "--url", "https://ironclaw.example.org")
        for name in ("github", "clock", "model", "web service", "database", "jobs"):
            assert found.only(name).startswith("not checked: "), name
        assert fake.requests == []

    def test_a_file_that_others_may_read_is_told(
        self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", sqlite_url)
        (tmp_path / "ironclaw.db").chmod(0o644)
        (tmp_path / ".env").write_text("IRONCLAW_MODLES=x\nPORT=9\n")
        (tmp_path / ".env").chmod(0o640)
        found = doctor("--offline")
        assert found.only("database file").startswith("warning: ")
        assert f"chmod 600 {tmp_path / '.env'}" in found.only("settings file")
        assert "warning: IRONCLAW_MODLES" in found.only("settings")
        assert found.document["settings"]["PORT"] == "set"

    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (401, b"{}", "error: "),
            (404, b"<html>", "warning: the server answers and lists no models"),
            (200, b'{"data": [{"id": "other"}, 7]}', "warning: the server does not list small"),
            (200, b'{"data": 7}', "warning: the server answers and lists no models"),
            (503, b"", "warning: "),
        ],
    )
    def test_a_model_server_in_trouble(
        self, status: int, body: bytes, said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", MODEL_KEY)
        monkeypatch.setenv("IRONCLAW_MODELS", "small=0/0")
        with server(status, body) as (address, _):
            monkeypatch.setenv("OPENAI_BASE_URL", address)
            assert doctor().only("model").startswith(said)

    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (503, b'{"database": "ok", "worker": "has lost its lease"}', "has lost its lease"),
            (200, b"<html>", "the proxy before it"),
            (302, b"{}", "the proxy before it"),
        ],
    )
    def test_a_web_service_in_trouble(self, status: int, body: bytes, said: str) -> None:
        with server(status, body) as (address, _):
            found = doctor("--url", address).only("web service")
        assert found.startswith("error: ")
        assert said in found


def test_settings_that_are_wrong_are_told_without_their_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "-1")
    monkeypatch.setenv("GITHUB_PRIVATE_KEY", "hush, I am a key")
    monkeypatch.setenv("GITHUB_PRIVATE_KEY_FILE", "/nowhere")
    found = doctor()
    assert "error: PORT=-1" in found.only("settings")
    assert found.only("database").startswith("not checked: ")
    assert found.only("git").startswith("ok: ")
    assert "hush" not in found.result.stdout


def test_a_machine_where_nothing_is_set_up_is_told_what_to_do() -> None:
    found = doctor("--offline")
    assert "ironclaw setup" in found.of("github settings")[0]
    assert "ironclaw db upgrade" in found.only("database")
    assert "openssl rand -hex 32" in found.only("webhook secret")
    assert "is not there yet" in found.of("data folder")[0]
    assert not Path("data").exists()


def test_a_database_that_is_down_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        monkeypatch.setenv("DATABASE_URL", f"postgresql://bot:hush-hush@127.0.0.1:{port}/ironclaw")
        found = doctor("--offline")
    assert "the database cannot be reached" in found.only("database")
    assert "hush" not in found.result.stdout


def test_people_get_one_line_for_each_check() -> None:
    found = doctor("--offline")
    said = run.invoke(app, ["doctor", "--offline"])
    *lines, last = said.stdout.splitlines()
    assert said.exit_code == 1
    assert len(lines) == len(found.document["checks"])
    assert any(line.startswith("error        webhook secret: ") for line in lines)
    assert last.startswith("Together: ok ")


def test_an_address_that_is_none_is_wrong_usage() -> None:
    assert run.invoke(app, ["doctor", "--url", "ironclaw.example.org"]).exit_code == 2


def test_what_hangs_or_breaks_is_told_and_holds_nobody_up() -> None:
    over = threading.Event()

    def breaks() -> list[Any]:
        message = "it is odd"
        raise ValueError(message)

    def hangs() -> list[Any]:
        over.wait()
        return []

    checks = [Check("a", hangs), Check("b", breaks), Check("c", lambda: [ok("c", "well")])]
    first, second, third = run_all(checks, 0.3)
    over.set()
    assert (first.name, first.seen) == ("a", "nothing was heard within 0.3 s")
    assert "ValueError: it is odd" in second.seen
    assert third == ok("c", "well")


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("sqlite:////var/x.db", True),
        ("postgresql:///ironclaw", True),
        ("postgresql:///ironclaw?host=/var/run/postgresql", True),
        ("postgresql://u:p@127.0.0.1/ironclaw", True),
        ("postgresql://u:p@[::1]/ironclaw", True),
        ("postgresql://localhost/ironclaw", True),
        ("postgresql://db/ironclaw", False),
        ("postgresql://10.0.0.7/ironclaw", False),
        ("postgresql:///ironclaw?host=db.example.org", False),
    ],
)
def test_what_lies_on_this_machine(address: str, near: bool) -> None:
    assert is_near(parse_url(address)) is near
