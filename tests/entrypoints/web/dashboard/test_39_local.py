"""Test 39 for the dashboard without sign-in: for this machine alone, and for its own pages."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.entrypoints.web.dashboard.opening import opening
from bot.entrypoints.web.dashboard.serve import log
from bot.ports import UserError
from bot.settings import Settings
from tests.entrypoints.web.api_calls import ask
from tests.entrypoints.web.dashboard.conftest import LOCAL, opened
from tests.entrypoints.web.dashboard.data import fill
from tests.entrypoints.web.dashboard.person import Person
from tests.entrypoints.web.dashboard.test_pages import LISTS, OPEN


@pytest.fixture
def operator(sqlite_url: str) -> Iterator[Person]:
    fill(sqlite_url)
    with opened(sqlite_url, LOCAL) as address, Person(address) as person:
        yield person


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "10.0.0.1", "", "[::2]", "["]
)
def test_security_39_another_name_leads_nowhere(operator: Person, host: str) -> None:
    """Somebody else's page may give a name of its own this machine's address."""
    for path in LISTS:
        page = operator.get(path, Host=host)
        assert page.status_code == 403, page.text
        assert "sorted-for-min" not in page.text


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
def test_security_39_what_comes_through_a_proxy_is_not_local(operator: Person, header: str) -> None:
    assert operator.get("/improvements", **{header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_this_machine_is_let_in(operator: Person, host: str) -> None:
    assert operator.get("/improvements", Host=host).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_security_39_another_sites_form_does_nothing(
    operator: Person, sqlite_url: str, origin: str
) -> None:
    path = f"/improvements/{OPEN.id}/approve"
    fields = operator.fields(path)
    assert operator.post(path, fields, Origin=origin).status_code == 403
    assert operator.post(path, {}).status_code == 409

    async def count(engine: AsyncEngine) -> int:
        async with engine.connect() as connection:
            rows = text("SELECT count(*) FROM asked WHERE state = 'waiting'")
            return int(await connection.scalar(rows) or 0)

    assert ask(sqlite_url, count) == 0
    assert operator.post(path, fields).status_code == 303
    assert ask(sqlite_url, count) == 1


@pytest.mark.parametrize("host", ["::", "192.168.0.7", "ironclaw.example"])
def test_security_39_local_is_refused_where_others_could_come(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLAW_DASHBOARD", "local")
    monkeypatch.setenv("HOST", host)
    with pytest.raises(UserError, match="would show everything") as raised:
        opening(Settings())
    assert "HOST=127.0.0.1" in raised.value.remedy


def test_off_is_off(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRONCLAW_DASHBOARD", "off")
    with opened(sqlite_url, opening(Settings())) as address, Person(address) as person:
        assert person.get("/").status_code == 404
        assert "IRONCLAW_DASHBOARD" in person.get("/").text
        assert person.get("/improvements").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/improvements/ffffffffffff",
        "/improvements/ffffffffffff/approve",
        "/endpoint?endpoint=none&metric=none",
        "/?repository=no/such",
        "/pause?repository=no/such",
    ],
)
def test_what_is_not_there_is_said_so(operator: Person, path: str) -> None:
    page = operator.get(path)
    assert page.status_code == 404
    assert "text/html" in page.headers["Content-Type"]


@pytest.mark.parametrize(
    "path",
    [
        "/improvements?cursor=%00%ff",
        "/improvements?section=%3Cscript%3E",
        "/deployments?cursor=nonsense",
        "/endpoints?hours=-1",
        "/?hours=1e999",
        "/endpoint?hours=%F0%9F%92%A9",
    ],
)
def test_security_39_strange_questions_get_pages(operator: Person, path: str) -> None:
    assert operator.get(path).status_code in (200, 404)


def test_no_traceback_reaches_a_person(
    tmp_path: Path, sqlite_template: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "broken.db"
    file.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{file}"
    with opened(url, LOCAL) as address, Person(address) as person:

        async def break_it(engine: AsyncEngine) -> None:
            async with engine.begin() as connection:
                await connection.execute(text("DROP TABLE hosted_repository"))

        ask(url, break_it)
        with caplog.at_level(logging.WARNING, logger=log.name):
            page = person.get("/")
        assert page.status_code == 503
        assert "try again" in page.text
        assert "Traceback" not in page.text
        assert caplog.records
