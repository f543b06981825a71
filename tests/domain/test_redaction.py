"""No secret of any shape survives, wherever in a text it stands, and ordinary text does."""

import base64
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction import HIDDEN, redact, redacted

OLD_TOKEN = "ghs_" + "aB3" * 12
JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NSJ9{'x-_Y' * 100}.sig_-{'Zz9-_' * 30}"
NEW_TOKEN = f"ghs_12345_{JWT}"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{'MIIEow==' * 20}\n-----END RSA PRIVATE KEY-----"
CANARY = "c4n4ryc4n4ryc4n4ryc4n4ry"

SECRETS = [
    OLD_TOKEN,
    NEW_TOKEN,
    PEM,
    *(f"gh{kind}_{CANARY}" for kind in "pousr"),
    f"github_pat_11ABCDEFG0_{CANARY}",
    f"sk-proj-{CANARY}_-{CANARY}",
    f"sk-ant-api03-{CANARY}",
    f"v1.{'0a' * 20}",
    JWT,
]
PLACES = [
    "{}",
    "the token {} was refused",
    "token={}",
    '{{"token": "{}"}}',
    "https://api.example.org/?access_token={}&page=2",
    "https://x-access-token:{}@github.com/octo/sample.git",
    "Authorization: Bearer {}",
    "{{'authorization': 'token {}'}}",
    "`{}`",
    "<!-- {} -->",
    "x_{}",
    "%2F{}",
    "{}.",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_security_11_hides_every_shape_in_every_place(secret: str, place: str) -> None:
    text = place.format(secret)
    for written in (text, repr(text), json.dumps(text), repr(text.encode()), f"a\n{text}\nb"):
        shown = redact(written)
        assert HIDDEN in shown
        for part in secret.replace("\n", ".").split("."):
            assert len(part) < 8 or part.startswith("-----END") or part not in shown, shown


def test_hides_a_token_on_a_line_of_its_own_in_a_repr() -> None:
    assert redact(repr(f"first\n{OLD_TOKEN}\nlast")) == repr(f"first\n{HIDDEN}\nlast")


def test_hides_passwords_in_addresses_and_keeps_the_rest() -> None:
    address = "postgresql+psycopg://bot:p%40ss:w@rd@db.example.org:5432/ironclaw"
    assert redact(address) == f"postgresql+psycopg://{HIDDEN}@db.example.org:5432/ironclaw"
    kept = "see https://example.org/@ada, ssh://git@example.org/x and ada@example.org"
    assert redact(kept) == kept


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", "token"])
def test_hides_what_an_authorization_header_says(scheme: str) -> None:
    secret = base64.b64encode(f"x-access-token:{CANARY}".encode()).decode()
    for text in (f"Authorization: {scheme} {secret}", f"sent {scheme} {secret} there"):
        assert redact(text) == text.replace(secret, HIDDEN)
    assert CANARY not in redact(f"[(b'authorization', b'{CANARY}')]")


@pytest.mark.parametrize(
    "name", ["token", "access_token", "client_secret", "code", "sig", "X-Amz-Signature"]
)
def test_hides_secrets_that_an_address_hands_over(name: str) -> None:
    address = "https://example.org/octo/sample.tar.gz?page=2&{}={}&more=1"
    assert redact(address.format(name, CANARY)) == address.format(name, HIDDEN)


@pytest.mark.parametrize("ending", ["", "\n-----BEGIN CERTIFICATE-----\nabc"])
def test_hides_a_private_key_that_is_cut_off(ending: str) -> None:
    cut = PEM[: len(PEM) // 2]
    assert redact(f"key: {cut}{ending}") == f"key: {HIDDEN}{ending.strip()}"
    assert "MIIEow" not in redact(f"{cut}\n{PEM}\n{cut}")


def test_hides_secrets_that_have_no_shape_when_told_of_them() -> None:
    known = ["hush", "hush-hush", ""]
    assert redact("say hush-hush, hush", known) == f"say {HIDDEN}, {HIDDEN}"


@pytest.mark.parametrize(
    "text",
    [
        "highs_and_lows_of_the_price_list",
        "a task-force-of-many-people, risk-adjusted-return-rate",
        "sk-learn and ghs_short",
        "basic authentication-flows; the bearer internationalization",
        "authorization = check(user)",
        "for token in tokens: yield token",
        "0123456789abcdef0123456789abcdef01234567",
        urllib.parse.quote("x = y / 2"),
    ],
)
def test_leaves_ordinary_text_alone(text: str) -> None:
    assert redact(text) == text


@given(st.text(), st.sampled_from(SECRETS))
def test_hiding_again_changes_nothing(text: str, secret: str) -> None:
    once = redact(f"{text} {secret} {text}")
    assert redact(once) == once


def test_a_long_text_without_secrets_takes_no_long_time() -> None:
    for part in (
        "a",
        "-----BEGIN PRIVATE KEY-----",
        "gh",
        "eyJ",
        "a:",
        "bearer ",
        "http://",
        "Zz9",
    ):
        redact(part * 20_000)


def test_every_text_of_a_json_value_is_redacted_and_nothing_else_is_changed() -> None:
    secret = "sk-canary-0123456789abcdef"
    value = {"why": secret, "more": [{secret: f"x {secret}"}, (secret, 1, 2.5, None, True)]}
    assert secret not in str(redacted(value))
    plain = {"a": [1, 2.5, None, True, "text"], "b": {}}
    assert redacted(plain) == plain
