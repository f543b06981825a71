"""Deliveries over real sockets into two web processes, on both databases."""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import text

from bot.adapters.database.engine import make_blocking_engine
from bot.adapters.database.packing import unpack
from bot.entrypoints.web.webhook import MOST_BYTES, PATH
from tests.adapters.engine.inside import Seen, worker
from tests.adapters.engine.inside import ask as select
from tests.adapters.engine.processes import soon
from tests.entrypoints.web.conftest import Web
from tests.entrypoints.web.serving import (
    Answer,
    ask,
    delivery,
    read_answer,
    request,
    send,
)

VECTOR_BODY = b"Hello, World!"
VECTOR = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
PROBLEM = "application/problem+json"
_numbers = itertools.count()


def fresh(name: str = "d") -> str:
    return f"{name}-{next(_numbers)}"


def rows(web: Web, id: str) -> int:
    return int(select(web.url, "SELECT count(*) FROM delivery WHERE id = :id", id=id)[0][0])


def body_of(web: Web, id: str) -> bytes:
    """As whoever reads deliveries gets it."""
    (row,) = select(web.url, "SELECT body FROM delivery WHERE id = :id", id=id)
    return unpack(bytes(row[0]))


def assert_problem(answer: Answer, status: int) -> None:
    document = json.loads(answer.body)
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM)
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["detail"].endswith(".")


def test_security_1_the_official_vector_is_kept_as_it_came(web: Web) -> None:
    id = fresh()
    sent = delivery(VECTOR_BODY, id)
    assert VECTOR.encode() in sent
    answer = ask(web.server, sent)
    assert (answer.status, json.loads(answer.body)) == (202, {"status": "accepted"})
    assert body_of(web, id) == VECTOR_BODY


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        f"sha1={'0' * 40}",
        VECTOR.replace("sha256", "sha1"),
        VECTOR.replace("sha256", "SHA256"),
        VECTOR.removeprefix("sha256="),
        VECTOR.upper(),
        "sha256=" + VECTOR.removeprefix("sha256=").upper(),
        VECTOR[:-1] + "6",
        VECTOR + "0",
        f"{VECTOR}, {VECTOR}",
        "sha256=\xe9" + VECTOR[8:],
    ],
)
def test_security_1_another_signature_is_refused_and_nothing_kept(web: Web, header: str) -> None:
    id = fresh()
    assert_problem(ask(web.server, delivery(VECTOR_BODY, id, X_Hub_Signature_256=header)), 401)
    assert rows(web, id) == 0


def test_security_1_no_signature_or_one_flipped_bit_of_the_body_is_refused(web: Web) -> None:
    id = fresh()
    sent = delivery(VECTOR_BODY, id)
    unsigned = sent.replace(b"X-Hub-Signature-256", b"X-Hub-Signature")
    for wrong in (unsigned, sent[:-1] + bytes([sent[-1] ^ 1])):
        assert_problem(ask(web.server, wrong), 401)
    assert rows(web, id) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_security_1_the_signature_is_looked_at_before_anything_else(web: Web, body: bytes) -> None:
    id = fresh()
    wrong = delivery(body, "no such id!", "NO EVENT", secret="other")
    assert_problem(ask(web.server, wrong), 401)
    assert ask(web.server, delivery(body, id)).status == 202
    assert body_of(web, id) == body


@pytest.mark.parametrize(
    ("id", "event"), [("", "push"), ("a b", "push"), ("x" * 101, "push"), ("d", ""), ("d", "Push")]
)
def test_security_1_a_signed_one_without_a_name_is_told_what_is_missing(
    web: Web, id: str, event: str
) -> None:
    assert_problem(ask(web.server, delivery(b"{}", id, event)), 400)


@pytest.mark.parametrize("times", [1, 2, 50])
def test_security_2_one_delivery_again_and_again_is_one_row(web: Web, times: int) -> None:
    id = fresh()
    assert {ask(web.server, delivery(b"{}", id)).status for _ in range(times)} == {202}
    assert rows(web, id) == 1


async def test_security_2_fifty_at_once_over_two_processes_are_one_row_and_one_job(
    web: Web,
) -> None:
    id, body = fresh(), b"team/replayed"
    clients = [web.server.connect() for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda client: send(client, delivery(body, id)), clients))
        found = list(pool.map(read_answer, clients))
    for client in clients:
        client.close()
    assert {answer.status for answer in found} == {202}
    assert rows(web, id) == 1
    seen = Seen()

    def done() -> int:
        return [job.key for job in seen.jobs].count("repository/team/replayed")

    async with worker(web.url, seen.handle):
        await soon(lambda: done() > 0)
        assert ask(web.server, delivery(body, id)).status == 202
        await soon(lambda: "received" not in states(web))
    assert done() == 1


def states(web: Web) -> set[str]:
    return {str(state) for (state,) in select(web.url, "SELECT state FROM delivery")}


