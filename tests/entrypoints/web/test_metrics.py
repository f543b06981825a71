"""Reporting requests over a real socket: who may, what is kept, and what is said otherwise."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.adapters.database import make_engine
from bot.adapters.database.migrate import downgrade
from bot.adapters.database.repositories import SqlRepositories
from bot.adapters.signals.stored import StoredRequests
from bot.domain.hosting import KnownRepository
from bot.domain.metrics import Request
from bot.entrypoints.web.access import is_one_of
from bot.entrypoints.web.application import Application, Parts
from bot.entrypoints.web.metrics import PATH
from bot.entrypoints.web.pages import MOST_BYTES

TOKENS = ("new-token", "old-token")
PATIENCE = 60.0


class Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        """Tests have no use for an access log."""


@contextmanager
def serving(url: str, tokens: tuple[str, ...] = TOKENS, minute: int = 100_000) -> Iterator[str]:
    """The application on a loopback port; its address."""
    parts = Parts(url, lambda _, __: False, tokens=tokens, requests_a_minute=minute)
    application = Application(parts)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        application.close()


async def let_in(url: str, *names: str) -> None:
    engine = make_engine(url)
    for number, name in enumerate(names):
        await SqlRepositories(engine).save(KnownRepository(number, name, 1, datetime.now(UTC)))
    await engine.dispose()


async def _read(url: str, repository: str) -> Sequence[Request]:
    engine = make_engine(url)
    now = datetime.now(UTC)
    span = now - timedelta(days=30), now + timedelta(days=30)
    found = await StoredRequests(engine, repository).requests(*span)
    await engine.dispose()
    return found


def kept(url: str, repository: str = "team/shop") -> Sequence[Request]:
    return asyncio.run(_read(url, repository))


@pytest.fixture
def known_url(database_url: str) -> str:
    """A database that knows two repositories."""
    asyncio.run(let_in(database_url, "team/shop", "team/other"))
    return database_url


@pytest.fixture
def address(known_url: str) -> Iterator[str]:
    with serving(known_url) as found:
        yield found


def item(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"at": now, "endpoint": "GET /a", "ms": 12.5, "failed": False, "commit": "abc"} | changes


def report(
    address: str,
    *items: Any,
    repository: str = "team/shop",
    token: str = "new-token",
    batch: str | None = None,
    **options: Any,
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
    if batch is not None:
        headers["Idempotency-Key"] = batch
    body = {"repository": repository, "requests": items}
    sent = options or {"json": body}
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        return client.post(address + PATH, headers=headers, **sent)


def problem(answer: httpx.Response, status: int) -> str:
    """The detail of a problem document of this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    return str(document["detail"])


class TestTaking:
    def test_what_is_accepted_is_there(self, address: str, known_url: str) -> None:
        at = datetime.now(UTC) - timedelta(hours=1)
        items = [item(at=at.isoformat()), item(at=at.timestamp() + 1, failed=True, endpoint="/é")]
        answer = report(address, *items)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 2})
        first, second = kept(known_url)
        assert first == Request(at, "GET /a", 12.5, failed=False, commit="abc")
        assert (second.endpoint, second.failed) == ("/é", True)
        assert kept(known_url, "team/other") == []

    def test_nothing_is_accepted_too(self, address: str) -> None:
        assert report(address).json() == {"accepted": 0}

    def test_a_full_report_is_taken(self, address: str, known_url: str) -> None:
        now = int(datetime.now(UTC).timestamp())
        rows = [
            {"at": now - n, "endpoint": "GET /a", "ms": n, "failed": False} for n in range(10_000)
        ]
        assert report(address, *rows).json() == {"accepted": 10_000}
        assert len(kept(known_url)) == 10_000

    def test_sent_again_with_its_key_it_counts_once(self, address: str, known_url: str) -> None:
        one = item()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: report(address, one, batch="b 1"), range(8)))
        assert [answer.json() for answer in answers] == [{"accepted": 1}] * 8
        assert len(kept(known_url)) == 1

    def test_a_key_is_not_good_for_other_requests(self, address: str, known_url: str) -> None:
        report(address, item(), batch="b")
        assert "Idempotency-Key" in problem(report(address, item(ms=1), batch="b"), 422)
        assert len(kept(known_url)) == 1

    @pytest.mark.parametrize("token", TOKENS)
    def test_while_tokens_rotate_each_is_good(self, address: str, token: str) -> None:
        assert report(address, item(), token=token).status_code == 202


