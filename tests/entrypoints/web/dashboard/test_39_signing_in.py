"""Test 39 at the dashboard's door: who comes in, how long, and what of others they never see."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database.repositories import SqlRepositories
from bot.domain.hosting import KnownRepository
from bot.domain.improvement import Improvement
from bot.entrypoints.web.dashboard.opening import opening
from bot.settings import Settings
from tests.entrypoints.web.api_calls import ask
from tests.entrypoints.web.dashboard.conftest import keys_of, opened
from tests.entrypoints.web.dashboard.data import OTHER, SHOP, fill
from tests.entrypoints.web.dashboard.person import Person
from tests.entrypoints.web.dashboard.test_pages import DEEPER, LISTS
from tests.fakes.github import FakeGitHub

MARK = "belongs-to-bob"


class House(NamedTuple):
    """The dashboard, its GitHub, and what is in it; Ada sees the shop, Bob the other."""

    address: str
    url: str
    fake: FakeGitHub
    shop: list[Improvement]
    other: list[Improvement]


@pytest.fixture
def house(database_url: str, fake: FakeGitHub) -> Iterator[House]:
    shop = fill(database_url, SHOP, number=fake.repository(SHOP).id % 200)
    other = fill(database_url, OTHER, MARK, number=fake.repository(OTHER).id % 200)
    ask(database_url, lambda engine: known(engine, fake))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    fake.sign_in_at(f"{address}/signed-in")
    with opened(database_url, keys_of(fake, address), port) as found:
        assert found == address
        yield House(address, database_url, fake, shop, other)


async def known(engine: AsyncEngine, fake: FakeGitHub) -> None:
    """The repositories by GitHub's own numbers."""
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM hosted_repository"))
    for name in (SHOP, OTHER):
        id = fake.repository(name).id
        await SqlRepositories(engine).save(KnownRepository(id, name, 1, datetime.now(UTC)))


@pytest.fixture
def ada(house: House) -> Iterator[Person]:
    with Person(house.address) as person:
        house.fake.at_browser("ada")
        assert person.sign_in().status_code == 303
        yield person


@pytest.fixture
def bob(house: House) -> Iterator[Person]:
    with Person(house.address) as person:
        house.fake.at_browser("bob")
        assert person.sign_in().status_code == 303
        yield person


