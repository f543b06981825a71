"""Many clients at once that say nothing, too little or too much keep nobody else out."""

import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from bot.entrypoints.web.webhook import PATH
from tests.entrypoints.web.serving import (
    Server,
    ask,
    delivery,
    environment,
    read_answer,
    read_to_end,
    request,
    send,
    started,
)

CONNECTIONS = 100
BUFFERED = 1024 * 1024
STALLED = (
    request("POST", "/v1/metrics", {"Content-Length": "1000"}) + b"x",
    request("GET", "/nowhere", {"Content-Length": "1000"}),
    request("POST", "/v1/traces", {"Transfer-Encoding": "chunked"}) + b"5\r\nab",
    request("POST", PATH, {"Transfer-Encoding": "chunked"}) + b"5\r\nabcde\r\n1",
    delivery(X_Other="1", Connection="keep-alive, other")[:-1],
)


@pytest.fixture(scope="module")
def small(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for few connections and little memory, which waits for long."""
    place = tmp_path_factory.mktemp("small")
    url = f"sqlite:///{place / 'ironclaw.db'}"
    (place / "ironclaw.db").write_bytes(sqlite_template.read_bytes())
    bounds = [str(CONNECTIONS), str(BUFFERED)]
    argv = ["-m", "tests.entrypoints.web.plain", url, "ours", "600", *bounds]
    with started(argv, environment(url, place), place / "log") as server:
        yield server


def is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def test_bodies_that_do_not_come_hold_no_thread(small: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(small.connect())) for _ in range(80)]
        for number, client in enumerate(clients):
            client.sendall(STALLED[number % len(STALLED)])
        assert ask(small, request("GET", "/healthz"), "GET").status == 200
        assert ask(small, delivery(id="d-beside")).status == 202
        assert all(map(is_open, clients)), "the others still have their time"


def test_what_only_gunicorn_understands_keeps_nothing_else_out(small: Server) -> None:
    doubtful = request("POST", PATH, {"Content-Length": "9", "Expect": "100-continue"})
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(small.connect())) for _ in range(90)]
        for client in clients:
            client.sendall(doubtful)
        assert ask(small, request("GET", "/healthz"), "GET").status == 200
        assert ask(small, delivery(id="d-beside-doubt")).status == 202
        assert one_is_told(clients, 503)


def one_is_told(clients: Sequence[socket.socket], status: int) -> bool:
    """Whether one gets this answer; on a busy machine nobody knows which, and others wait long."""
    left, end = set(clients), time.monotonic() + 60
    while left and time.monotonic() < end:
        ready, _, _ = select.select(left, [], [], end - time.monotonic())
        for client in ready:
            left.discard(client)
            with suppress(OSError, AssertionError):
                if read_answer(client).status == status:
                    return True
    return False


def test_those_who_are_silent_for_longest_make_room(small: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(small.connect())) for _ in range(3 * CONNECTIONS)]
        assert ask(small, delivery(id="d-after-all")).status == 202
        assert is_open(clients[-1])
        assert read_to_end(clients[0]) == b""


def test_of_too_much_in_memory_the_largest_goes(small: Server) -> None:
    head = request("POST", PATH, {"Transfer-Encoding": "chunked"})
    part = b"%x\r\n%b\r\n" % (900_000, b"x" * 900_000)
    whole = delivery(b'"%b"' % (b"y" * 400_000), "d-large")
    with closing(small.connect()) as greedy, closing(small.connect()) as honest:
        greedy.sendall(head + part)
        ask(small, request("GET", "/healthz"), "GET")
        honest.sendall(whole[:-1])
        assert read_answer(greedy).status == 503
        honest.sendall(whole[-1:])
        assert read_answer(honest).status == 202


def test_too_many_chunks_are_refused(small: Server) -> None:
    head = request("POST", PATH, {"Transfer-Encoding": "chunked"})
    with closing(small.connect()) as client:
        send(client, head + b"1\r\nx\r\n" * 20_000)
        assert read_answer(client).status == 413


def test_a_large_body_that_was_refused_is_not_waited_for(small: Server) -> None:
    for path in ("/v1/metrics", "/healthz", "/nowhere"):
        sent = request("POST", path, {"Content-Length": "900000000"}) + b"x"
        with closing(small.connect()) as client:
            client.sendall(sent)
            assert read_answer(client).status in (401, 404, 405, 413)
            assert read_to_end(client) == b""
