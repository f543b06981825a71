"""Mode `report` with a server: a job that proves who it is, and a real server on a socket."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from bot.adapters.report_server import MOST_SENT, PATH
from bot.domain.api_tokens import Scope
from bot.domain.hosting import KnownRepository, Standing
from bot.entrypoints.web import files
from bot.entrypoints.web.application import Application, Parts
from bot.entrypoints.web.pages import MOST_BYTES
from tests.entrypoints.action.machine import pull_request, report_of, run_action
from tests.entrypoints.action.test_gate import hyperfine
from tests.entrypoints.web.api_calls import token
from tests.entrypoints.web.test_35_workflows import save
from tests.entrypoints.web.test_files import kept
from tests.entrypoints.web.test_metrics import Quiet
from tests.fakes.issuer import REQUEST_TOKEN, FakeIssuer
from tests.fakes.runner import Done

NAME = "octo/shop"
MAY = {"permissions": {"contents": "read", "id-token": "write"}}
COMMIT = "a" * 40


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with FakeIssuer() as made:
        yield made


@contextmanager
def serving(url: str, issuer: FakeIssuer) -> Iterator[str]:
    """A server of ours that knows the repository of the job; its address is its audience."""
    save(url, KnownRepository(1, NAME, 7, datetime.now(UTC), state=Standing.ACTIVE))
    server = make_server("127.0.0.1", 0, Quiet, threaded=True, request_handler=Quiet)  # type: ignore[arg-type] # the application comes below, when the address is known
    address = f"http://127.0.0.1:{server.server_port}"
    parts = Parts(url, lambda _, __: False, issuer=issuer.issuer, audience=address)
    server.app = application = Application(parts)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        application.close()


@pytest.fixture
def address(database_url: str, issuer: FakeIssuer) -> Iterator[str]:
    with serving(database_url, issuer) as found:
        yield found


@pytest.fixture
def quick(sqlite_url: str, issuer: FakeIssuer) -> Iterator[str]:
    """The same where the kind of database shows nothing more."""
    with serving(sqlite_url, issuer) as found:
        yield found


def report(
    tmp_path: Path,
    server: str,
    issuer: FakeIssuer | None = None,
    job: Mapping[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
    **more: Any,
) -> Done:
    identity = (issuer.request_url, REQUEST_TOKEN) if issuer else None
    given = {"mode": "report", "files": "*.json", "server": server, **(inputs or {})}
    wanted = MAY if job is None else job
    done = run_action(tmp_path, given, packages=True, job=wanted, identity=identity, **more)
    assert "Traceback" not in done.log.text
    return done


def became(done: Done) -> list[str]:
    return [one["became"] for one in report_of(done)["details"]["sent"]]


def shown(done: Done) -> list[tuple[str, str]]:
    return [(one.level, one.properties["title"]) for one in done.log.annotations]


def test_a_job_sends_every_file_once_with_tokens_that_nobody_sees(
    tmp_path: Path, address: str, database_url: str, issuer: FakeIssuer
) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    hyperfine(tmp_path, "two.json", 0.2)
    # A slash at the end is no other server.
    done = report(tmp_path, f"{address}/", issuer)
    outputs = done.outputs("ironclaw")
    assert (done.conclusion, outputs["verdict"]) == ("success", "pass"), done.log.text
    assert outputs["headline"] == "2 files read, 0 refused, 2 at the server"
    assert became(done) == ["kept", "kept"]
    found = kept(database_url, NAME)
    assert len([one for one in found if one.unit == "s"]) == 2
    assert {one.commit for one in found} == {COMMIT}
    assert len(set(issuer.issued)) == 2
    assert set(issuer.issued) <= set(done.log.masks)
    assert not any(one in done.log.text for one in (*issuer.issued, REQUEST_TOKEN))
    assert became(report(tmp_path, address, issuer)) == ["known", "known"]
    assert len(kept(database_url, NAME)) == len(found)


def test_a_token_of_the_server_serves_as_well(
    tmp_path: Path, quick: str, sqlite_url: str, issuer: FakeIssuer
) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    ours = token(sqlite_url, Scope.REPORT, repository=1)
    done = report(tmp_path, quick, issuer, {**MAY, "env": {"IRONCLAW_TOKEN": ours}})
    assert became(done) == ["kept"], done.log.text
    assert not issuer.issued
    assert ours in done.log.masks
    assert ours not in done.log.text
    done = report(tmp_path, quick, None, {"env": {"IRONCLAW_TOKEN": "wrong"}})
    assert (done.conclusion, became(done)) == ("success", ["refused"])
    assert "Authorization" in done.log.annotations[0].text
    done = report(tmp_path, quick, None, {"env": {"IRONCLAW_TOKEN": "a b"}})
    assert done.conclusion == "failure"
    assert "IRONCLAW_TOKEN" in done.log.annotations[0].text


def test_a_missing_permission_is_named(tmp_path: Path, quick: str, issuer: FakeIssuer) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    job = {"permissions": {"contents": "read"}}
    done = report(tmp_path, quick, issuer, job)
    assert (done.conclusion, became(done)) == ("success", ["not sent"]), done.log.text
    assert shown(done) == [("error", "not sent")]
    assert "permissions: id-token: write" in done.log.annotations[0].text
    assert done.outputs("ironclaw")["verdict"] == "inconclusive"
    strict = {"fail-on": "inconclusive"}
    assert report(tmp_path, quick, issuer, job, strict).conclusion == "failure"


@pytest.mark.parametrize(("fork", "word"), [(True, "fork"), (False, "pull request measures")])
def test_of_a_pull_request_the_server_gets_nothing(
    tmp_path: Path, quick: str, sqlite_url: str, issuer: FakeIssuer, *, fork: bool, word: str
) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    payload = pull_request(fork=fork)
    done = report(tmp_path, quick, issuer, event="pull_request", payload=payload)
    outputs = done.outputs("ironclaw")
    assert (done.conclusion, outputs["verdict"]) == ("success", "pass"), done.log.text
    assert word in done.summary
    assert word in done.log.text
    assert became(done) == ["not sent"]
    assert not issuer.issued
    assert not kept(sqlite_url, NAME)


def test_what_the_server_refuses_is_told_and_the_others_are_sent(
    tmp_path: Path, quick: str, issuer: FakeIssuer
) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    big = " " * 2048 + json.dumps({"results": []})
    (tmp_path / "odd.json").write_text(big[:2050], encoding="utf-8")
    issuer.said = {"repository_id": "2"}
    done = report(tmp_path, quick, issuer)
    assert (done.conclusion, became(done)) == ("success", ["refused"]), done.log.text
    assert shown(done) == [("error", "not read: odd.json"), ("error", "not sent: one.json")]
    assert "not let into" in done.log.annotations[1].text
    issuer.said = {}
    assert became(report(tmp_path, quick, issuer)) == ["kept"]


def test_a_server_that_is_away_is_a_warning_and_the_report_stays(
    tmp_path: Path, issuer: FakeIssuer
) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    hyperfine(tmp_path, "two.json", 0.1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{closed.getsockname()[1]}"
        done = report(tmp_path, away, issuer)
    assert (done.conclusion, became(done)) == ("success", ["no answer", "not sent"])
    assert shown(done) == [("warning", "not sent: one.json")]
    assert report_of(done)["details"]["files"][0]["kind"] == "hyperfine"
    issuer.away = True
    done = report(tmp_path, away, issuer)
    assert "GitHub gives no token: it answered 503" in done.log.annotations[0].text


@dataclass
class Odd:
    """A server that answers everything alike, and remembers who came."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)


