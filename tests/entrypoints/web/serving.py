"""Web servers as processes of their own on a socket of the test, and clients in plain bytes."""

import hashlib
import hmac
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from bot.entrypoints.web.webhook import PATH

SECRET = "It's a Secret to Everybody"
PATIENCE = 90.0
"""Seconds after which a test is stuck; nothing is asserted about how long anything takes."""


class Server(NamedTuple):
    """One that runs, with the file of what it wrote."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def environment(url: str, data: Path, **more: str) -> dict[str, str]:
    """What an operator sets, and nothing of what the test's own environment says."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {"DATABASE_URL": url, "IRONCLAW_DATA_DIR": str(data), "GITHUB_WEBHOOK_SECRET": SECRET}
    return kept | given | {"PORT": "0"} | more


@contextmanager
def started(argv: list[str], surroundings: dict[str, str], log: Path) -> Iterator[Server]:
    """A server of these arguments once it says where it listens, gone at the end."""
    with (
        log.open("ab") as err,
        subprocess.Popen(
            [sys.executable, *argv],
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=err,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            found = re.search(r"listens at http://127\.0\.0\.1:(\d+)", line)
            assert found, f"{line}\n{log.read_text()}"
            yield Server(int(found[1]), process, log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            finally:
                end_group(process)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """As the system kills: nobody in it is asked."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def ironclaw(*command: str) -> list[str]:
    return ["-m", "bot.entrypoints.cli", *command]


def signature(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def delivery(
    body: bytes = b"{}", id: str = "d-1", event: str = "push", secret: str = SECRET, **more: str
) -> bytes:
    """A signed delivery as it is sent; more headers have underscores for dashes."""
    headers = {
        "X-GitHub-Delivery": id,
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": signature(body, secret),
        "Content-Length": str(len(body)),
    }
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    return request("POST", PATH, headers) + body


def request(method: str, path: str, headers: dict[str, str] | None = None) -> bytes:
    given = {"Host": "ironclaw.example"} | (headers or {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def read_answer(client: socket.socket, method: str = "POST") -> Answer:
    """The next answer that comes, and nothing after it."""
    data = b""
    while b"\r\n\r\n" not in data:
        # Byte by byte, so that nothing of the next answer is taken.
        more = client.recv(1)
        assert more, f"the server closed after {data!r}"
        data += more
    first, *lines = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    missing = 0 if method == "HEAD" else int(headers.get("content-length", 0))
    body = b""
    while len(body) < missing:
        body += client.recv(missing - len(body))
    return Answer(int(first.split()[1]), headers, body)


def ask(server: Server, sent: bytes, method: str = "POST") -> Answer:
    """Send it on a connection of its own and read the answer."""
    with closing(server.connect()) as client:
        send(client, sent)
        return read_answer(client, method)


def send(client: socket.socket, data: bytes) -> None:
    """Send as much as the server takes: it may answer and close before the end."""
    try:
        client.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return


def read_to_end(client: socket.socket) -> bytes:
    """Everything until the server closes."""
    data = b""
    while True:
        try:
            more = client.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            return data
        data += more