def age(house: House, minutes: float) -> None:
    """Let what is known of everybody's repositories be so old."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)

    async def change(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            moment = at if engine.dialect.name == "postgresql" else f"{at:%Y-%m-%d %H:%M:%S.%f}"
            await connection.execute(text("UPDATE web_session SET looked_at = :at"), {"at": moment})

    ask(house.url, change)


def wishes(house: House) -> list[tuple[str, str, str]]:
    async def read(engine: AsyncEngine) -> list[tuple[str, str, str]]:
        async with engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT improvement, wish, person FROM asked WHERE state = 'waiting'")
            )
            return [tuple(row) for row in rows]

    return ask(house.url, read)


def test_security_39_a_stranger_sees_nothing_but_the_way_in(house: House) -> None:
    with Person(house.address) as stranger:
        for path in (*LISTS, *DEEPER, f"/improvements/{house.shop[0].id}"):
            page = stranger.get(path)
            assert page.status_code == 401, path
            assert "Sign in with GitHub" in page.text
            assert "sorted-for-min" not in page.text
            assert SHOP not in page.text.partition('class="button"')[0]


def test_security_39_whoever_signs_in_sees_what_github_lets_them_see(
    house: House, ada: Person
) -> None:
    page = ada.get("/improvements")
    assert page.status_code == 200
    assert SHOP in page.text
    assert OTHER not in page.text


def test_security_39_a_crawl_as_ada_finds_nothing_of_bobs(
    house: House, ada: Person, bob: Person
) -> None:
    theirs = [f"/improvements/{one.id}" for one in house.other]
    asked = 0
    for path in (*LISTS, *DEEPER, *theirs):
        for more in ("", f"repository={OTHER}", f"repository={OTHER.upper()}"):
            url = f"{path}{'&' if '?' in path else '?'}{more}" if more else path
            page = ada.get(url)
            asked += 1
            assert MARK not in page.text, url
            assert OTHER not in page.text, url
            if more:
                unknown = ada.get(url.replace(OTHER, "no/such").replace(OTHER.upper(), "NO/SUCH"))
                assert page.status_code == unknown.status_code == 404, url
    for one in house.other:
        hidden = ada.get(f"/improvements/{one.id}/approve")
        missing = ada.get("/improvements/ffffffffffff/approve")
        assert (hidden.status_code, missing.status_code) == (404, 404)
    assert asked > 50
    # What is hidden from Ada is there for Bob.
    assert MARK in bob.get("/improvements").text
    assert MARK in bob.get(f"/improvements/{house.other[0].id}").text
    assert MARK in bob.get("/work").text


def test_security_39_the_cookie_is_for_this_site_and_no_script(house: House) -> None:
    with Person(house.address) as person:
        came = person.sign_in()
        for cookie in came.raw.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert "Path=/" in cookie
            assert "Domain" not in cookie
            assert "ghu_" not in cookie


def test_security_39_with_https_the_cookie_is_bound_to_it(
    database_url: str, fake: FakeGitHub
) -> None:
    with (
        opened(database_url, keys_of(fake, "https://ironclaw.example.org")) as address,
        Person(address) as person,
    ):
        cookie = person.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-ironclaw-attempt=")
    assert "Secure" in cookie


@pytest.mark.parametrize("change", ["state", "browser", "twice", "no attempt"])
def test_security_39_a_sign_in_ends_once_in_the_browser_that_began_it(
    house: House, change: str
) -> None:
    with Person(house.address) as person, Person(house.address) as other:
        back = person.at_github()
        if change == "state":
            state = parse_qs(urlsplit(back).query)["state"][0]
            back = back.replace(state, "x" * len(state))
        if change == "twice":
            assert person.come_back(back).status_code == 303
        if change == "no attempt":
            person.session.cookies.clear()
        ended = (other if change == "browser" else person).come_back(back)
        assert ended.status_code == 403, change
        assert "sign in again" in ended.text
        if change != "twice":
            assert person.get("/").status_code == 401


def test_security_39_github_is_told_a_challenge_and_never_the_verifier(house: House) -> None:
    with Person(house.address) as person:
        asked = parse_qs(urlsplit(person.get("/sign-in").headers["Location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["code_challenge"][0]) == 43
        assert len(asked["state"][0]) >= 43
        again = parse_qs(urlsplit(person.get("/sign-in").headers["Location"]).query)
        assert again["state"] != asked["state"]
        assert again["code_challenge"] != asked["code_challenge"]


def test_security_39_whoever_declines_is_told_so(house: House) -> None:
    with Person(house.address) as person:
        house.fake.at_browser(None)
        ended = person.sign_in()
        assert ended.status_code == 403
        assert "declined" in ended.text


@pytest.mark.parametrize(
    "there", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/\t/evil"]
)
def test_security_39_no_sign_in_leads_to_another_site(house: House, there: str) -> None:
    with Person(house.address) as person:
        ended = person.sign_in(there)
        assert ended.status_code == 303
        assert ended.headers["Location"] == "/"


def test_security_39_one_comes_back_to_where_one_was(house: House) -> None:
    with Person(house.address) as person:
        assert person.sign_in("/endpoints?hours=1").headers["Location"] == "/endpoints?hours=1"


def test_security_39_no_session_is_fixed_and_each_sign_in_has_its_own(
    house: House, ada: Person
) -> None:
    name = "ironclaw-session"
    first = ada.session.cookies[name]
    ada.cookie(name, "chosen-by-somebody")
    assert ada.get("/").status_code == 401
    ada.cookie(name, first)
    assert ada.get("/").status_code == 200
    assert ada.sign_in().status_code == 303
    assert ada.session.cookies[name] != first
    with Person(house.address) as thief:
        thief.cookie(name, first)
        assert thief.get("/").status_code == 401


def test_security_39_signing_out_ends_the_session_for_every_browser(
    house: House, ada: Person
) -> None:
    cookie = ada.session.cookies["ironclaw-session"]
    assert ada.post("/sign-out", {"mark": "0" * 64}).status_code == 403
    assert ada.get("/").status_code == 200
    mark = next(
        part.partition('"')[0] for part in ada.get("/").text.split('name="mark" value="')[1:]
    )
    assert ada.post("/sign-out", {"mark": mark}).status_code == 303
    assert ada.get("/").status_code == 401
    with Person(house.address) as thief:
        thief.cookie("ironclaw-session", cookie)
        assert thief.get("/").status_code == 401


def test_security_39_a_session_expires(house: House, ada: Person) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)

    async def expire(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            at = past if engine.dialect.name == "postgresql" else f"{past:%Y-%m-%d %H:%M:%S.%f}"
            await connection.execute(text("UPDATE web_session SET expires_at = :at"), {"at": at})

    ask(house.url, expire)
    page = ada.get("/")
    assert page.status_code == 401
    assert "expired" in page.text


def test_security_39_lost_permission_takes_effect_within_five_minutes(
    house: House, ada: Person
) -> None:
    del house.fake.repository(SHOP).permissions["ada"]
    age(house, 5)
    assert SHOP not in ada.get("/improvements").text
    assert ada.get(f"/improvements/{house.shop[0].id}").status_code == 404


def test_security_39_a_token_that_was_taken_back_ends_the_session(
    house: House, ada: Person
) -> None:
    house.fake.take_back_tokens("ada")
    age(house, 5)
    page = ada.get("/")
    assert page.status_code == 401
    assert "no longer takes your sign-in" in page.text


def test_security_39_a_silent_github_keeps_people_in_for_a_while_and_then_out(
    house: House, ada: Person
) -> None:
    house.fake.faults.add("error-before", "GET", "/user/installations", status=502, times=99)
    age(house, 10)
    assert ada.get("/").status_code == 200
    age(house, 20)
    page = ada.get("/")
    assert page.status_code == 503
    assert SHOP not in page.text


def test_security_39_the_records_hold_no_token_and_no_cookie(house: House, ada: Person) -> None:
    async def read(engine: AsyncEngine) -> str:
        async with engine.connect() as connection:
            return str((await connection.execute(text("SELECT * FROM web_session"))).all())

    kept = ask(house.url, read)
    assert "ada" in kept
    assert "ghu_" not in kept
    assert ada.session.cookies["ironclaw-session"] not in kept


# Actions


def mutating(house: House) -> list[tuple[str, dict[str, str]]]:
    """Every route that changes something, with the fields beside the proof."""
    shop = house.shop
    return [
        (f"/improvements/{shop[1].id}/approve", {}),
        (f"/improvements/{shop[1].id}/hold", {}),
        (f"/improvements/{shop[2].id}/resume", {}),
        (f"/improvements/{shop[3].id}/revert", {}),
        (f"/improvements/{shop[0].id}/retry", {}),
        (f"/improvements/{shop[0].id}/test", {}),
        ("/pause", {"repository": SHOP}),
        ("/resume", {"repository": SHOP}),
        ("/sign-out", {}),
    ]


def test_security_39_each_mutating_route_wants_the_form_that_it_gave(
    house: House, ada: Person, bob: Person
) -> None:
    house.fake.set_permission(SHOP, "bob", "write")
    age(house, 5)
    for path, more in mutating(house):
        wanted = "mark" if path == "/sign-out" else "at"
        source = "/" if path == "/sign-out" else f"{path}?repository={SHOP}"
        mine, theirs = ada.fields(source, wanted), bob.fields(source, wanted)
        good = mine | more
        tries = {
            "nothing": ({}, {}),
            "no proof": (more, {}),
            "another's": (theirs | more, {}),
            "changed": (good | {"mark": "0" * 64}, {}),
            "elsewhere": (good, {"Origin": "https://evil.example"}),
            "hidden": (good, {"Origin": "null"}),
            "silent": (good, {"Origin": ""}),
        }
        if wanted == "at":
            old = str(int(mine["at"]) - 3700)
            tries["old"] = (good | {"at": old}, {})
        for what, (fields, headers) in tries.items():
            answer = ada.post(path, fields, **headers)
            assert answer.status_code in (403, 404, 409), (path, what)
    assert wishes(house) == []
    assert "has paused" not in ada.get("/").text


def test_an_action_is_asked_for_once_and_in_the_persons_name(house: House, ada: Person) -> None:
    path = f"/improvements/{house.shop[1].id}/approve"
    fields = ada.fields(path)
    for _ in range(2):
        done = ada.post(path, fields)
        assert (done.status_code, done.headers["Location"]) == (
            303,
            f"/improvements/{house.shop[1].id}",
        )
    assert wishes(house) == [(house.shop[1].id, "deploy", "ada")]


def test_security_22_permission_is_asked_at_the_moment_of_the_action(
    house: House, ada: Person
) -> None:
    path = f"/improvements/{house.shop[1].id}/approve"
    fields, paused = ada.fields(path), ada.fields(f"/pause?repository={SHOP}")
    house.fake.set_permission(SHOP, "ada", "read")
    for where, given in ((path, fields), ("/pause", paused)):
        answer = ada.post(where, given)
        assert answer.status_code == 403
        assert "may not write" in answer.text
    assert wishes(house) == []
    assert "has paused" not in ada.get("/").text


def test_whoever_may_only_read_is_offered_nothing(house: House, ada: Person) -> None:
    house.fake.set_permission(SHOP, "ada", "read")
    age(house, 5)
    page = ada.get(f"/improvements/{house.shop[1].id}")
    assert page.status_code == 200
    assert "/approve" not in page.text
    assert "/pause" not in ada.get("/").text


def test_security_22_an_approval_is_of_the_commit_that_was_shown(house: House, ada: Person) -> None:
    path = f"/improvements/{house.shop[1].id}/approve"
    fields = ada.fields(path)

    async def move(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.execute(
                text("UPDATE code_improvement SET commit_hash = :sha WHERE id = :id"),
                {"sha": "9" * 40, "id": house.shop[1].id},
            )

    ask(house.url, move)
    answer = ada.post(path, fields)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert wishes(house) == []


def test_nothing_is_done_where_github_does_not_say_whether_it_may(
    house: House, ada: Person
) -> None:
    path = f"/improvements/{house.shop[1].id}/hold"
    fields = ada.fields(path)
    house.fake.faults.add("error-before", "GET", f"/repos/{SHOP}", status=502, times=9)
    assert ada.post(path, fields).status_code == 503
    assert wishes(house) == []


def test_security_21_a_pause_is_written_down_with_who_it_was(house: House, ada: Person) -> None:
    fields = ada.fields(f"/pause?repository={SHOP}")
    assert ada.post("/pause", fields).status_code == 303
    assert "ada has paused this repository" in ada.get("/").text
    fields = ada.fields(f"/resume?repository={SHOP}")
    assert ada.post("/resume", fields).status_code == 303
    assert "has paused" not in ada.get("/").text


def test_a_page_is_not_kept_and_not_framed(house: House, ada: Person) -> None:
    page = ada.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_nobody_can_sign_in_before_it_is_set_up(sqlite_url: str) -> None:
    with opened(sqlite_url, opening(Settings())) as address:
        page = requests.get(f"{address}/", timeout=60)
        assert page.status_code == 503
        assert "GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET and IRONCLAW_URL" in page.text
