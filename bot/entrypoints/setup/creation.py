"""Creates the App: what is asked of GitHub, and what is kept of its answer."""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.adapters.github.app import GitHubApp, NewApp
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.tokens import AppKey
from bot.bootstrap.clock import SystemClock
from bot.domain.app_manifest import GRANTS, Places, creation_address, manifest, web_address
from bot.domain.viewing import SIGNED_IN
from bot.entrypoints.setup.env_file import EnvFile
from bot.entrypoints.setup.page import BACK, Form, SetupPages
from bot.entrypoints.setup.server import SetupServer
from bot.entrypoints.web.webhook import PATH as WEBHOOK_PATH
from bot.ports import UserError

_SECONDS: Final = 3600.0
"""GitHub's code is good for so long; so is the address."""
# The form wants an address; the App sends nothing there.
_NOWHERE: Final = f"https://example.com{WEBHOOK_PATH}"
_KEY_FILE: Final = "GITHUB_PRIVATE_KEY_FILE"
VARIABLES: Final = (
    "GITHUB_APP_ID",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "GITHUB_WEBHOOK_SECRET",
    "GITHUB_PRIVATE_KEY",
    _KEY_FILE,
)
"""Everything that says which App we are."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The App that is wanted; `public` is where GitHub reaches us, or nothing yet."""

    api: str
    organization: str
    public: str


def create(wish: Wish, file: EnvFile, port: int, begin: Callable[[str], None]) -> NewApp:
    """Serve the page whose address `begin` gets, until the App is made and kept."""
    with SetupServer(port) as server:
        pages = SetupPages(
            server.host,
            _form(wish, server.host),
            partial(_convert, wish.api),
            partial(_keep, file, wish.public),
        )
        ended = server.serve(pages.answer, partial(begin, pages.address), _SECONDS)
    if pages.failure:
        raise pages.failure
    if not ended or pages.made is None:
        raise UserError("nobody created the App within an hour", "Run `ironclaw setup` again.")
    return pages.made


def _form(wish: Wish, host: str) -> Form:
    places = Places(
        home=wish.public or web_address(wish.api),
        webhook=f"{wish.public}{WEBHOOK_PATH}" if wish.public else _NOWHERE,
        back=f"http://{host}{BACK}",
        signed_in=f"{wish.public}{SIGNED_IN}" if wish.public else "",
    )
    # Names of Apps are unique on all of GitHub.
    name = f"Ironclaw {wish.organization or secrets.token_hex(3)}"
    document = manifest(name, places, listens=bool(wish.public))
    grants = tuple((grant.permission, grant.level, grant.why) for grant in GRANTS)
    return Form(creation_address(wish.api, wish.organization), json.dumps(document), grants)


def _convert(api: str, code: str) -> NewApp:
    async def ask() -> NewApp:
        clock = SystemClock()
        # This is asked as nobody: the code is all the proof there is.
        client = GitHubClient(AppKey("", ""), clock, base_url=api)
        try:
            return await GitHubApp(client, clock).convert_manifest(code)
        finally:
            await client.close()

    return asyncio.run(ask())


def _keep(file: EnvFile, public: str, made: NewApp) -> None:
    try:
        file.write(_values(made, public), dropped=(_KEY_FILE,))
    except UserError as error:
        remedy = (
            f"{error.remedy} Delete the App at {made.url}, since GitHub gives its secrets only "
            "once; then run `ironclaw setup` again."
        )
        raise UserError(str(error), remedy.strip()) from None


def _values(made: NewApp, public: str) -> dict[str, str]:
    values = {
        "GITHUB_APP_ID": str(made.id or ""),
        "GITHUB_CLIENT_ID": made.client_id,
        "GITHUB_CLIENT_SECRET": made.client_secret,
        "GITHUB_WEBHOOK_SECRET": made.webhook_secret,
        "GITHUB_PRIVATE_KEY": made.private_key,
    }
    empty = [name for name, value in values.items() if not value]
    if empty:
        raise UserError(f"GitHub gave no {', '.join(empty)}", "Check GITHUB_API_URL.")
    return values | ({"IRONCLAW_URL": public} if public else {})
