"""Test 35 over real sockets: a workflow reports for its own repository with what GitHub signed."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from werkzeug.serving import make_server

from bot.adapters.database.repositories import SqlRepositories
from bot.adapters.github.actions_tokens import ActionsTokens
from bot.domain.actions_identity import Doubted, Proven
from bot.domain.hosting import KnownRepository, Standing
from bot.entrypoints.web.application import Application, Parts
from bot.ports import HostError
from tests.entrypoints.web.api_calls import ask
from tests.entrypoints.web.test_metrics import Quiet, item, kept, report
from tests.fakes.issuer import FakeIssuer, Key

AUDIENCE = "https://ironclaw.example.org"
SHOP = KnownRepository(1, "team/shop", 7, datetime.now(UTC), state=Standing.ACTIVE)


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with FakeIssuer() as made:
        yield made


@pytest.fixture
def address(database_url: str, issuer: FakeIssuer) -> Iterator[str]:
    save(database_url, SHOP)
    parts = Parts(database_url, lambda _, __: False, issuer=issuer.issuer, audience=AUDIENCE)
    application = Application(parts)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    application.close()


def save(url: str, known: KnownRepository) -> None:
    ask(url, lambda engine: SqlRepositories(engine).save(known))


def send(address: str, token: str, repository: str = "team/shop") -> httpx.Response:
    return report(address, item(), repository=repository, token=token)


def refused(answer: httpx.Response, *why: str) -> None:
    assert answer.status_code == 401, answer.text
    assert all(word in answer.json()["detail"] for word in why), answer.text


def test_a_workflow_reports_for_its_own_repository(
    address: str, database_url: str, issuer: FakeIssuer
) -> None:
    assert send(address, issuer.token(AUDIENCE)).status_code == 202
    assert len(kept(database_url)) == 1
    assert send(address, issuer.token(AUDIENCE), "team/other").status_code == 403


def test_security_35_it_may_report_and_nothing_else(address: str, issuer: FakeIssuer) -> None:
    with httpx.Client(base_url=address, trust_env=False) as client:
        for path in ("improvements", "performance/report?repository=team/shop"):
            headers = {"Authorization": f"Bearer {issuer.token(AUDIENCE)}"}
            answer = client.get(f"/api/v1/learning/{path}", headers=headers)
            assert answer.status_code == 403


def test_security_35_of_the_same_token_sent_at_once_one_counts(
    address: str, database_url: str, issuer: FakeIssuer
) -> None:
    token = issuer.token(AUDIENCE)
    with ThreadPoolExecutor(8) as pool:
        answers = [one.status_code for one in pool.map(lambda _: send(address, token), range(16))]
    assert sorted(answers) == [202, *[401] * 15]
    assert len(kept(database_url)) == 1
    refused(send(address, token), "used before")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"aud": "https://other.example"}, "audience"),
        ({"aud": [AUDIENCE, "https://other.example"]}, "audience"),
        ({"iss": "https://token.actions.githubusercontent.com"}, "another GitHub"),
        ({"exp": 1}, "expired"),
        ({"event_name": "pull_request_target"}, "stranger"),
        ({"event_name": "pull_request"}, "pull request"),
    ],
)
def test_security_35_what_is_signed_and_wrong_is_told_why(
    address: str, issuer: FakeIssuer, changes: dict[str, Any], word: str
) -> None:
    refused(send(address, issuer.token(AUDIENCE, **changes)), "proves nothing", word)


def test_security_35_only_the_issuers_signature_counts(address: str, issuer: FakeIssuer) -> None:
    key, claims = issuer.keys[0], issuer.claims(AUDIENCE)
    head = {"kid": key.id}
    stranger = Key()
    stranger.id = key.id
    # The library itself refuses to make this one with a public key as the secret.
    shared = jwt.encode(claims, "x" * 32, "HS256", headers=head)
    good = issuer.token(AUDIENCE)
    first, second, third = good.split(".")
    forged = (
        jwt.encode(claims, "", "none", headers=head),
        shared,
        issuer.token(AUDIENCE, stranger),
        issuer.token(AUDIENCE, Key()),
        f"{first}.{second}.{third[::-1]}",
        f"{first}.{second}x.{third}",
        "a.b.c",
        "eyJ.eyJ.eyJ",
    )
    for token in forged:
        refused(send(address, token), "GitHub Actions")
    assert send(address, good).status_code == 202


def test_security_35_a_repository_is_its_number_and_not_its_name(
    address: str, database_url: str, issuer: FakeIssuer
) -> None:
    # Somebody has taken the name of a repository that was removed, or it is a fork's own workflow.
    refused(send(address, issuer.token(AUDIENCE, repository_id="2")), "not let into")
    # Ours was renamed: its number holds, and its old name no more.
    save(database_url, replace(SHOP, full_name="team/store", updated_at=datetime.now(UTC)))
    assert send(address, issuer.token(AUDIENCE), "team/store").status_code == 202
    assert send(address, issuer.token(AUDIENCE), "team/shop").status_code == 403


@pytest.mark.parametrize("state", [Standing.GONE, Standing.SUSPENDED])
def test_security_35_where_the_app_is_let_in_no_more_nothing_is_taken(
    address: str, database_url: str, issuer: FakeIssuer, state: Standing
) -> None:
    save(database_url, replace(SHOP, state=state))
    refused(send(address, issuer.token(AUDIENCE)), "not let into")


def test_a_silent_issuer_is_no_refusal(address: str, issuer: FakeIssuer) -> None:
    issuer.away = True
    answer = send(address, issuer.token(AUDIENCE))
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


class Hours:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_security_35_strange_keys_are_asked_for_once_a_minute(issuer: FakeIssuer) -> None:
    clock = Hours()
    tokens = ActionsTokens(issuer.issuer, AUDIENCE, clock)
    now = datetime.now(UTC)
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE), now), Proven)
    strange = Key()
    for number in range(20):
        strange.id = f"strange-{number}"
        assert isinstance(await tokens.identity(issuer.token(AUDIENCE, strange), now), Doubted)
    assert issuer.fetches == 1
    clock.now += 61
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE, strange), now), Doubted)
    assert issuer.fetches == 2
    await tokens.close()


async def test_security_35_keys_are_rotated(issuer: FakeIssuer) -> None:
    clock = Hours()
    tokens = ActionsTokens(issuer.issuer, AUDIENCE, clock)
    now = datetime.now(UTC)
    old = issuer.keys[0]
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE), now), Proven)
    issuer.rotate()
    clock.now += 61
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE), now), Proven)
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE, old), now), Proven)
    issuer.rotate(keep=False)
    clock.now += 3601
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE), now), Proven)
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE, old), now), Doubted)
    await tokens.close()


async def test_security_35_the_last_keys_count_while_the_issuer_is_away(
    issuer: FakeIssuer,
) -> None:
    clock = Hours()
    tokens = ActionsTokens(issuer.issuer, AUDIENCE, clock)
    now = datetime.now(UTC)
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE), now), Proven)
    issuer.away = True
    clock.now += 7200
    assert isinstance(await tokens.identity(issuer.token(AUDIENCE), now), Proven)
    await tokens.close()


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:1/jwks", "file:///etc/passwd", "//x/jwks"])
async def test_security_35_keys_come_from_the_issuers_own_address(
    issuer: FakeIssuer, elsewhere: str
) -> None:
    issuer.keys_at = elsewhere
    tokens = ActionsTokens(issuer.issuer, AUDIENCE)
    with pytest.raises(HostError, match="own address"):
        await tokens.identity(issuer.token(AUDIENCE), datetime.now(UTC))
    await tokens.close()
