"""A gunicorn worker that reads deliveries in its own loop, and leaves the rest to threads.

One thread reads, verifies and answers; another commits what has been read meanwhile. What is no
plain delivery goes the ordinary way of gunicorn's gthread, whose class this one extends. Here every
request's head has to come within a bound, and so has the rest: no slow client holds a thread.
"""

import logging
import time
from collections import deque
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import TYPE_CHECKING, Any, Final

from gunicorn.http.errors import NoMoreData  # type: ignore[import-untyped] # it has no types
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.gthread import (  # type: ignore[import-untyped] # it has no types
    TConn,
    ThreadWorker,
)

from bot.entrypoints.web.head import Head, Ordinary, read_head
from bot.entrypoints.web.problems import PROBLEM_TYPE, Problem
from bot.entrypoints.web.webhook import ACCEPTED, KEEP_SECONDS, NOT_KEPT, read_delivery

if TYPE_CHECKING:
    from concurrent.futures import Future

log = logging.getLogger("ironclaw.web")

READ_SECONDS: Final = 15.0
"""A request has to come whole within this time; GitHub gives up after ten."""
MOST_BUFFERED: Final = 256 * 1024 * 1024
"""What all unfinished deliveries together may take in memory."""
_LINGER_SECONDS: Final = 2.0
_CHUNK: Final = 64 * 1024
_LARGE_CHUNK: Final = 1024 * 1024
_TOO_MUCH: Final = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Too much is being sent at once.")


class Connection(TConn):  # type: ignore[misc] # the library has no types
    """One client, and what it has sent that is not answered yet."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.buffer: bytes | bytearray = b""
        self.head: Head | None = None
        self.waits_for_commit = False
        self.closes = False
        self.is_open = True
        self.is_read = False
        self.ends = False
        self.deadline = time.monotonic() + READ_SECONDS

    def init(self) -> None:
        """Give gunicorn's parser what has been read already, and bound what it still reads."""
        first = not self.initialized
        super().init()
        if first:
            self.parser.unreader = _BoundedUnreader(self.sock)
        self.parser.unreader.deadline = time.monotonic() + READ_SECONDS
        self.parser.unreader.unread(bytes(self.buffer))
        self.buffer = b""


class _BoundedUnreader(SocketUnreader):  # type: ignore[misc] # the library has no types
    """Reads until a moment and no longer, however slowly the client goes on."""

    deadline = 0.0

    def chunk(self, size_hint: int | None = None) -> bytes:
        left = self.deadline - time.monotonic()
        try:
            if left > 0:
                self.sock.settimeout(left)
                found: bytes = super().chunk(size_hint)
                self.sock.settimeout(READ_SECONDS)
                return found
        except TimeoutError:
            pass
        raise NoMoreData


