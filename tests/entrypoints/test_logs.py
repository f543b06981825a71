"""What is logged holds no secret, whatever logs it and in whichever form."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.domain.redaction import HIDDEN
from bot.entrypoints.logs import set_up_logs
from bot.settings import Settings

CANARY = "c4n4ryC4N4RYc4n4ry"
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "\n".join(f"MII{CANARY}{number}" for number in range(20))
    + "\n-----END RSA PRIVATE KEY-----\n"
)
JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJ{CANARY}.{CANARY}"
CANARIES = [
    f"ghs_{CANARY}",
    f"ghs_12345_{JWT}",
    f"ghp_{CANARY}",
    f"github_pat_{CANARY}_{CANARY}",
    f"sk-proj-{CANARY}",
    JWT,
    PEM,
    f"postgresql://ironclaw:{CANARY}@db.example.org/ironclaw",
    f"https://x-access-token:{CANARY}@github.com/octo/sample.git",
    f"Authorization: Bearer {CANARY}9",
    f"https://example.org/?access_token={CANARY}",
    f"GET /setup?code={CANARY}&state=1",
    f"hush {CANARY}-webhook",
    f"hush {CANARY}-older",
]
NAMES = ["ironclaw.web", "gunicorn.error", "dbos", "alembic", "somebody.else"]


@pytest.fixture(params=["json", "console"])
def log(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    """What has been logged so far, in either form."""
    loggers = [logging.getLogger(name) for name in ("", "dbos", *NAMES)]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    monkeypatch.setenv("LOG_FORMAT", request.param)
    monkeypatch.setenv("IRONCLAW_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", f"{CANARY}-webhook,{CANARY}-older")
    monkeypatch.setenv("GITHUB_PRIVATE_KEY", PEM)
    written = io.StringIO()
    set_up_logs(Settings(_env_file=None), written)
    yield written
    structlog.reset_defaults()
    for one, handlers, level, propagate in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def lines(log: io.StringIO) -> list[str]:
    written = log.getvalue()
    assert written, "nothing was logged"
    if written.startswith("{"):
        return [json.loads(line)["message"] for line in written.splitlines()]
    return written.splitlines()


@pytest.mark.parametrize("secret", CANARIES)
def test_security_11_no_secret_of_any_shape_is_logged_by_anybody(
    log: io.StringIO, secret: str
) -> None:
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.error(f"it says {secret}")  # noqa: G004 - others do so
        logger.error("it says %s and %r", secret, {"key": secret})
        logger.error("more", extra={"more": secret})
        try:
            int(secret)
        except ValueError:
            logger.exception("it failed")
    structlog.get_logger("rules").warning("event", value=secret, more=[secret])
    assert CANARY not in log.getvalue()
    assert log.getvalue().count(HIDDEN) >= 4 * len(NAMES) + 2


def test_security_11_a_line_of_the_private_key_alone_is_hidden_too(log: io.StringIO) -> None:
    logging.getLogger("x").error("could not decode: %s", PEM.splitlines()[3])
    assert CANARY not in log.getvalue()


def test_security_11_base64_of_a_token_after_its_scheme_is_hidden(log: io.StringIO) -> None:
    encoded = base64.b64encode(f"x:{CANARY}".encode()).decode()
    logging.getLogger("x").error("headers: {'authorization': 'Basic %s'}", encoded)
    assert encoded not in log.getvalue()


def test_a_message_can_neither_forge_a_line_nor_steer_a_terminal(log: io.StringIO) -> None:
    logging.getLogger("x").error("delivery %s", "a\nERROR root: forged\x1b[2J\u2028b\r")
    (line,) = lines(log)
    assert "\x1b" not in line
    assert line.endswith("delivery a | ERROR root: forged?[2J?b?")


def test_ordinary_text_stays(log: io.StringIO) -> None:
    logging.getLogger("x").warning("delivery %s is %s", "72d3162e-cc78", "parked")
    assert lines(log)[0].endswith("delivery 72d3162e-cc78 is parked")


def test_what_is_less_important_than_asked_for_is_left_out(log: io.StringIO) -> None:
    logging.getLogger("x").debug("nobody asked")
    logging.getLogger("httpx").info("HTTP Request: GET /")
    assert not log.getvalue()
