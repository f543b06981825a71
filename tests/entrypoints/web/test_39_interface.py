"""Test 39: nothing of B for A, strange texts stay texts, and the document says all answers."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.domain.improvement import State
from tests.entrypoints.web.api_calls import NOW, OTHER, ROOT, Api, client_of, keep, stored, token
from tests.entrypoints.web.serving import environment, ironclaw, started
from tests.entrypoints.web.test_metrics import known_url, let_in, serving

__all__ = ["known_url"]

MARK = "belongs-to-b"
STRANGE = (
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "\x00\x1b[31m\u202e",
)


@pytest.fixture
def sqlite_known(sqlite_url: str) -> str:
    """A database that knows two repositories, where the other kind would show nothing more."""
    asyncio.run(let_in(sqlite_url, "team/shop", "team/other"))
    return sqlite_url


def document(address: str) -> dict[str, Any]:
    with client_of(address) as client:
        found: dict[str, Any] = client.get("/openapi/openapi.json").json()
    return found


def test_security_39_a_crawl_as_a_finds_nothing_of_b(known_url: str) -> None:
    theirs = stored(
        9,
        "team/other",
        state=State.WATCHING,
        reason=MARK,
        merge_sha="c" * 40,
        deployed_at=NOW,
        branch=MARK,
    )
    keep(known_url, stored(1), theirs)
    with serving(known_url) as address:
        a, b = Api(address, token(known_url)), Api(address, token(known_url, repository=OTHER))
        job = b.post(f"/improvements/{theirs.id}/test", {"reason": MARK}).json()["id"]
        b.post(
            "/feedback",
            {
                "user_id": "ann",
                "message_id": "m",
                "feedback_type": "thumbs_up",
                "model_used": MARK,
                "task_type": MARK,
                "repository": "team/other",
            },
        )
        asked = 0
        for path, item in document(address)["paths"].items():
            if not path.startswith(ROOT):
                continue
            for id in (theirs.id, job):
                for query in ("", "?repository=team/other", "?user_id=ann&repository=team/other"):
                    for method in item:
                        url = path.removeprefix(ROOT).replace("{id}", id) + query
                        answer = a.get(url) if method == "get" else a.post(url, {})
                        asked += 1
                        assert MARK not in answer.text, url
                        assert theirs.id not in answer.text, url
                        if "{id}" in path:
                            unknown = path.removeprefix(ROOT).replace("{id}", "f" * 12) + query
                            same = a.get(unknown) if method == "get" else a.post(unknown, {})
                            assert (answer.status_code, answer.content) == (
                                same.status_code,
                                same.content,
                            )
        assert asked > 50
        # What is hidden from A is there for B.
        assert b.get(f"/improvements/{theirs.id}").json()["reason"] == MARK
        assert MARK in b.get("/deployments/history").text
        assert b.get(f"/jobs/{job}").status_code == 200


@pytest.mark.parametrize("text", STRANGE)
def test_security_39_strange_texts_stay_texts(sqlite_known: str, text: str) -> None:
    keep(sqlite_known, stored(1, reason=text))
    with serving(sqlite_known) as address:
        answer = Api(address, token(sqlite_known)).get(f"/improvements/{stored(1).id}")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.json()["reason"] == text


def test_security_39_no_cookie_lets_anyone_in(sqlite_known: str) -> None:
    """Nothing that a browser sends by itself counts, so no other site can act through it."""
    keep(sqlite_known, stored(1))
    made = token(sqlite_known)
    with (
        serving(sqlite_known) as address,
        client_of(address) as client,
    ):
        for headers in ({"Cookie": f"token={made}"}, {"Authorization": f"Basic {made}"}):
            path = f"{ROOT}/improvements/{stored(1).id}/test"
            assert client.post(path, json={}, headers=headers).status_code == 401


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.mark.soak
@pytest.mark.parametrize("known", [True, False], ids=["with a token", "without"])
def test_security_39_no_answer_is_undocumented(
    sqlite_known: str, tmp_path: Path, *, known: bool
) -> None:
    held_against_the_document(sqlite_known, tmp_path, known=known, examples=30)


def held_against_the_document(url: str, place: Path, *, known: bool, examples: int) -> None:
    """Ask every operation, rightly and wrongly, and hold each answer against the document."""
    keep(url, stored(1), stored(2, state=State.OPEN))
    made = token(url)
    headers = {"Authorization": f"Bearer {made}"} if known else {}
    plenty = environment(url, place / "data", IRONCLAW_REQUESTS_PER_MINUTE="1000000")
    with started(ironclaw("web"), plenty, place / "web.log") as server:
        address = f"http://127.0.0.1:{server.port}"
        schema = schemathesis.openapi.from_dict(document(address))
        schema.config.update(base_url=address)
        names = []
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            names.append(operation.label)
            for mode in GenerationMode:

                @given(case=operation.as_strategy(generation_mode=mode))
                @settings(
                    max_examples=examples,
                    derandomize=True,
                    database=None,
                    deadline=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
                def hold(case: schemathesis.Case[Any]) -> None:
                    if "{id}" in case.path and len(case.path_parameters["id"]) % 2:
                        case.path_parameters["id"] = stored(1).id
                    case.call_and_validate(checks=list(CHECKS), headers=headers)

                # What takes nothing cannot be asked wrongly.
                with suppress(Unsatisfiable):
                    hold()
        assert "POST /api/v1/learning/improvements/{id}/rollback" in names
        assert "POST /v1/traces" in names
