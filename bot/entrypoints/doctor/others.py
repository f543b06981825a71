"""Looks at what is reached over the network: GitHub, the language model, the web service."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from bot.adapters.asking import ask
from bot.bootstrap.clock import SystemClock
from bot.bootstrap.hosted import app_key
from bot.domain import checkup
from bot.domain.checkup import Checked, error, not_checked, ok, warning
from bot.entrypoints.setup.check import examine, unset
from bot.ports import UserError
from bot.settings import Settings

_OPENAI: Final = "https://api.openai.com/v1"
_SECONDS: Final = 10.0
_OFFLINE: Final = "nobody was asked (--offline)"


def github(settings: Settings, *, offline: bool) -> Iterator[Checked]:
    """The App as `ironclaw setup --check` sees it; the webhook's secret has a line of its own."""
    missing = [one for one in unset(settings) if "GITHUB_WEBHOOK_SECRET" not in one.what]
    for one in missing:
        yield error("github settings", one.what, one.remedy)
    if missing:
        yield not_checked("github", "the App is not configured")
        return
    app_key(settings)
    yield ok("github settings", "the App's id and private key are set, and the key can be read")
    if offline:
        yield not_checked("github", _OFFLINE)
        return
    report = asyncio.run(examine(settings, SystemClock()))
    accounts = ", ".join(report.accounts) or "no account"
    seen = f"{settings.github_api_url} takes the App {report.slug} ({report.app_id}) of {accounts}"
    yield ok("github", seen)
    told = [one for one in report.problems if one not in tuple(unset(settings))]
    for one in told:
        yield error("github app", one.what, one.remedy)
    for one in report.notes:
        yield warning("github app", one.what, one.remedy)
    if not told:
        yield ok("github app", "it has every permission and event that is needed")


def clock(settings: Settings, *, offline: bool) -> Iterator[Checked]:
    """Ours against GitHub's, which refuses a proof of identity from another time."""
    if offline:
        yield not_checked("clock", _OFFLINE)
        return
    reply = ask(settings.github_api_url, _SECONDS)
    if reply.ahead is None:
        yield not_checked("clock", f"{settings.github_api_url} does not say what time it is")
        return
    yield checkup.clock("clock", "GitHub's", reply.ahead)


def model(settings: Settings, *, offline: bool) -> Iterator[Checked]:
    """The language model's list of models, which costs nothing."""
    key, name = settings.openai_api_key, "model"
    if key is None:
        yield not_checked(name, "none is configured: the rules work alone")
        return
    if not settings.models:
        remedy = "Set IRONCLAW_MODELS to the models with their prices, like gpt-5-mini=0.25/2."
        yield warning(name, "OPENAI_API_KEY is set, and IRONCLAW_MODELS names none", remedy)
        return
    if offline:
        yield not_checked(name, _OFFLINE)
        return
    address = f"{settings.openai_base_url or _OPENAI}/models"
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
    reply = ask(address, _SECONDS, headers, proxies=False)
    if reply.status in (401, 403):
        remedy = "Set OPENAI_API_KEY to a key of that server."
        yield error(name, f"{address} answers {reply.status}: the key is refused", remedy)
    elif reply.status >= 500 or reply.status == 429:
        remedy = "Wait; jobs that need it are tried again."
        yield warning(name, f"{address} answers {reply.status}", remedy)
    else:
        yield checkup.models(settings.models, _listed(reply.document, reply.status))


def web(address: str, *, offline: bool) -> Iterator[Checked]:
    """What the web service says of itself."""
    if not address:
        remedy = "Name it with --url, or set IRONCLAW_URL."
        yield not_checked("web service", "no address is given", remedy)
        return
    if offline:
        yield not_checked("web service", _OFFLINE)
        return
    asked = f"{address.rstrip('/')}/readyz"
    try:
        reply = ask(asked, _SECONDS)
    except UserError as problem:
        remedy = f"Start it, if it does not run. {problem.remedy}"
        yield error("web service", str(problem), remedy)
        return
    found = reply.document if isinstance(reply.document, dict) else {}
    parts = {str(part)[:40]: str(state)[:80] for part, state in list(found.items())[:10]}
    yield checkup.readiness(asked, reply.status, parts)


def _listed(document: Any, status: int) -> list[str] | None:
    items = document.get("data") if isinstance(document, dict) and status == 200 else None
    if not isinstance(items, list):
        return None
    return [str(one["id"]) for one in items if isinstance(one, dict) and "id" in one]
