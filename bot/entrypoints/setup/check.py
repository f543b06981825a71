"""Asks GitHub, as the App, what it may do and is told of, and says what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.adapters.github.app import GitHubApp, Registration
from bot.adapters.github.client import GitHubClient
from bot.adapters.github.tokens import AppKey
from bot.domain.app_manifest import (
    PERMISSIONS,
    lacking_events,
    lacking_permissions,
    needless_permissions,
)
from bot.domain.hosting import Installation
from bot.ports import Clock, HostError, UserError
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be, and what to do."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Report:
    """Who the App is, and what it lacks; notes say what could be better and hinders nothing."""

    slug: str = ""
    app_id: int | None = None
    accounts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


async def examine(settings: Settings, clock: Clock) -> Report:
    """The report; UserError if GitHub does not know us or does not answer."""
    missing = tuple(unset(settings))
    issuer = settings.github_client_id or settings.github_app_id
    key = settings.private_key()
    if not issuer or key is None:
        return Report(problems=missing)
    client = GitHubClient(
        AppKey(issuer, key.get_secret_value()), clock, base_url=settings.github_api_url
    )
    try:
        app = GitHubApp(client, clock)
        found, installations = await app.registration(), await app.installations()
    except HostError as error:
        problem = f"GitHub does not answer: {error}"
        raise UserError(problem, "Check GITHUB_API_URL and the network, or wait.") from None
    finally:
        await client.close()
    told = (*_of_app(found, settings), *_of_installations(found, installations))
    return Report(
        slug=found.slug,
        app_id=found.id,
        accounts=tuple(
            f"{one.account} (suspended)" if one.suspended else one.account for one in installations
        ),
        problems=(*missing, *told),
        notes=tuple(_notes(found)),
    )


def unset(settings: Settings) -> Iterator[Problem]:
    """The settings of the App that are missing; UserError if the key's file cannot be read."""
    remedy = "Run `ironclaw setup`, or copy it from the App's settings on GitHub."
    if not (settings.github_client_id or settings.github_app_id):
        yield Problem("Neither GITHUB_CLIENT_ID nor GITHUB_APP_ID is set.", remedy)
    if settings.private_key() is None:
        yield Problem(
            "GITHUB_PRIVATE_KEY is not set, nor GITHUB_PRIVATE_KEY_FILE.",
            "Run `ironclaw setup`, or make a private key in the App's settings on GitHub.",
        )
    if not settings.webhook_secrets:
        yield Problem(
            "GITHUB_WEBHOOK_SECRET is not set: nobody could tell who sent a delivery.",
            "Set the same secret here and in the App's settings: `openssl rand -hex 32` makes one.",
        )


def _of_app(found: Registration, settings: Settings) -> Iterator[Problem]:
    ours = settings.github_app_id
    if ours and ours != str(found.id):
        yield Problem(
            f"GITHUB_APP_ID is {ours}, but the key belongs to the App {found.id}.",
            "Let both be of one App.",
        )
    if lacking := lacking_permissions(found.permissions):
        yield Problem(
            f"The App lacks the permissions {', '.join(lacking)}.",
            "Add them under Permissions in the App's settings; its owners are asked to accept.",
        )
    if events := lacking_events(found.events):
        yield Problem(
            f"The App is not told of the events {', '.join(events)}.",
            "Tick them under Subscribe to events in the App's settings.",
        )
    yield from _of_webhook(found)


def _of_webhook(found: Registration) -> Iterator[Problem]:
    where = "in the App's settings"
    if found.webhook_url == "" or (found.webhook_url or "").startswith("https://example.com/"):
        yield Problem(
            "The App's webhook has no address, so GitHub sends nothing.",
            f"Set the address of `ironclaw serve`, with /webhooks/github, {where}.",
        )
    if found.webhook_has_secret is False:
        yield Problem(
            "The App's webhook has no secret, so every delivery is refused.",
            f"Set that of GITHUB_WEBHOOK_SECRET {where}.",
        )
    if found.webhook_is_json is False:
        yield Problem(
            "The App's webhook sends forms, which nobody here reads.",
            f"Choose application/json as its content type {where}.",
        )


def _of_installations(
    found: Registration, all_of_them: Sequence[Installation]
) -> Iterator[Problem]:
    if not all_of_them:
        yield Problem(
            "The App is not installed anywhere.",
            f"Choose its repositories at {found.url}/installations/new",
        )
    for one in all_of_them:
        if one.suspended:
            yield Problem(
                f"{one.account} has suspended the App.",
                f"Unsuspend it in the installation's settings of {one.account}.",
            )
        # What the App itself lacks is said once, and not for everybody.
        asked = lacking_permissions(one.permissions)
        lacking = [name for name in asked if name not in lacking_permissions(found.permissions)]
        if lacking:
            yield Problem(
                f"{one.account} has not accepted the permissions {', '.join(lacking)}.",
                f"An owner of {one.account} accepts them in the installation's settings.",
            )


def _notes(found: Registration) -> Iterator[Problem]:
    if needless := needless_permissions(found.permissions):
        beyond = [name.partition(":")[0] for name in needless]
        wanted = ", ".join(f"{name}: {PERMISSIONS.get(name, 'no access')}" for name in beyond)
        yield Problem(
            f"The App may do more than it needs: {', '.join(needless)}.",
            f"Lower it in the App's settings to {wanted}.",
        )
