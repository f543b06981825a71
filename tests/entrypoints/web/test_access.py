"""Tokens that were made for some repositories: what each may do, and how long."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine
from bot.adapters.database.api_tokens import SqlApiTokens
from bot.adapters.database.migrate import downgrade
from bot.adapters.database.repositories import SqlRepositories
from bot.domain.api_tokens import ApiToken, Scope
from bot.domain.hosting import KnownRepository
from bot.domain.redaction import HIDDEN, redact
from bot.entrypoints.web import access
from tests.entrypoints.web.test_metrics import (
    PATIENCE,
    item,
    kept,
    known_url,
    problem,
    report,
    serving,
)
from tests.entrypoints.web.test_otlp import gauge, windows

__all__ = ["known_url"]

Answer = TypeVar("Answer")
NOW = datetime.now(UTC)
SHOP, OTHER = 0, 1
MADE = ApiToken("", "shop", frozenset({SHOP}), frozenset({Scope.REPORT}), NOW)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is revoked is forgotten at once."""
    monkeypatch.setattr(access, "REMEMBERED_SECONDS", 0.0)


@pytest.fixture
def address(known_url: str) -> Iterator[str]:
    with serving(known_url, tokens=()) as found:
        yield found


def ask(url: str, question: Callable[[AsyncEngine], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        engine = make_engine(url)
        try:
            return await question(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def made(url: str, token: ApiToken = MADE) -> str:
    return ask(url, lambda engine: SqlApiTokens(engine).create(token))[1]


def read(address: str, token: str, query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{address}/api/v1/learning/performance/report?{query}"
    return httpx.get(path, headers=headers, trust_env=False, timeout=PATIENCE)


def export(address: str, token: str, repository: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "x-ironclaw-repository": repository}
    return httpx.post(
        f"{address}/v1/metrics", json=gauge(), headers=headers, trust_env=False, timeout=PATIENCE
    )


def test_a_token_reports_for_its_repository_alone(address: str, known_url: str) -> None:
    token = made(known_url)
    assert report(address, item(), token=token).status_code == 202
    answer = report(address, item(), token=token, repository="team/other")
    assert "may not report for team/other" in problem(answer, 403)
    assert len(kept(known_url)) == 1
    assert kept(known_url, "team/other") == []


def test_a_repository_is_known_in_whichever_letters(address: str, known_url: str) -> None:
    token = made(known_url, replace(MADE, scopes=frozenset(Scope)))
    assert report(address, item(), token=token, repository="Team/SHOP").status_code == 202
    assert export(address, token, "TEAM/Shop").json() == {}
    assert len(kept(known_url)) == 1
    assert len(windows(known_url)) >= 1
    found = read(address, token, "repository=team/Shop").json()
    assert (found["repository"], found["samples"]) == ("team/shop", 3)
    problem(report(address, item(), token=token, repository="Team/Other"), 403)


def test_an_export_is_kept_for_its_repository_alone(address: str, known_url: str) -> None:
    token = made(known_url)
    assert export(address, token, "team/shop").json() == {}
    refused = export(address, token, "team/other").json()["partialSuccess"]
    assert refused["rejectedDataPoints"] == "1"
    assert "may not report for team/other" in refused["errorMessage"]
    assert len(windows(known_url)) == 1


def test_reporting_and_reading_are_apart(address: str, known_url: str) -> None:
    reporter = made(known_url)
    reader = made(known_url, replace(MADE, scopes=frozenset({Scope.READ})))
    assert read(address, reader, "repository=team/shop").status_code == 200
    # Whether there is such a one at all is not for this token to know.
    for other in ("team/other", "team/none"):
        problem(read(address, reader, f"repository={other}"), 403)
    assert "all repositories together" in problem(read(address, reader, ""), 403)
    problem(read(address, reporter, "repository=team/shop"), 403)
    problem(report(address, item(), token=reader), 403)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"expires_at": NOW - timedelta(seconds=1)}, "expired"),
        ({"revoked_at": NOW - timedelta(seconds=1)}, "revoked"),
    ],
)
def test_what_is_over_is_good_for_nothing(
    address: str, known_url: str, changes: dict[str, Any], why: str
) -> None:
    answer = report(address, item(), token=made(known_url, replace(MADE, **changes)))
    assert why in problem(answer, 401)
    assert kept(known_url) == []


def test_a_token_that_is_revoked_while_it_is_used(address: str, known_url: str) -> None:
    token = made(known_url)
    assert report(address, item(), token=token).status_code == 202
    id = token.split("_")[1]
    assert ask(known_url, lambda engine: SqlApiTokens(engine).revoke(id, NOW))
    problem(report(address, item(), token=token), 401)
    assert not ask(known_url, lambda engine: SqlApiTokens(engine).revoke("none", NOW))


def test_a_wrong_secret_is_no_token(address: str, known_url: str) -> None:
    token = made(known_url)
    for wrong in (f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}", token[:-1], token.upper()):
        problem(report(address, item(), token=wrong), 401)


def test_of_the_secret_there_is_only_a_digest(known_url: str) -> None:
    secret = made(known_url).split("_", 2)[2]

    async def rows(engine: AsyncEngine) -> str:
        async with engine.connect() as connection:
            return str((await connection.execute(text("SELECT * FROM api_token"))).all())

    assert secret not in ask(known_url, rows)


def test_a_token_follows_its_repository_and_not_the_name(address: str, known_url: str) -> None:
    token = made(known_url)

    async def rename(engine: AsyncEngine) -> None:
        known = SqlRepositories(engine)
        later = NOW + timedelta(seconds=1)
        await known.save(KnownRepository(SHOP, "team/store", 1, later))
        # Somebody else takes the name that is free now.
        await known.save(KnownRepository(7, "team/shop", 2, later))

    ask(known_url, rename)
    problem(report(address, item(), token=token), 403)
    assert report(address, item(), token=token, repository="team/store").status_code == 202


def test_a_name_in_other_letters_is_the_same_name(address: str, known_url: str) -> None:
    token = made(known_url)
    later = NOW + timedelta(hours=1)
    taken = KnownRepository(7, "Team/Shop", 2, later)
    ask(known_url, lambda engine: SqlRepositories(engine).save(taken))
    problem(report(address, item(), token=token), 403)
    known = ask(known_url, lambda engine: SqlRepositories(engine).by_name("team/shop"))
    assert known is not None
    assert known.host_id == 7


def test_its_shape_is_taken_out_of_every_text(known_url: str) -> None:
    token = made(known_url)
    assert redact(f"it is {token}.") == f"it is {HIDDEN}."


def test_a_database_that_is_away_is_told_and_never_500(address: str, known_url: str) -> None:
    token = made(known_url)
    downgrade(known_url, "0002")
    for answer in (
        report(address, item(), token=token),
        read(address, token, "repository=team/shop"),
        export(address, token, "team/shop"),
    ):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


def test_a_report_that_cannot_be_read_is_told(known_url: str) -> None:
    downgrade(known_url, "0002")
    with serving(known_url) as address:
        answer = read(address, "new-token", "repository=team/shop")
    assert "again" in problem(answer, 503)