@contextmanager
def odd_server(odd: Odd) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            odd.tokens.append(self.headers["Authorization"].removeprefix("Bearer "))
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(odd.status)
            for name, value in {**odd.headers, "Content-Length": str(len(odd.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(odd.body)

        def log_message(self, *_: object) -> None:
            """Tests have no use for it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_no_redirect_is_followed(tmp_path: Path, issuer: FakeIssuer) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    other = Odd(200, b'{"kept": true}')
    with odd_server(other) as elsewhere:
        for status in (302, 307, 308):
            with odd_server(Odd(status, headers={"Location": elsewhere + PATH})) as here:
                done = report(tmp_path, here, issuer)
            assert became(done) == ["refused"]
            assert "another address" in done.log.annotations[0].text
    assert not other.tokens


@pytest.mark.parametrize(
    ("odd", "word", "level"),
    [
        (Odd(200, b"<html>welcome</html>"), "no Ironclaw server", "error"),
        (Odd(200, b'{"kept": "yes"}'), "no Ironclaw server", "error"),
        (Odd(200, b"[" * 100_000), "no Ironclaw server", "error"),
        (Odd(500, b'{"detail": "It failed.\\n::error::forged"}'), "It failed.", "warning"),
        (Odd(429, b""), "HTTP 429", "warning"),
    ],
)
def test_a_strange_answer_is_no_success_and_no_command(
    tmp_path: Path, issuer: FakeIssuer, odd: Odd, word: str, level: str
) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    with odd_server(odd) as here:
        done = report(tmp_path, here, issuer)
    assert done.conclusion == "success", done.log.text
    (one,) = done.log.annotations
    assert (one.level, word in one.text) == (level, True), one
    assert not any(token in done.log.text for token in odd.tokens)


@pytest.mark.parametrize(
    "server",
    [
        "http://ironclaw.example.com",
        "ftp://ironclaw.example.com",
        "https://user:pass@ironclaw.example.com",
        "https://ironclaw.example.com?x=1",
        "http://127.0.0.1.example.com",
        "http://localhost@example.com",
        "ironclaw.example.com",
    ],
)
def test_a_token_goes_nowhere_but_over_https(tmp_path: Path, server: str) -> None:
    hyperfine(tmp_path, "one.json", 0.1)
    done = report(tmp_path, server)
    assert done.conclusion == "failure"
    (one,) = done.log.annotations
    assert "input server" in one.text


def test_both_sides_agree() -> None:
    assert (PATH, MOST_SENT) == (files.PATH, MOST_BYTES)
