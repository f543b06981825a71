"""A gunicorn worker that reads requests in its own loop, and leaves what takes long to threads.

One thread reads, verifies and answers deliveries; another commits what has been read meanwhile.
What is no plain delivery goes the ordinary way of gunicorn's gthread, whose class this one extends,
but only once it is there: no slow client holds a thread. What only gunicorn understands has few
threads of its own. Where there are too many connections, those that are silent for longest go.
"""

import logging
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from errno import EMFILE, ENFILE
from functools import partial
from heapq import nsmallest
from http import HTTPStatus
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import TYPE_CHECKING, Any, Final

from bot.entrypoints.web.answers import Answers
from bot.entrypoints.web.connection import Connection
from bot.entrypoints.web.head import Doubtful, Head
from bot.entrypoints.web.problems import Problem
from bot.entrypoints.web.refusals import RefusingWorker
from bot.entrypoints.web.webhook import KEEP_SECONDS, NOT_KEPT, read_delivery

if TYPE_CHECKING:
    from concurrent.futures import Future

    from bot.domain.deliveries import Delivery

log = logging.getLogger("ironclaw.web")

MOST_BUFFERED: Final = 256 * 1024 * 1024
"""What all unfinished requests together may take in memory."""
_FEW: Final = 4
_MOST_DOUBTFUL: Final = 64
_ROOM: Final = 64
# A commit costs as much as reading ten deliveries, so a few are gathered for each; no more than
# half of the clients, so that the others are read meanwhile.
_ENOUGH: Final = 32
_GATHER_SECONDS: Final = 0.005
_LINGER_SECONDS: Final = 2.0
# gunicorn ends a worker that has not told it for half a minute that it lives.
_NOTIFY_SECONDS: Final = 1.0
_TOO_MUCH: Final = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Too much is being sent at once.")


