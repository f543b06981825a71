"""How web processes end: killed, asked to, or because they cannot even start."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot import __version__
from bot.entrypoints.web.webhook import PATH
from tests.adapters.engine.inside import ask as select
from tests.entrypoints.web.conftest import web_processes
from tests.entrypoints.web.serving import (
    PATIENCE,
    SECRET,
    Server,
    ask,
    delivery,
    end_group,
    environment,
    ironclaw,
    read_answer,
    read_to_end,
    request,
    started,
)
from tests.fakes.github.keys import key_pair

ENOUGH = 300


def deliver_until_it_dies(server: Server, name: str, acknowledged: list[str]) -> None:
    """Deliver one after the other, noting each that the server took."""
    try:
        with closing(server.connect()) as client:
            for number in range(100_000):
                id = f"{name}-{number}"
                client.sendall(delivery(b'{"x": 1}' * 500, id))
                if read_answer(client).status == 202:
                    acknowledged.append(id)
    except (OSError, AssertionError):
        return


def test_security_29_what_was_acknowledged_outlives_a_kill_under_load(
    shared_url: str, tmp_path: Path
) -> None:
    acknowledged: list[str] = []
    with web_processes(shared_url, tmp_path, "--processes", "2") as server:
        clients = [
            threading.Thread(
                target=deliver_until_it_dies, args=(server, f"c{number}", acknowledged)
            )
            for number in range(8)
        ]
        for client in clients:
            client.start()
        while len(acknowledged) < ENOUGH and any(client.is_alive() for client in clients):
            threading.Event().wait(0.01)
        end_group(server.process)
        for client in clients:
            client.join(PATIENCE)
    assert len(acknowledged) >= ENOUGH
    kept = {str(id) for (id,) in select(shared_url, "SELECT id FROM delivery")}
    assert set(acknowledged) <= kept


@pytest.fixture
def ours(sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    """One process, in which a request has to come within a moment."""
    argv = ["-m", "tests.entrypoints.web.plain", sqlite_url, "ours", "0.5"]
    with started(argv, environment(sqlite_url, tmp_path), tmp_path / "log") as server:
        yield server


def test_security_34_at_sigterm_what_has_begun_is_answered_and_then_it_ends(
    ours: Server, sqlite_url: str
) -> None:
    with closing(ours.connect()) as first, closing(ours.connect()) as second:
        first.sendall(delivery(b"{}", "d-1"))
        assert read_answer(first).headers["connection"] == "keep-alive"
        ours.process.send_signal(signal.SIGTERM)
        # The kept connection is answered once more, and told to go.
        try:
            first.sendall(delivery(b"{}", "d-2"))
            answer = read_answer(first)
        except (OSError, AssertionError):
            pass  # It had ended already, and never acknowledged this one.
        else:
            assert answer.status == 202
            assert select(sqlite_url, "SELECT id FROM delivery WHERE id = 'd-2'")
        assert read_to_end(second) == b""
    assert ours.process.wait(PATIENCE) == 0
    assert select(sqlite_url, "SELECT id FROM delivery WHERE id = 'd-1'") == [("d-1",)]


def test_security_4_who_never_finishes_a_request_is_let_go(ours: Server) -> None:
    chunked = request("POST", PATH, {"Transfer-Encoding": "chunked"})
    unfinished = (
        b"GET /healthz HTTP/1.1\r\n",
        delivery()[:-1],
        chunked + b"5\r\nab",
        request("POST", "/healthz", {"Content-Length": "9"})[:-2] + b"X: " + b"x" * 9_000,
    )
    clients = [ours.connect() for _ in unfinished]
    for client, part in zip(clients, unfinished, strict=True):
        client.sendall(part)
    assert [read_to_end(client) for client in clients] == [b""] * len(clients)
    for client in clients:
        client.close()
    assert ask(ours, delivery()).status == 202


def test_a_service_logs_its_start_and_its_stop(sqlite_url: str, tmp_path: Path) -> None:
    surroundings = environment(
        sqlite_url,
        tmp_path,
        GITHUB_API_URL="http://127.0.0.1:9",
        GITHUB_CLIENT_ID="Iv1.x",
        GITHUB_PRIVATE_KEY=key_pair()[0],
        LOG_FORMAT="json",
    )
    with started(ironclaw("serve"), surroundings, tmp_path / "log") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    told = [one["message"] for one in lines if one["level"] == "info"]
    assert told == [
        f"Ironclaw {__version__} starts: web and worker, with sqlite",
        "this web process has stopped",
    ]
    assert not [one for one in lines if "trace" in one]


def test_both_secrets_sign_while_one_is_replaced(sqlite_url: str, tmp_path: Path) -> None:
    surroundings = environment(sqlite_url, tmp_path, GITHUB_WEBHOOK_SECRET=f"newer, {SECRET}")
    with started(ironclaw("web"), surroundings, tmp_path / "log") as server:
        found = [
            ask(server, delivery(secret=secret)).status for secret in ("newer", SECRET, "oldest")
        ]
    assert found == [202, 202, 401]


def test_security_11_a_server_logs_no_secret_of_those_who_talk_to_it(ours: Server) -> None:
    token = f"ghs_{'c4n4ry' * 6}"
    for sent in (
        request("GET", f"/\xff?access_token={token}", {"Connection": "close"}),
        request("GET", "/", {"Authorization": f"Bearer {token}", "SCRIPT_NAME": f"/{token}"}),
        f"{token} / HTTP/1.1\r\n\r\n".encode(),
    ):
        with closing(ours.connect()) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            read_to_end(client)
    ours.process.send_signal(signal.SIGTERM)
    ours.process.wait(PATIENCE)
    log = ours.log.read_text()
    assert "Invalid request" in log
    assert token not in log


def said(command: list[str], surroundings: dict[str, str]) -> tuple[int, str]:
    """How a program ends that should not start, and what it says."""
    done = subprocess.run(
        [sys.executable, *command],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, f"{done.stdout}{done.stderr}"


def test_without_a_secret_it_refuses_to_start(sqlite_url: str, tmp_path: Path) -> None:
    surroundings = environment(sqlite_url, tmp_path, GITHUB_WEBHOOK_SECRET=" , ")
    code, text = said(ironclaw("web"), surroundings)
    assert code == 1
    assert "GITHUB_WEBHOOK_SECRET is not set" in text
    assert "openssl rand -hex 32" in text
    assert "Traceback" not in text


def test_serve_without_an_app_says_which_settings_are_missing(
    sqlite_url: str, tmp_path: Path
) -> None:
    code, text = said(ironclaw("serve"), environment(sqlite_url, tmp_path))
    assert code == 1
    problem, remedy = text.split("to mend it: ")
    assert problem == "error: the GitHub App is not configured\n"
    assert "GITHUB_PRIVATE_KEY" in remedy
    assert "gunicorn" not in remedy


CANNOT_START = """
import sys
from bot.entrypoints.logs import set_up_logs
from bot.entrypoints.web.application import Parts
from bot.entrypoints.web.server import listen, serve
from bot.ports import UserError
from bot.settings import read_settings

def worker():
    raise UserError("it cannot start", "Mend it.")

set_up_logs(read_settings())
serve(listen("127.0.0.1", 0), Parts(sys.argv[1], lambda *_: False, worker), 1, print)
"""


def test_what_cannot_start_after_the_fork_says_only_why(sqlite_url: str, tmp_path: Path) -> None:
    command = ["-c", CANNOT_START, sqlite_url]
    code, text = said(command, environment(sqlite_url, tmp_path))
    assert (code, text) == (1, "error: it cannot start\nto mend it: Mend it.\n")
