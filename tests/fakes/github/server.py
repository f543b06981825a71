"""The socket: reads requests, lets faults strike, records everything, writes answers."""

import json
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.github import dispatch, smart_http
from tests.fakes.github.answers import Answer
from tests.fakes.github.effects import Stage
from tests.fakes.github.faults import Fault
from tests.fakes.github.graph.execution import fields
from tests.fakes.github.hub import Hub

_TIMEOUT_LIMIT = 60.0


@dataclass
class Recorded:
    """One request and what was answered; `fault` says what was done to it on the way."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answer: bytes = b""
    answer_headers: dict[str, str] = field(default_factory=dict)
    installation: int | None = None
    operations: tuple[str, ...] = ()
    fault: str = ""
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def json(self) -> Any:
        """The body that was sent."""
        return json.loads(self.body) if self.body else None

    @property
    def answer_json(self) -> Any:
        return json.loads(self.answer) if self.answer else None


Bystander = Callable[[Stage, Recorded, int], None]
"""Sees each request before anything is made of it, and again before it is answered.

It is told the client's port, in the connection's thread, and may wait. If it raises, the connection
breaks there: nothing is done of what has not been done yet, and there is no answer.
"""


class Server(ThreadingHTTPServer):
    """The fake on a loopback port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, hub: Hub, port: int = 0) -> None:
        self.hub = hub
        self.recorded: list[Recorded] = []
        self.bystanders: list[Bystander] = []
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of our business."""

    def keep(self, connection: socket.socket) -> None:
        self._open.add(connection)

    def forget(self, connection: socket.socket) -> None:
        self._open.discard(connection)

    def hang_up(self) -> None:
        """End every connection, so that no thread waits for another request."""
        self.stopping.set()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    server_version = "github.com"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.keep(self.connection)

    def finish(self) -> None:
        self.server.forget(self.connection)
        try:
            super().finish()
        except OSError:
            return

    def log_message(self, *args: Any) -> None:
        """Say nothing: what came in is in the record."""

    def _take(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = self._body(headers)
        hub = self.server.hub
        record = Recorded(self.command, self.path, headers, raw)
        if smart_http.is_git(self.path):
            self._write(record, smart_http.answer(hub, self.command, self.path, headers, raw))
            return
        if record.path in dispatch.GRAPHQL_PATHS:
            record.operations = _operations(raw)
        with hub.lock:
            fault = hub.faults.strike(record.method, record.path, record.operations)
            self.server.recorded.append(record)
        record.fault = fault.kind if fault else ""
        if fault and fault.kind.endswith("-before"):
            self._suffer(record, fault)
            return
        self._show("before", record)
        request = dispatch.parse(self.command, self.path, headers, raw)
        with hub.lock:
            answer = dispatch.answer(hub, request)
            record.template, record.params = request.template, dict(request.params)
            if request.actor.installation:
                record.installation = request.actor.installation.id
        self._show("after", record)
        if fault and fault.kind.endswith("-after"):
            self._suffer(record, fault)
            return
        self._write(record, answer, half=fault is not None)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _take  # noqa: N815 - theirs

    def _show(self, stage: Stage, record: Recorded) -> None:
        for bystander in self.server.bystanders:
            bystander(stage, record, self.client_address[1])

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        return self.rfile.read(int(headers.get("content-length") or 0))

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _suffer(self, record: Recorded, fault: Fault) -> None:
        if fault.kind.startswith("error"):
            body = {"message": "Server Error"}
            self._write(record, Answer(fault.status, body))
            return
        if fault.kind.startswith("timeout"):
            self._wait_for_client()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _wait_for_client(self) -> None:
        """Say nothing until the client gives up."""
        waited = 0.0
        while waited < _TIMEOUT_LIMIT and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return
            waited += 0.05

    def _write(self, record: Recorded, answer: Answer, *, half: bool = False) -> None:
        body = answer.body
        if not isinstance(body, bytes):
            body = b"" if answer.status == 204 else json.dumps(body).encode()
        record.status, record.answer = answer.status, body
        headers = {**answer.headers}
        if answer.status not in {204, 304}:
            headers["Content-Length"] = str(len(body))
            headers["Content-Type"] = answer.kind
        record.answer_headers = headers
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if half else body)
        self.wfile.flush()
        if half:
            self.close_connection = True


def _operations(raw: bytes) -> tuple[str, ...]:
    try:
        return fields(str(json.loads(raw).get("query") or ""))
    except (ValueError, AttributeError):
        return ()
