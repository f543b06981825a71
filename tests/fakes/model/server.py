"""A server that speaks OpenAI's chat completions, keeps what it was asked, and can misbehave.

What it answers is a function of the conversation, so it may be as honest, as wrong or as hostile as
a test wants. It counts tokens as bytes over four, and says so in `usage`.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_CHUNK = b"x" * 65_536


@dataclass(frozen=True)
class Asked:
    """One request: which model, the messages as (role, text), and everything else of it."""

    model: str
    messages: tuple[tuple[str, str], ...]
    request: Mapping[str, Any]
    authorization: str
    number: int

    @property
    def last(self) -> str:
        """The last message's text."""
        return self.messages[-1][1]


@dataclass(frozen=True)
class Reply:
    """What is sent: a completion with this text, or `raw` bytes as they stand.

    `hangs` sends nothing until the server ends, `endless` a body without end, `cut` closes the
    connection in the middle. `usage` is None where the server says nothing of tokens.
    """

    text: str | None = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    refusal: str | None = None
    tool_calls: Any = None
    finish: str = "stop"
    usage: Any = "counted"
    hangs: bool = False
    endless: bool = False
    cut: bool = False


def document(
    replacement: str,
    *,
    file: str = "shop/names.py",
    function: str = "distinct",
    additions: str = "",
    why: str = "It is faster.",
    confidence: Any = 0.9,
    **more: Any,
) -> str:
    """A proposal document as a model writes it."""
    found = {"file": file, "function": function, "replacement": replacement}
    found |= {"additions": additions, "why": why}
    return json.dumps({**found, "confidence": confidence, **more})


class FakeModel:
    """The server; to be entered. `understands` are the answer formats that it knows."""

    def __init__(
        self,
        answer: Callable[[Asked], Reply | str],
        *,
        understands: frozenset[str] = frozenset({"json_schema", "json_object"}),
        limits: frozenset[str] = frozenset({"max_tokens", "max_completion_tokens"}),
    ) -> None:
        self.answer = answer
        self.understands = understands
        self.limits = limits
        self.asked: list[Asked] = []
        self.refused: list[Mapping[str, Any]] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        fake: FakeModel = self

        class Handler(_Handler):
            model = fake

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL is to say."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def wait(self) -> None:
        """Until the server ends."""
        self._ended.wait()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._ended.is_set()

    def heard(self, request: Mapping[str, Any], authorization: str) -> Reply:
        """What is answered to one request."""
        problem = self._problem(request)
        if problem:
            with self._lock:
                self.refused.append(request)
            return Reply(status=400, raw=json.dumps({"error": {"message": problem}}).encode())
        messages = tuple((one["role"], one["content"]) for one in request["messages"])
        with self._lock:
            number = len(self.asked)
            asked = Asked(request["model"], messages, request, authorization, number)
            self.asked.append(asked)
        given = self.answer(asked)
        return Reply(given) if isinstance(given, str) else given

    def _problem(self, request: Mapping[str, Any]) -> str:
        form = request.get("response_format", {}).get("type", "text")
        if form not in {*self.understands, "text"}:
            return f"response_format {form} is not supported"
        for name in ("max_tokens", "max_completion_tokens"):
            if name in request and name not in self.limits:
                return f"Unsupported parameter: {name}"
        return ""


def completion(asked: Mapping[str, Any], reply: Reply) -> bytes:
    """The body of a whole answer."""
    sent = sum(len(one["content"].encode()) for one in asked["messages"]) // 4
    counted = {"prompt_tokens": sent, "completion_tokens": len((reply.text or "").encode()) // 4}
    message = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if reply.tool_calls is not None:
        message["tool_calls"] = reply.tool_calls
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
    }
    if reply.usage is not None:
        body["usage"] = counted if reply.usage == "counted" else reply.usage
    return json.dumps(body).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who asked may go when they have had enough."""


class _Handler(BaseHTTPRequestHandler):
    model: FakeModel
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        request = json.loads(self.rfile.read(length))
        reply = self.model.heard(request, self.headers.get("Authorization", ""))
        if reply.hangs:
            self.model.wait()
            self.close_connection = True
            return
        body = completion(request, reply) if reply.raw is None else reply.raw
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        if reply.endless:
            self.close_connection = True
            self.end_headers()
            self._without_end(body)
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self.wfile.write(body)

    def _without_end(self, body: bytes) -> None:
        try:
            self.wfile.write(body)
            while not self.model.ended:
                self.wfile.write(_CHUNK)
        except OSError:
            return  # Who read it has had enough.

    def log_message(self, *_: object) -> None:
        """Tests have no use for it."""
