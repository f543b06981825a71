"""Opens the dashboard in the way that the operator has chosen, or says why nobody comes in."""

import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from flask import Flask, Response
from pydantic import SecretStr

from bot.adapters.database.sessions import SqlSessions
from bot.adapters.github.signing_in import SignIn
from bot.domain.model.spending import MICRO
from bot.domain.viewing import SIGNED_IN
from bot.entrypoints.web.dashboard import signing
from bot.entrypoints.web.dashboard.look import Sources
from bot.entrypoints.web.dashboard.rendering import failure
from bot.entrypoints.web.dashboard.sealing import Seal
from bot.entrypoints.web.dashboard.serve import Dashboard
from bot.entrypoints.web.dashboard.visitors import LocalDoor, SignInDoor, is_loopback
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem
from bot.ports import UserError
from bot.settings import Settings

_OFF: Final = Problem(
    HTTPStatus.NOT_FOUND,
    "The dashboard is off. IRONCLAW_DASHBOARD=sign-in opens it to those whom GitHub lets see a "
    "repository, IRONCLAW_DASHBOARD=local to this machine.",
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What signing in needs: GitHub's API, our App there, and where people reach this server."""

    api: str
    client_id: str
    client_secret: str = field(repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who comes in: `keys` for those who sign in, `local` for this machine, else nobody.

    `secret` seals what leaves the server; all web processes have the same.
    """

    closed: Problem = _OFF
    local: bool = False
    keys: Keys | None = None
    secret: bytes = field(default=b"", repr=False)
    day_cap: int = 0


CLOSED: Final = Opening()


def opening(settings: Settings) -> Opening:
    """As the settings say; UserError where they would open it to everybody."""
    cap = round(settings.ironclaw_model_dollars_per_day * MICRO)
    match settings.ironclaw_dashboard:
        case "off":
            return Opening(day_cap=cap)
        case "local":
            if settings.host != "localhost" and not is_loopback(settings.host):
                problem = f"IRONCLAW_DASHBOARD=local would show everything at HOST={settings.host}"
                raise UserError(problem, "Set HOST=127.0.0.1, or IRONCLAW_DASHBOARD=sign-in.")
            return Opening(local=True, secret=secrets.token_bytes(32), day_cap=cap)
        case "sign-in":
            return _signing_in(settings, cap)


def _signing_in(settings: Settings, cap: int) -> Opening:
    secret = settings.github_client_secret or SecretStr("")
    needed = {
        "GITHUB_CLIENT_ID": settings.github_client_id,
        "GITHUB_CLIENT_SECRET": secret.get_secret_value(),
        "IRONCLAW_URL": settings.ironclaw_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        why = (
            f"Nobody can sign in before {' and '.join(missing)} is set. `ironclaw setup` creates "
            "the GitHub App; IRONCLAW_DASHBOARD=local shows the dashboard on this machine without."
        )
        return Opening(closed=Problem(HTTPStatus.SERVICE_UNAVAILABLE, why), day_cap=cap)
    keys = Keys(
        settings.github_api_url,
        settings.github_client_id or "",
        secret.get_secret_value(),
        settings.ironclaw_url or "",
    )
    return Opening(keys=keys, secret=secret.get_secret_value().encode(), day_cap=cap)


def open_dashboard(
    app: Flask, opened: Opening, sources: Sources, loop: SharedLoop
) -> SignIn | None:
    """Put the pages into the application; what signs people in is to be closed at the end."""
    if opened.keys is None and not opened.local:

        def closed() -> Response:
            return failure(opened.closed)

        app.add_url_rule("/", "dashboard_closed", closed)
        return None
    seal = Seal(opened.secret)
    if opened.keys is None:
        Dashboard(LocalDoor(), seal, sources, loop).add_to(app)
        return None
    keys = opened.keys
    sign_in = SignIn(keys.api, keys.client_id, keys.client_secret, f"{keys.url}{SIGNED_IN}")
    door = SignInDoor(sign_in, SqlSessions(sources.engine), seal, keys.url)
    signing.add_to(app, door, loop)
    Dashboard(door, seal, sources, loop).add_to(app)
    return sign_in
