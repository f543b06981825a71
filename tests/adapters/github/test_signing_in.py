"""A person's sign-in at GitHub, step by step, and what their token says of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot.adapters.github.signing_in import Person, SignIn, TokenGoneError, challenge
from bot.ports import HostError, UserError
from tests.fakes.github import FakeGitHub

BACK = "https://ironclaw.example.org/signed-in"
VERIFIER = "v" * 43


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path) as made:
        made.sign_in_at(BACK)
        made.create_repository("octo/shop", {"a.py": "x = 1\n"}, private=True)
        made.create_repository("octo/open", {"a.py": "x = 1\n"}, author="bob")
        made.create_repository("octo/hidden", {"a.py": "x = 1\n"}, private=True, author="bob")
        made.create_repository("octo/elsewhere", {"a.py": "x = 1\n"}, installed=False)
        yield made


@pytest.fixture
async def sign_in(fake: FakeGitHub) -> AsyncIterator[SignIn]:
    made = SignIn(fake.url, fake.client_id, fake.app.client_secret, BACK)
    yield made
    await made.close()


def code(sign_in: SignIn, state: str = "s", verifier: str = VERIFIER) -> str:
    """What GitHub sends the person back with."""
    answer = requests.get(sign_in.address(state, verifier), allow_redirects=False, timeout=60)
    assert answer.status_code == 302
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == BACK
    given = parse_qs(where.query)
    assert given["state"] == [state]
    return given["code"][0]


async def signed_in(sign_in: SignIn) -> Person:
    return await sign_in.person(code(sign_in), VERIFIER)


async def test_a_person_sees_what_they_may_see_where_the_app_is(
    fake: FakeGitHub, sign_in: SignIn
) -> None:
    person = await signed_in(sign_in)
    assert person.login == "ada"
    ids = {name: fake.repository(f"octo/{name}").id for name in ("shop", "open")}
    assert person.repositories == {ids["shop"]: True, ids["open"]: False}


async def test_security_39_a_code_is_worth_nothing_without_its_verifier(sign_in: SignIn) -> None:
    with pytest.raises(UserError, match="bad_verification_code"):
        await sign_in.person(code(sign_in), "w" * 43)


async def test_security_39_a_code_works_once(sign_in: SignIn) -> None:
    given = code(sign_in)
    await sign_in.person(given, VERIFIER)
    with pytest.raises(UserError, match="bad_verification_code"):
        await sign_in.person(given, VERIFIER)


async def test_another_apps_secret_is_refused(fake: FakeGitHub) -> None:
    sign_in = SignIn(fake.url, fake.client_id, "not the secret", BACK)
    try:
        with pytest.raises(UserError, match="incorrect_client_credentials"):
            await signed_in(sign_in)
    finally:
        await sign_in.close()


async def test_permission_is_that_of_the_moment(fake: FakeGitHub, sign_in: SignIn) -> None:
    token = (await signed_in(sign_in)).token
    assert await sign_in.may_write(token, "octo/shop")
    fake.set_permission("octo/shop", "ada", "read")
    assert not await sign_in.may_write(token, "octo/shop")
    assert not await sign_in.may_write(token, "octo/hidden")
    assert not await sign_in.may_write(token, "octo/nothing")


async def test_a_token_that_was_taken_back_says_so(fake: FakeGitHub, sign_in: SignIn) -> None:
    token = (await signed_in(sign_in)).token
    fake.take_back_tokens("ada")
    with pytest.raises(TokenGoneError):
        await sign_in.repositories(token)
    with pytest.raises(TokenGoneError):
        await sign_in.may_write(token, "octo/shop")


async def test_a_host_in_trouble_is_no_answer(fake: FakeGitHub, sign_in: SignIn) -> None:
    token = (await signed_in(sign_in)).token
    fake.faults.add("error-before", "GET", "/user/installations", status=502)
    with pytest.raises(HostError):
        await sign_in.repositories(token)


async def test_a_long_list_is_read_to_its_end(fake: FakeGitHub, sign_in: SignIn) -> None:
    for number in range(101):
        fake.create_repository(f"octo/many-{number}", {"a.py": "x = 1\n"})
    assert len((await signed_in(sign_in)).repositories) == 103


def test_the_challenge_is_that_of_the_standard() -> None:
    """Appendix B of RFC 7636."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_no_token_is_shown() -> None:
    assert "ghu_" not in repr(Person("ada", "ghu_secret"))