class DeliveryWorker(RefusingWorker):
    """gthread with a short way for deliveries."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connections: set[Connection] = set()
        # Whose delivery is not durable yet, and those of them that no commit has got yet.
        self._waiting: set[Connection] = set()
        self._gathered: list[tuple[Connection, Delivery]] = []
        self._gather_until = 0.0
        self._buffered = 0
        self._looked_at = 0.0
        self._notified_at = 0.0
        self._ended = False
        self._answers = Answers()
        self._few = ThreadPoolExecutor(_FEW, "few")
        self._doubtful: set[Connection] = set()

    def run(self) -> None:
        """Serve until told to stop."""
        self._intake = self.wsgi.intake
        self._verify = self.wsgi.verify
        super().run()
        self._ended = True
        self._few.shutdown(wait=False)

    def notify(self) -> None:
        """Tell gunicorn that this process lives, but not with every turn of the loop.

        It touches a file, which holds up the commits of a database on the same disk.
        """
        now = time.monotonic()
        if now - self._notified_at >= _NOTIFY_SECONDS:
            self._notified_at = now
            super().notify()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Read whatever has come; have it committed when there is enough of it."""
        if self._gathered:
            timeout = min(timeout, max(self._gather_until - time.monotonic(), 0))
        super().wait_for_and_dispatch_events(timeout)
        if self._gathered and self._is_enough():
            self._commit()

    # Connections come and go

    def accept(self, listener: socket) -> None:
        """Take a new client, and read what it asks here."""
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in (EMFILE, ENFILE):
                self._make_room()
            return
        self.nr_conns += 1
        client.setblocking(False)
        connection = Connection(self.cfg, client, address, listener.getsockname())
        self._read_from(connection)

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """A thread has answered: read the next request here, or close."""
        self._buffered -= conn.held
        conn.held = 0
        self._doubtful.discard(conn)
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

    def _keepalive_after(self, conn: Connection, keepalive: object) -> bool:
        # What has not come of its body nobody wants any more: its connection is closed.
        conn.parser.unreader.deadline = 0.0
        return bool(super()._keepalive_after(conn, keepalive))

    def _make_room(self) -> None:
        """Let those go whose time is over first: they have said nothing, or not gone on."""
        idle = self._connections - self._waiting
        for one in nsmallest(_ROOM, idle, key=lambda connection: connection.deadline):
            self._drop(one)

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
            if late in self._waiting and not force:
                # What is written may still become durable: the host asks again, one row stays.
                self._answer(late, NOT_KEPT, closes=True)
            else:
                self._drop(late)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for connection in self._connections:
            if not connection.buffer and connection not in self._waiting:
                connection.deadline = min(connection.deadline, deadline)

    def _read_from(self, connection: Connection) -> None:
        self._connections.add(connection)
        connection.is_read = True
        self.poller.register(connection.sock, EVENT_READ, partial(self._readable, connection))

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._waiting.discard(connection)
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
        connection.wait(_LINGER_SECONDS)
        if not connection.is_read:
            self._read_from(connection)

    def _drop(self, connection: Connection) -> None:
        if connection.is_open:
            connection.is_open = False
            self._forget(connection)
            self.nr_conns -= 1
            connection.close()

    # Requests

    def _readable(self, connection: Connection, _: socket) -> None:
        try:
            data = connection.receive()
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
        if connection in self._waiting:
            self._stop_reading(connection)
        elif connection.buffer:
            # What an unfinished request is answered with, gunicorn decides.
            self._doubt(connection)
        else:
            self._drop(connection)

    def _keep(self, connection: Connection, data: bytes) -> None:
        self._buffered += len(data)
        begins = not connection.buffer
        connection.append(data)
        if connection in self._waiting:
            # It sends on before its answer: let it wait in the system's own buffer.
            self._stop_reading(connection)
            return
        if begins:
            connection.wait_for_request()
        self._look(connection)

    def _look(self, connection: Connection) -> None:
        """Take what has come whole; one request after the other, as they were sent."""
        while connection.buffer and not (connection in self._waiting or connection.ends):
            found = connection.whole()
            if found is None:
                self._bound_buffers()
                return
            if isinstance(found, Problem):
                self._answer(connection, found, closes=True)
                return
            if isinstance(found, Head):
                self._take(connection, found)
                continue
            if isinstance(found, Doubtful):
                self._doubt(connection)
            else:
                self._hand_over(connection, self.tpool)
            return

    def _bound_buffers(self) -> None:
        """What is largest goes first: most likely it is no delivery of the host."""
        if self._buffered > MOST_BUFFERED:
            largest = max(self._connections - self._waiting, key=lambda one: len(one.buffer))
            self._answer(largest, _TOO_MUCH, closes=True)

    def _doubt(self, connection: Connection) -> None:
        """Let gunicorn decide, which may have to wait for more: in threads of their own."""
        if len(self._doubtful) >= _MOST_DOUBTFUL:
            self._answer(connection, _TOO_MUCH, closes=True)
            return
        self._doubtful.add(connection)
        self._hand_over(connection, self._few)

    def _hand_over(self, connection: Connection, pool: Executor) -> None:
        """Let a thread answer it as gthread does; it gets what has been read."""
        connection.held = len(connection.buffer)
        self._buffered += connection.held
        self._forget(connection)
        connection.data_ready = True
        answered = pool.submit(self.handle, connection)
        answered.add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, connection, future)
        )

    def _take(self, connection: Connection, head: Head) -> None:
        body = connection.cut(head)
        self._buffered -= head.end
        self.nr += 1
        found = read_delivery(body, head.signature, head.id, head.event, self._verify)
        if isinstance(found, Problem):
            self._answer(connection, found, closes=head.closes)
            return
        if not self._gathered:
            self._gather_until = time.monotonic() + _GATHER_SECONDS
        self._gathered.append((connection, found))
        self._waiting.add(connection)
        connection.closes = head.closes
        connection.wait(KEEP_SECONDS)

    # Commits

    def _is_enough(self) -> bool:
        """Whether waiting for more would gain little, or nobody is left who could send more."""
        half = (len(self._connections) + 1) // 2
        return (
            len(self._gathered) >= min(half, _ENOUGH)
            or len(self._waiting) >= len(self._connections)
            or time.monotonic() >= self._gather_until
            or not self.alive
        )

    def _commit(self) -> None:
        connections = [connection for connection, _ in self._gathered]
        deliveries = [delivery for _, delivery in self._gathered]
        self._gathered = []
        try:
            self._intake.add(deliveries, partial(self._committed, connections))
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
            self._answer_kept(connections, error)

    def _committed(self, connections: list[Connection], error: Exception | None) -> None:
        """In the thread that commits: only passed on here."""
        if not self._ended:
            self.method_queue.defer(self._answer_kept, connections, error)

    def _answer_kept(self, connections: list[Connection], error: Exception | None) -> None:
        if error is not None:
            log.error("%d deliveries are not kept: %s", len(connections), error)
        problem = None if error is None else NOT_KEPT
        for connection in connections:
            if connection in self._waiting:
                self._answer(connection, problem, closes=connection.closes)
                self._look(connection)

    def _answer(self, connection: Connection, problem: Problem | None, *, closes: bool) -> None:
        """Answer with the problem, or that it is accepted, and go on to the next request."""
        closes = closes or not self.alive
        text = self._answers.text(problem, closes=closes)
        try:
            sent = connection.sock.send(text)
        except OSError:
            sent = 0
        self._waiting.discard(connection)
        if sent < len(text):
            self._drop(connection)
        elif closes:
            self._end(connection)
        else:
            if not connection.is_read:
                self._read_from(connection)
            self._wait_for_next(connection)

    def _wait_for_next(self, connection: Connection) -> None:
        connection.wait(self.cfg.keepalive)
