"""One measurement file over a real socket: who may send it, what is kept, what is refused."""

import asyncio
import gzip
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from bot.adapters.database import make_engine, store_factory
from bot.domain.api_tokens import Scope
from bot.domain.measured import BenchmarkResult
from bot.entrypoints.web.files import PATH
from bot.entrypoints.web.pages import MOST_BYTES
from tests.entrypoints.web.api_calls import OTHER, client_of, token
from tests.entrypoints.web.test_35_workflows import AUDIENCE, issuer
from tests.entrypoints.web.test_35_workflows import address as actions_address
from tests.entrypoints.web.test_metrics import known_url, problem, serving
from tests.fakes.issuer import FakeIssuer

__all__ = ["actions_address", "issuer", "known_url"]

COMMIT = "c" * 40
FOLDED = b"main (a.py:1);work (a.py:9) 12\nmain (a.py:1) 3\n"


def hyperfine(mean: float = 0.1) -> bytes:
    times = [mean, mean]
    one = {"command": "sort", "mean": mean, "median": mean, "times": times}
    return json.dumps({"results": [one]}).encode()


@pytest.fixture
def address(known_url: str) -> Iterator[str]:
    with serving(known_url) as found:
        yield found


def send(
    address: str, body: bytes, token: str = "new-token", encoding: str = "", **query: Any
) -> httpx.Response:
    # What curl sends with --data-binary, where nobody says otherwise.
    form = "application/x-www-form-urlencoded"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": form}
    if encoding:
        headers["Content-Encoding"] = encoding
    params = {"repository": "team/shop", **query}
    with client_of(address) as client:
        return client.post(PATH, content=body, params=params, headers=headers)


def kept(url: str, repository: str = "team/shop") -> Sequence[BenchmarkResult]:
    async def read() -> Sequence[BenchmarkResult]:
        engine = make_engine(url)
        async with store_factory(engine)() as store:
            found = await store.benchmarks(repository)
        await engine.dispose()
        return found

    return asyncio.run(read())


def test_a_file_is_kept_once_under_the_name_that_the_host_writes(
    address: str, known_url: str
) -> None:
    answer = send(address, hyperfine(), repository="Team/Shop", name="bench.json", commit=COMMIT)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["file"], said["kind"], said["kept"]) == ("bench.json", "hyperfine", True)
    again = send(address, hyperfine(), name="other.json")
    assert (again.status_code, again.json()["kept"]) == (200, False)
    # The packed bytes are the same file.
    packed = send(address, gzip.compress(hyperfine()), encoding="gzip")
    assert (packed.status_code, packed.json()["kept"]) == (200, False)
    found = kept(known_url)
    assert {one.commit for one in found} == {COMMIT}
    assert [one.value for one in found if one.unit == "s"] == [0.1]


def test_a_profile_is_kept_and_a_chosen_kind_is_another_reading(
    address: str, known_url: str
) -> None:
    answer = send(address, FOLDED, commit=COMMIT)
    assert (answer.status_code, answer.json()["kind"]) == (201, "folded"), answer.text
    # Of a thousand threads the answer would be longer than anybody reads.
    assert "profiles" not in answer.json()
    assert answer.json()["functions"] == 2
    values = json.dumps([{"name": "a", "unit": "ms", "value": 3}]).encode()
    for kind in ("custom-bigger", "custom-smaller"):
        answer = send(address, values, kind=kind)
        assert (answer.status_code, answer.json()["kind"]) == (201, kind), answer.text
    directions = [one.direction.value for one in kept(known_url)]
    assert len(set(directions)) == 2


def test_nobody_sends_without_a_token_that_may(address: str, known_url: str) -> None:
    problem(send(address, hyperfine(), "wrong"), 401)
    reader = token(known_url, Scope.READ)
    assert "may not report" in problem(send(address, hyperfine(), reader), 403)
    others = token(known_url, Scope.REPORT, repository=OTHER)
    problem(send(address, hyperfine(), others), 403)
    assert send(address, hyperfine(), others, repository="team/other").status_code == 201
    assert not kept(known_url)


def test_a_workflow_sends_for_its_own_repository_once_a_token(
    actions_address: str, database_url: str, issuer: FakeIssuer
) -> None:
    once = issuer.token(AUDIENCE)
    assert send(actions_address, hyperfine(), once).status_code == 201
    problem(send(actions_address, hyperfine(0.2), once), 401)
    problem(send(actions_address, hyperfine(), issuer.token(AUDIENCE), repository="a/b"), 403)
    pull = issuer.token(AUDIENCE, event_name="pull_request")
    assert "pull request" in problem(send(actions_address, hyperfine(0.2), pull), 401)
    assert {one.value for one in kept(database_url)} <= {0.1}


@pytest.mark.parametrize(
    ("body", "query", "status", "word"),
    [
        (b"{}", {}, 422, "no known format"),
        (b"", {}, 422, "empty"),
        (hyperfine()[:-3], {}, 422, ""),
        (hyperfine(), {"kind": "asv"}, 422, "not of the kind asv"),
        (hyperfine(), {"kind": "pickle"}, 400, "`kind`"),
        (hyperfine(), {"commit": "main"}, 400, "`commit`"),
        (hyperfine(), {"name": "../a"}, 400, "`name`"),
        (hyperfine(), {"name": ""}, 400, "`name`"),
        (hyperfine(), {"repository": "shop"}, 400, "`repository`"),
        (hyperfine(), {"repository": "team/\0"}, 400, "`repository`"),
        (hyperfine(), {"repository": "team/unknown"}, 404, "let into"),
        (b"x" * (MOST_BYTES + 1), {}, 413, "at most"),
        (gzip.compress(b" " * (17 * 1024 * 1024)), {"encoding": "gzip"}, 413, "unpacked"),
        (gzip.compress(b" " * (17 * 1024 * 1024)), {}, 422, "unpacks to"),
        (b"no gzip", {"encoding": "gzip"}, 400, "gzip"),
        (hyperfine(), {"encoding": "br"}, 415, "gzip"),
    ],
)
def test_what_cannot_be_taken_is_told_what_to_do(
    address: str, known_url: str, body: bytes, query: dict[str, Any], status: int, word: str
) -> None:
    assert word in problem(send(address, body, **query), status)
    assert not kept(known_url)


def test_the_document_tells_of_it(address: str) -> None:
    with client_of(address) as client:
        paths = client.get("/openapi/openapi.json").json()["paths"]
        names = [one["name"] for one in paths[PATH]["post"]["parameters"]]
    assert names == ["repository", "name", "commit", "kind"]
