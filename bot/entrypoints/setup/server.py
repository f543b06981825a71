"""Serves the set-up's pages on the loopback until the App is there."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

from bot.entrypoints.setup.page import Reply, Visit, cookie_value
from bot.ports import UserError

_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    # GitHub learns that the form came from this machine, and never the address with its token.
    "Referrer-Policy": "strict-origin",
    "Cache-Control": "no-store",
}
_IDLE_SECONDS: Final = 30
Answer = Callable[[Visit], Reply]


class SetupServer:
    """Listens from its making on; answers while it serves."""

    def __init__(self, port: int) -> None:
        try:
            self._server = _Server(port)
        except OSError as error:
            problem = f"cannot listen at 127.0.0.1:{port}: {error.strerror or error}"
            raise UserError(problem, "Name another --port, or leave it out.") from None
        self.host = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.server_close()

    def serve(self, answer: Answer, begun: Callable[[], None], seconds: float) -> bool:
        """Answer until a reply ends it; False when the time is over before."""
        self._server.answer = answer
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            begun()
            return self._server.ended.wait(seconds)
        finally:
            self._server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    # A browser opens connections that it does not use: they keep nobody waiting.
    daemon_threads = True
    answer: Answer

    def __init__(self, port: int) -> None:
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, *_: object) -> None:
        """A browser that went away is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE_SECONDS
    server_version = "ironclaw"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer, and only then let the program end."""
        header = self.headers.get
        visit = Visit(self.path, header("Host", ""), cookie_value(header("Cookie", "")))
        reply = self.server.answer(visit)
        try:
            self._write(reply)
        finally:
            if reply.ends:
                self.server.ended.set()

    def _write(self, reply: Reply) -> None:
        body = reply.body.encode("utf-8", "replace")
        self.send_response(reply.status.value)
        for name, value in {**_HEADERS, **reply.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds the token."""