@contextmanager
def locked(web: Web) -> Iterator[None]:
    """Nobody else can write to the table meanwhile."""
    engine = make_blocking_engine(web.url)
    with engine.connect() as connection:
        is_file = engine.dialect.name == "sqlite"
        if is_file:
            connection.execute(text("UPDATE delivery SET why = '' WHERE id = ''"))
        else:
            connection.execute(text("LOCK TABLE delivery"))
        yield
        connection.rollback()
    engine.dispose()


def test_security_3_a_locked_database_delays_the_answer_and_loses_nothing(web: Web) -> None:
    id = fresh()
    with closing(web.server.connect()) as client:
        with locked(web):
            client.sendall(delivery(b"{}", id))
            # Others are answered meanwhile: what waits holds no thread.
            assert ask(web.server, request("GET", "/healthz"), "GET").status == 200
        assert read_answer(client).status == 202
    assert rows(web, id) == 1


def test_security_3_what_cannot_be_kept_is_not_acknowledged(web: Web) -> None:
    id = fresh()
    select(web.url, "ALTER TABLE delivery RENAME TO hidden")
    try:
        assert_problem(ask(web.server, delivery(b"{}", id)), 503)
        ready = ask(web.server, request("GET", "/readyz"), "GET")
        assert (ready.status, json.loads(ready.body)) == (503, {"database": "cannot be used"})
    finally:
        select(web.url, "ALTER TABLE hidden RENAME TO delivery")
    assert ask(web.server, delivery(b"{}", id)).status == 202
    assert rows(web, id) == 1
    assert ask(web.server, request("GET", "/readyz"), "GET").status == 200


def test_security_4_the_largest_delivery_is_kept(web: Web) -> None:
    id, body = fresh(), b"x" * MOST_BYTES
    assert ask(web.server, delivery(body, id)).status == 202
    kept = body_of(web, id)
    assert kept == body
    select(web.url, "DELETE FROM delivery WHERE id = :id", id=id)


def test_security_4_one_byte_more_is_refused_by_its_length_alone(web: Web) -> None:
    head = delivery(Content_Length=str(MOST_BYTES + 1)).removesuffix(b"{}")
    assert_problem(ask(web.server, head), 413)
    assert_problem(ask(web.server, head + b"x" * 200_000), 413)


def test_security_4_chunks_without_a_length_are_bounded(web: Web) -> None:
    id = fresh()
    head = request("POST", PATH, {"Transfer-Encoding": "chunked", "X-GitHub-Delivery": id})
    chunk = b"%x\r\n%b\r\n" % (1024 * 1024, b"x" * 1024 * 1024)
    with closing(web.server.connect()) as client:
        send(client, head + chunk * 26)
        assert_problem(read_answer(client), 413)
    assert rows(web, id) == 0


def test_security_4_slow_clients_hold_up_nobody(web: Web) -> None:
    parts = (b"P", b"GET /healthz HTTP/1.1\r\nHost:", delivery()[:60], delivery()[:-1])
    slow = [web.server.connect() for _ in range(200)]
    for number, client in enumerate(slow):
        client.sendall(parts[number % len(parts)])
    assert ask(web.server, delivery(b"{}", fresh())).status == 202
    assert ask(web.server, request("GET", "/healthz"), "GET").status == 200
    for client in slow:
        client.close()


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("never_heard_of", b'{"action": "unheard"}'),
        ("projects_v2_item", b'{"action": "archived"}'),
        ("pull_request", b'{"action": null, "repository": null, "pull_request": null}'),
        ("pull_request", b'{"action": "opened", "added": {"later": [1, 2]}}'),
        ("issue_comment", '{"comment": {"body": "\N{CRAB}\N{GRINNING FACE}"}}'.encode()),
        ("push", b'{"x":' * 1_000 + b"1" + b"}" * 1_000),
        ("push", b'{"ref": "\\u0000\\ud800"}'),
        ("push", b"\x00\xff"),
        ("ping", b"[]"),
    ],
)
def test_security_7_whatever_it_says_it_is_kept_byte_by_byte(
    web: Web, event: str, body: bytes
) -> None:
    id = fresh()
    assert ask(web.server, delivery(body, id, event)).status == 202
    assert body_of(web, id) == body


def test_another_method_is_told_the_right_one(web: Web) -> None:
    answer = ask(web.server, request("GET", PATH), "GET")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_health_readiness_and_the_start_page(web: Web) -> None:
    health, ready, page, nothing = (
        ask(web.server, request("GET", path), "GET")
        for path in ("/healthz", "/readyz", "/", "/nothing")
    )
    assert json.loads(health.body)["status"] == "ok"
    assert (ready.status, json.loads(ready.body)) == (200, {"database": "ok"})
    assert page.status == 503
    assert b"GITHUB_CLIENT_ID" in page.body
    assert_problem(nothing, 404)
    for answer in (health, ready, page, nothing):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