class DeliveryWorker(ThreadWorker):  # type: ignore[misc] # the library has no types
    """gthread with a short way for deliveries."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connections: set[Connection] = set()
        self._kept: deque[tuple[Connection, Exception | None]] = deque()
        self._buffered = 0
        self._looked_at = 0.0
        self._added = False
        self._ended = False
        self._second = (0, "")

    def run(self) -> None:
        """Serve until told to stop."""
        self._intake = self.wsgi.intake
        self._verify = self.wsgi.verify
        self._intake.after_commit(self._wake)
        super().run()
        self._ended = True

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Read whatever has come, then have all of it committed at once."""
        super().wait_for_and_dispatch_events(timeout)
        if self._added:
            self._added = False
            self._intake.flush()

    # Connections come and go

    def accept(self, listener: socket) -> None:
        """Take a new client, and read what it asks here."""
        try:
            client, address = listener.accept()
        except OSError:
            return
        self.nr_conns += 1
        client.setblocking(False)
        connection = Connection(self.cfg, client, address, listener.getsockname())
        self._read_from(connection)

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """A thread has answered: read the next request here, or close."""
        if fs.cancelled() or fs.exception():
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        if not fs.result():
            self._end(conn)
            return
        conn.buffer = conn.parser.unreader.take_buffered()
        self._buffered += len(conn.buffer)
        self._read_from(conn)
        self._wait_for_next(conn)
        self._look(conn)

    def murder_keepalived(
        self,
        force: bool = False,  # noqa: FBT001, FBT002 - gunicorn's own signature
    ) -> None:
        """Close those whose time is over."""
        super().murder_keepalived(force)
        now = time.monotonic()
        if now - self._looked_at < 1 and not force and self.alive:
            return
        self._looked_at = now
        for late in [one for one in self._connections if force or one.deadline <= now]:
            if late.waits_for_commit and not force:
                # What is written may still become durable: the host asks again, one row stays.
                self._answer(late, NOT_KEPT, closes=True)
            else:
                self._drop(late)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for connection in self._connections:
            if not connection.buffer and not connection.waits_for_commit:
                connection.deadline = min(connection.deadline, deadline)

    def _read_from(self, connection: Connection) -> None:
        self._connections.add(connection)
        connection.is_read = True
        self.poller.register(connection.sock, EVENT_READ, partial(self._readable, connection))

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._buffered -= len(connection.buffer)
        self._stop_reading(connection)

    def _stop_reading(self, connection: Connection) -> None:
        if connection.is_read:
            self.poller.unregister(connection.sock)
            connection.is_read = False

    def _end(self, connection: Connection) -> None:
        """Close, but let the client read its answer first: a bare close could cut that off."""
        self._buffered -= len(connection.buffer)
        connection.buffer = b""
        try:
            connection.sock.shutdown(SHUT_WR)
        except OSError:
            self._drop(connection)
            return
        connection.ends = True
        connection.deadline = time.monotonic() + _LINGER_SECONDS
        if not connection.is_read:
            self._read_from(connection)

    def _drop(self, connection: Connection) -> None:
        if connection.is_open:
            connection.is_open = False
            self._forget(connection)
            self.nr_conns -= 1
            connection.close()

    # Requests

    def _readable(self, connection: Connection, client: socket) -> None:
        want = connection.head.end - len(connection.buffer) if connection.head else _CHUNK
        try:
            data = client.recv(min(max(want, _CHUNK), _LARGE_CHUNK))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._drop(connection)
            return
        if not data:
            self._hear_the_end(connection)
        elif not connection.ends:
            self._keep(connection, data)

    def _hear_the_end(self, connection: Connection) -> None:
        """It sends no more, but may still read."""
        if connection.waits_for_commit:
            self._stop_reading(connection)
        elif connection.buffer:
            # What an unfinished request is answered with, gunicorn decides.
            self._hand_over(connection)
        else:
            self._drop(connection)

    def _keep(self, connection: Connection, data: bytes) -> None:
        self._buffered += len(data)
        if not connection.buffer:
            connection.buffer = data
            if not connection.waits_for_commit:
                connection.deadline = time.monotonic() + READ_SECONDS
        elif isinstance(connection.buffer, bytearray):
            connection.buffer += data
        else:
            connection.buffer = bytearray(connection.buffer) + data
        if connection.waits_for_commit:
            # It sends on before its answer: let it wait in the system's own buffer.
            self._stop_reading(connection)
        else:
            self._look(connection)

    def _look(self, connection: Connection) -> None:
        """Take what has come whole; one request after the other, as they were sent."""
        while connection.buffer and not (connection.waits_for_commit or connection.ends):
            head = connection.head or read_head(connection.buffer)
            if isinstance(head, Ordinary):
                self._hand_over(connection)
                return
            if head is None:
                return
            if len(connection.buffer) < head.end:
                connection.head = head
                if self._buffered > MOST_BUFFERED:
                    self._answer(connection, _TOO_MUCH, closes=True)
                return
            self._take(connection, head)

    def _hand_over(self, connection: Connection) -> None:
        """Let a thread answer it as gthread does; it gets what has been read."""
        self._forget(connection)
        connection.data_ready = True
        self.enqueue_req(connection)

    def _take(self, connection: Connection, head: Head) -> None:
        buffer = connection.buffer
        body = bytes(buffer[head.start : head.end])
        connection.buffer = bytes(buffer[head.end :]) if len(buffer) > head.end else b""
        self._buffered -= head.end
        connection.head = None
        self.nr += 1
        found = read_delivery(body, head.signature, head.id, head.event, self._verify)
        if isinstance(found, Problem):
            self._answer(connection, found, closes=head.closes)
            return
        try:
            self._intake.add(found, partial(self._committed, connection))
        except Exception as error:
            log.exception("delivery %s is not kept", found.id, exc_info=error)
            self._answer(connection, NOT_KEPT, closes=head.closes)
            return
        self._added = True
        connection.waits_for_commit = True
        connection.closes = head.closes
        connection.deadline = time.monotonic() + KEEP_SECONDS

    def _committed(self, connection: Connection, error: Exception | None) -> None:
        """In the thread that commits: only noted here."""
        self._kept.append((connection, error))

    def _wake(self) -> None:
        """In the thread that commits, after each commit."""
        if not self._ended:
            self.method_queue.defer(self._answer_kept)

    def _answer_kept(self) -> None:
        while self._kept:
            connection, error = self._kept.popleft()
            if error is not None:
                log.error("a delivery is not kept: %s", error)
            if connection.is_open and connection.waits_for_commit:
                problem = None if error is None else NOT_KEPT
                self._answer(connection, problem, closes=connection.closes)
                self._look(connection)

    def _answer(self, connection: Connection, problem: Problem | None, *, closes: bool) -> None:
        """Answer with the problem, or that it is accepted, and go on to the next request."""
        closes = closes or not self.alive
        text = self._answer_text(problem, closes=closes)
        try:
            sent = connection.sock.send(text)
        except OSError:
            sent = 0
        connection.waits_for_commit = False
        if sent < len(text):
            self._drop(connection)
        elif closes:
            self._end(connection)
        else:
            if not connection.is_read:
                self._read_from(connection)
            self._wait_for_next(connection)

    def _wait_for_next(self, connection: Connection) -> None:
        connection.deadline = time.monotonic() + self.cfg.keepalive

    def _answer_text(self, problem: Problem | None, *, closes: bool) -> bytes:
        """As gunicorn writes it."""
        status = HTTPStatus.ACCEPTED if problem is None else problem.status
        kind = "application/json" if problem is None else PROBLEM_TYPE
        body = ACCEPTED if problem is None else problem.body()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"Server: gunicorn\r\n"
            f"Date: {self._date()}\r\n"
            f"Connection: {'close' if closes else 'keep-alive'}\r\n"
            f"Content-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _date(self) -> str:
        now = int(time.time())
        if self._second[0] != now:
            self._second = (now, formatdate(now, usegmt=True))
        return self._second[1]