class TestRefusing:
    @pytest.mark.parametrize("token", ["new", "new-token,old-token", "new-token2", "é"])
    def test_a_wrong_token(self, address: str, known_url: str, token: str) -> None:
        answer = report(address, item(), headers={"Authorization": b"Bearer " + token.encode()})
        assert "Bearer" in problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert kept(known_url) == []

    @pytest.mark.parametrize("header", ["", "new-token", "Basic new-token", "Bearernew-token"])
    def test_a_token_that_is_not_presented_as_one(self, address: str, header: str) -> None:
        problem(report(address, item(), headers={"Authorization": header}), 401)

    def test_nothing_is_looked_at_before_the_token(self, address: str) -> None:
        problem(report(address, token="wrong", content=b"{", headers={"Content-Type": "a/b"}), 401)

    def test_without_a_token_set_it_says_what_to_do(self, known_url: str) -> None:
        with serving(known_url, tokens=()) as address:
            for token in ("None", "new-token"):
                found = problem(report(address, item(), token=token), 401)
                assert "IRONCLAW_INTAKE_TOKEN" in found
                assert "ironclaw token create" in found

    def test_a_repository_that_nobody_let_us_into(self, address: str, known_url: str) -> None:
        answer = report(address, item(), repository="team/strange")
        assert "team/strange" in problem(answer, 404)
        assert kept(known_url, "team/strange") == []

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"at": "2020-01-01T00:00:00Z"}, "`at`"),
            ({"at": "noon"}, "`at`"),
            ({"ms": -1}, "`ms`"),
            ({"endpoint": "GET /\0"}, "`endpoint`"),
            ({"endpoint": "x" * 201}, "`endpoint`"),
            ({"failed": "no"}, "`failed`"),
        ],
    )
    def test_one_bad_request_is_named_and_nothing_kept(
        self, address: str, known_url: str, changes: dict[str, Any], named: str
    ) -> None:
        found = problem(report(address, item(), item(**changes), item()), 422)
        assert found.startswith(f"requests[1]: {named} ")
        assert kept(known_url) == []

    def test_more_than_a_batch_has(self, address: str, known_url: str) -> None:
        least = {"at": int(datetime.now(UTC).timestamp()), "endpoint": "/", "ms": 1, "failed": True}
        assert "10,000" in problem(report(address, *[least] * 10_001), 422)
        assert kept(known_url) == []

    def test_security_4_a_body_that_is_too_large(self, address: str) -> None:
        kind = {"Content-Type": "application/json"}
        answer = report(address, content=b" " * (MOST_BYTES + 1), headers=kind)
        assert "1,048,576" in problem(answer, 413)

    @pytest.mark.parametrize(
        "headers",
        [
            {"Content-Type": "text/plain"},
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        ],
    )
    def test_what_is_not_plain_json(self, address: str, headers: dict[str, str]) -> None:
        assert "application/json" in problem(report(address, content=b"{}", headers=headers), 415)

    def test_what_says_json_and_is_none(self, address: str) -> None:
        headers = {"Content-Type": "application/json"}
        problem(report(address, content=b"{", headers=headers), 400)

    @pytest.mark.parametrize("batch", ["", "x" * 201, "é"])
    def test_a_key_that_is_none(self, address: str, batch: str) -> None:
        answer = report(address, item(), headers={"Idempotency-Key": batch.encode()})
        assert "Idempotency-Key" in problem(answer, 400)

    def test_another_method(self, address: str) -> None:
        answer = httpx.get(address + PATH, timeout=PATIENCE, trust_env=False)
        problem(answer, 405)
        assert "POST" in answer.headers["Allow"]

    def test_what_cannot_be_stored_is_not_accepted(self, address: str, known_url: str) -> None:
        downgrade(known_url, "0002")
        answer = report(address, item())
        assert "again" in problem(answer, 503)
        assert answer.headers["Retry-After"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer ", "BEARER"])
def test_a_scheme_has_no_case(address: str, scheme: str) -> None:
    header = {"Authorization": f"{scheme} new-token"}
    assert report(address, item(), headers=header).status_code == 202


def test_a_token_has_case_and_none_is_good_where_none_is() -> None:
    assert is_one_of(b"new-token", TOKENS)
    assert not is_one_of(b"New-Token", TOKENS)
    assert not is_one_of(b"", TOKENS)
    assert not is_one_of(b"", ())


def test_the_program_takes_reports_with_the_tokens_of_its_settings(
    known_url: str, tmp_path: Path
) -> None:
    environment = os.environ | {
        "DATABASE_URL": known_url,
        "GITHUB_WEBHOOK_SECRET": "hush",
        "IRONCLAW_INTAKE_TOKEN": ", ".join(TOKENS),
        "IRONCLAW_DATA_DIR": str(tmp_path / "data"),
        "PORT": "0",
    }
    command = [sys.executable, "-c", "from bot.entrypoints.cli import main; main()", "web"]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            address = listening(program)
            assert report(address, item(), token="wrong").status_code == 401
            chunks = iter([b" " * MOST_BYTES, b" " * MOST_BYTES])
            kind = {"Content-Type": "application/json"}
            problem(report(address, content=chunks, headers=kind), 413)
            whole = json.dumps({"repository": "team/shop", "requests": [item()]}).encode()
            answer = report(address, content=iter([whole[:20], whole[20:]]), headers=kind)
            assert answer.json() == {"accepted": 1}
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(PATIENCE)
    assert len(kept(known_url)) == 1


def listening(program: "subprocess.Popen[str]") -> str:
    assert program.stdout is not None
    ready, _, _ = select.select([program.stdout], [], [], PATIENCE)
    assert ready, "the program does not start"
    return program.stdout.readline().rpartition(" ")[2].strip()


class TestTheReport:
    def ask(self, address: str, query: str = "", token: str = "new-token") -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            headers = {"Authorization": f"Bearer {token}"}
            path = "/api/v1/learning/performance/report"
            return client.get(f"{address}{path}?repository=team/shop{query}", headers=headers)

    def test_it_answers_what_was_reported(self, address: str) -> None:
        assert report(address, *[item(ms=500.0)] * 40).status_code == 202
        found = self.ask(address).json()
        assert (found["schema"], found["samples"], found["hours"]) == (1, 80, 24.0)
        assert [one["endpoint"] for one in found["bottlenecks"]] == ["GET /a"]
        assert found["overall_health_score"] == 40.0

    def test_without_data_there_is_no_score(self, address: str) -> None:
        assert self.ask(address, "&hours=1").json()["overall_health_score"] == 0.0

    def test_one_that_nobody_knows_is_not_found(self, address: str) -> None:
        headers = {"Authorization": "Bearer new-token"}
        path = f"{address}/api/v1/learning/performance/report"
        for query, named in (("?repository=team/none", "team/none"), ("", "without a name")):
            answer = httpx.get(f"{path}{query}", headers=headers, trust_env=False)
            assert named in problem(answer, 404)

    def test_it_is_only_for_those_with_a_token(self, address: str) -> None:
        problem(self.ask(address, token="wrong"), 401)

    @pytest.mark.parametrize("hours", ["", "0", "-1", "nan", "inf", "x", "1e-9", "9999999"])
    def test_a_strange_span_is_refused(self, address: str, hours: str) -> None:
        assert "`hours`" in problem(self.ask(address, f"&hours={hours}"), 400)
