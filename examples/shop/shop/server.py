"""The HTTP server: a few threads that live as long as it does, each with its own connection."""

import json
import logging
import socketserver
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from shop.access_log import AccessLog
from shop.database import Database
from shop.routes import Response, answer

THREADS = 8
LARGEST_BODY = 65_536
_log = logging.getLogger(__name__)


class ShopServer(HTTPServer):
    """Serves one database."""

    request_queue_size = 64

    def __init__(self, port: int, database: Database, log: AccessLog) -> None:
        super().__init__(("127.0.0.1", port), ShopHandler)
        self.database = database
        self.log = log
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="shop")
        # A report computes for long: with the default of 5 ms every short request waits for it.
        sys.setswitchinterval(0.0005)

    def server_bind(self) -> None:
        # HTTPServer asks the name service for the host's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._threads.submit(self._process, request, client_address)

    def _process(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:
            _log.exception("A request could not be answered")
        finally:
            self.shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening and finish what has begun."""
        super().server_close()
        self._threads.shutdown()


class ShopHandler(BaseHTTPRequestHandler):
    """Reads a request, has it answered, writes it down."""

    server: ShopServer
    timeout = 10

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.send_error(413)
            return
        self._serve(self.rfile.read(int(length)))

    def _serve(self, body: bytes) -> None:
        started = time.perf_counter()
        endpoint, response = answer(self.server.database, self.command, self.path, body)
        try:
            self._send(response)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            self.server.log.write(endpoint, milliseconds, response.status)

    def _send(self, response: Response) -> None:
        content = json.dumps(response.content).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """The access log says it all."""
