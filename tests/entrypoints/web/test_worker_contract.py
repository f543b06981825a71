"""Our worker class answers the same bytes with the same bytes as gunicorn's own gthread."""

import json
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.entrypoints.web.webhook import MOST_BYTES, PATH
from tests.entrypoints.web.serving import (
    Server,
    delivery,
    environment,
    read_to_end,
    request,
    send,
    signature,
    started,
)

BODY = b'{"action": "opened"}'
GOOD = delivery(BODY)
LAST = delivery(BODY, "d-last", Connection="close")
"""After which every server closes, so that a test knows the end of the answers."""


class Pair(NamedTuple):
    """The same application under either worker class, each with a database of its own."""

    gthread: Server
    ours: Server


@pytest.fixture(scope="module")
def pair(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as stack:
        servers = []
        for kind in ("gthread", "ours"):
            place = tmp_path_factory.mktemp(kind)
            url = f"sqlite:///{shutil.copy(sqlite_template, place / 'ironclaw.db')}"
            argv = ["-m", "tests.entrypoints.web.plain", url, kind, "60"]
            servers.append(
                stack.enter_context(started(argv, environment(url, place), place / "log"))
            )
        yield Pair(*servers)


def answers(server: Server, parts: tuple[bytes, ...], ending: str) -> bytes:
    """Everything that comes back, without the moments and the order of allowed methods."""
    with closing(server.connect()) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, part in enumerate(parts):
            if number:
                time.sleep(0.02)  # So that the parts arrive one by one.
            send(client, part)
        if ending == "half":
            client.shutdown(socket.SHUT_WR)
        told = re.sub(rb"Date: [^\r]*", b"Date: now", read_to_end(client))
        return re.sub(rb"Allow: ([^\r]*)", _sorted_methods, told)


def _sorted_methods(found: re.Match[bytes]) -> bytes:
    return b"Allow: " + b", ".join(sorted(found[1].split(b", ")))


def assert_same(pair: Pair, *parts: bytes, ending: str = "") -> bytes:
    expected = answers(pair.gthread, parts, ending)
    assert answers(pair.ours, parts, ending) == expected
    return expected


def changed(old: bytes, new: bytes) -> bytes:
    """A delivery with that part of its head replaced; it ends the connection."""
    assert LAST.count(old) == 1
    return LAST.replace(old, new)


def with_header(line: bytes) -> bytes:
    return changed(b"Host: ", line + b"\r\nHost: ")


ORDINARY = [
    request("GET", "/healthz", {"Connection": "close"}),
    request("HEAD", "/healthz", {"Connection": "close"}),
    request("GET", PATH, {"Connection": "close"}),
    request("HEAD", PATH, {"Connection": "close"}),
    request("POST", "/healthz", {"Connection": "close", "Content-Length": "2"}) + b"{}",
    request("GET", "/nothing/here", {"Connection": "close"}),
    request("OPTIONS", "*", {"Connection": "close"}),
    request("PUT", PATH, {"Connection": "close", "Content-Length": "2"}) + b"{}",
    request("POST", PATH, {"Connection": "close"}),
    request("POST", f"{PATH}?x=1", {"Connection": "close", "Content-Length": "2"}) + b"{}",
    request("POST", f"{PATH}/", {"Connection": "close", "Content-Length": "2"}) + b"{}",
    request("POST", PATH.replace("w", "%77"), {"Connection": "close", "Content-Length": "0"}),
    b"GET /healthz HTTP/1.0\r\n\r\n",
    b"GET /healthz HTTP/1.0\r\nConnection: close\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
]
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
TO_CHUNKS = changed(b"Content-Length: 20", b"Transfer-Encoding: chunked").removesuffix(BODY)
DELIVERIES = [
    LAST,
    changed(b"sha256=", b"sha1="),
    changed(signature(BODY)[-4:].encode(), b"0000"),
    changed(b"X-Hub-Signature-256", b"X-Hub-Signature"),
    changed(b"X-GitHub-Delivery: d-last", b"X-GitHub-Delivery: d last"),
    changed(b"X-GitHub-Delivery: d-last", b"X-GitHub-Delivery: "),
    changed(b"X-GitHub-Event: push", b"X-GitHub-Event: PUSH"),
    changed(b"X-GitHub-Event", b"x-github-EVENT"),
    changed(b"X-GitHub-Event", b"X_GitHub_Event"),
    changed(b"X-GitHub-Event: push", b"X-GitHub-Event:\t push \t"),
    changed(b"X-GitHub-Event: push", b"X-GitHub-Event: push\r\nX-GitHub-Event: push"),
    changed(b"Connection: close", b"connection: CLOSE"),
    changed(b"Connection: close", b"Connection: close, x\r\nConnection: close"),
    changed(b"HTTP/1.1", b"HTTP/1.0"),
    changed(b"Host: ironclaw.example\r\n", b""),
    with_header(b"Host: other"),
    with_header(b"Content-Type: a/b\r\nContent-Type: a/b"),
    with_header(b"Content-Length: 20"),
    with_header(b"Content-Length: 21"),
    changed(b"Content-Length: 20", b"Content-Length: 00000020"),
    changed(b"Content-Length: 20", b"Content-Length: 000000000020"),
    changed(b"Content-Length: 20", b"Content-Length: +20"),
    changed(b"Content-Length: 20", b"Content-Length: -1"),
    changed(b"Content-Length: 20", b"Content-Length: 0x14"),
    changed(b"Content-Length: 20", b"Content-Length: 20, 20"),
    changed(b"Content-Length: 20", b"Content-Length: 10"),
    changed(b"Content-Length: 20", b"Content-Length: %d" % (MOST_BYTES + 1)),
    changed(b"Content-Length: 20", b"Content-Length: 99999999999999999999"),
    with_header(b"Transfer-Encoding: chunked"),
    with_header(b"Transfer-Encoding: identity"),
    TO_CHUNKS + CHUNKED,
    TO_CHUNKS.replace(b"chunked", b"Chunked") + CHUNKED,
    TO_CHUNKS.replace(b"chunked", b"gzip, chunked") + CHUNKED,
    TO_CHUNKS + CHUNKED.replace(b"0\r\n\r\n", b"0\r\nX-Trailer: 1\r\n\r\n"),
    TO_CHUNKS + b"zz\r\n" + BODY,
    TO_CHUNKS + b"14;x=1\r\n" + BODY + b"\r\n0\r\n\r\n",
    with_header(b"Expect: 100-continue"),
    with_header(b"Expect: 200-ok"),
    with_header(b"Upgrade: websocket"),
    with_header(b"TE: trailers"),
    with_header(b"X-Forwarded-Proto: https"),
    with_header(b"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off"),
    with_header(b"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http"),
    with_header(b"SCRIPT_NAME: /x"),
    with_header(b"PATH_INFO: /x"),
    with_header(b"X Y: 1"),
    with_header(b"X-Y : 1"),
    with_header(b": 1"),
    with_header(b"X-Y"),
    with_header(b" folded: 1"),
    with_header(b"X-Y: a\r\n folded"),
    with_header(b"X-Y: a\x00b"),
    with_header(b"X-Y: a\rb"),
    with_header(b"X-Y: a\nb: c"),
    with_header(b"X-Y: \xff"),
    with_header(b"X-\xff: 1"),
    with_header(b"X-Y: a\x7f"),
    with_header(b"X-Y: " + b"a" * 7_000),
    with_header(b"X-Y: " + b"a" * 8_185),
    with_header(b"X-Y: " + b"a" * 9_000),
    with_header(b"\r\n".join(b"X-%d: 1" % number for number in range(94))),
    with_header(b"\r\n".join(b"X-%d: 1" % number for number in range(95))),
    with_header(b"\r\n".join(b"X-%d: 1" % number for number in range(200))),
    changed(b"POST ", b"post "),
    changed(b"POST ", b"POST  "),
    changed(b"POST " + PATH.encode(), b"POST " + b"/x" * 3_000),
    changed(b"HTTP/1.1", b"HTTP/2.0"),
    changed(b"HTTP/1.1", b"HTTP/1.2"),
    changed(b"HTTP/1.1\r\n", b"HTTP/1.1\n"),
    changed(b"HTTP/1.1\r\n", b"HTTP/1.1 \r\n"),
    b"\r\n" + LAST,
    b"\r\n\r\n" + LAST,
    LAST + b"more that nobody asked for",
]
REFUSED_AT_ONCE = [
    b"nonsense\r\n",
    b"GET /\r\n",
    b"GET / HTTP/3\r\n",
    b"get / HTTP/1.1\r\n",
    b"POST / HTTP/1.1\n",
    b"POST / HTTP/1.1\r\nHost: a\n",
    b"GET /" + b"x" * 5_000,
    b"\x16\x03\x01\x02\x00\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.mark.parametrize("sent", ORDINARY)
def test_what_is_no_delivery_is_answered_alike(pair: Pair, sent: bytes) -> None:
    assert assert_same(pair, sent)


@pytest.mark.parametrize("sent", DELIVERIES)
def test_a_delivery_in_any_dress_is_answered_alike(pair: Pair, sent: bytes) -> None:
    assert assert_same(pair, sent, ending="half")


@pytest.mark.parametrize("sent", REFUSED_AT_ONCE)
def test_nonsense_is_refused_without_waiting_for_more(pair: Pair, sent: bytes) -> None:
    assert assert_same(pair, sent).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("sent", "status", "named"),
    [
        (b"nonsense\r\n\r\n", 400, "nonsense"),
        (b"GET / HTTP/3\r\n\r\n", 400, "HTTP Version"),
        (with_header(b"X Y: 1"), 400, "X Y"),
        (with_header(b"Expect: 200-ok"), 417, "200-ok"),
        (with_header(b"X-Y: " + b"a" * 9_000), 431, "header"),
        (b"GET /" + b"x" * 5_000, 414, "too large"),
        (TO_CHUNKS.replace(b"chunked", b"wonky"), 501, "transfer coding"),
    ],
)
def test_a_refusal_is_a_problem_document(pair: Pair, sent: bytes, status: int, named: str) -> None:
    head, _, body = assert_same(pair, sent, ending="half").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nContent-Type: application/problem+json" in head
    problem = json.loads(body)
    assert problem["status"] == status
    assert named in problem["detail"]


@pytest.mark.parametrize(
    "parts",
    [
        (GOOD, GOOD, LAST),
        (GOOD + GOOD + LAST,),
        (GOOD * 50 + LAST,),
        (GOOD[:-3], GOOD[-3:] + GOOD[:10], GOOD[10:] + LAST),
        (GOOD + request("GET", "/healthz") + GOOD + LAST,),
        (request("GET", "/healthz") + request("GET", "/healthz") + LAST,),
        (delivery(BODY, secret="other") + GOOD + LAST,),
        (TO_CHUNKS.replace(b"Connection: close\r\n", b"") + CHUNKED + GOOD + LAST,),
        (TO_CHUNKS, CHUNKED[:5], CHUNKED[5:]),
        (request("POST", "/healthz", {"Content-Length": "9"}) + b"unread me" + LAST,),
        (changed(b"Connection: close", b"Connection: keep-alive") + LAST,),
        (LAST + GOOD,),
        (LAST[:1], LAST[1:]),
        (LAST[:40], LAST[40:-20], LAST[-20:]),
        (with_header(b"Expect: 100-continue")[:-20], BODY),
    ],
)
def test_one_after_the_other_on_one_connection(pair: Pair, parts: tuple[bytes, ...]) -> None:
    found = assert_same(pair, *parts)
    assert b"HTTP/1.1 202" in found or b"HTTP/1.1 200" in found


@pytest.mark.parametrize("length", [0, 1, 30, 60, len(GOOD) - 21, len(GOOD) - 20, len(GOOD) - 1])
def test_what_is_cut_off_is_answered_alike(pair: Pair, length: int) -> None:
    assert_same(pair, GOOD[:length], ending="half")
    assert_same(pair, GOOD, GOOD[:length], ending="half")


def test_who_goes_away_disturbs_nobody(pair: Pair) -> None:
    for server in pair:
        for length in (0, 1, 60, len(GOOD) - 1, len(GOOD)):
            for reset in (False, True):
                client = server.connect()
                client.sendall(GOOD[:length])
                if reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.close()
    assert_same(pair, GOOD + LAST)


PIECES = st.sampled_from(
    [
        *(b"POST /webhooks/github HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\n", b"POST / HTTP/1.0"),
        *(
            b"Host: a\r\n",
            b"Content-Length: 2\r\n",
            b"Content-Length: 0\r\n",
            b"Connection: close\r\n",
        ),
        *(
            b"Transfer-Encoding: chunked\r\n",
            b"0\r\n\r\n",
            b"2\r\n{}\r\n",
            b"\r\n",
            b"\n",
            b"{}",
            b" ",
        ),
        *(b"X-GitHub-Event: push\r\n", b"X-GitHub-Delivery: d\r\n", b"Expect: 100-continue\r\n"),
        *(
            f"X-Hub-Signature-256: {signature(b'{}')}\r\n".encode(),
            b"\xff",
            b"\x00",
            b":",
            b"_: 1\r\n",
        ),
    ]
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PIECES, max_size=14))
def test_any_bytes_at_all_are_answered_alike(pair: Pair, pieces: list[bytes]) -> None:
    assert_same(pair, b"".join(pieces), ending="half")
