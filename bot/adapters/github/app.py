"""The App itself: who it is, where it is installed, and which deliveries never arrived."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.adapters.github.client import Access, GitHubClient, expect
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity
from bot.adapters.github.tokens import Task
from bot.adapters.github.wire import Request
from bot.domain.hosting import FailedDelivery, Installation, InstalledRepository
from bot.ports import Clock, HostError, UserError

_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_KEPT = timedelta(days=3)
"""How long GitHub can send a delivery again."""
_MAX_PAGES = 200


@dataclass(frozen=True, slots=True)
class NewApp:
    """What GitHub gives for a manifest, once."""

    id: int
    slug: str
    client_id: str
    url: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """What GitHub has on record of the App; the webhook's parts are None where it does not say."""

    id: int
    slug: str
    url: str
    permissions: Mapping[str, str]
    events: Sequence[str]
    webhook_url: str | None = None
    webhook_has_secret: bool | None = None
    webhook_is_json: bool | None = None


class GitHubApp:
    """What the App asks in its own name."""

    def __init__(self, client: GitHubClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def identity(self) -> Identity:
        """Who we are; UserError if GitHub does not know us."""
        app = expect(await self._client.tokens.as_app(Request("GET", "/app")), 200)
        slug, number = app.text("slug"), app.number("id")
        user = await self._user(f"/users/{slug}%5Bbot%5D")
        if not slug or number is None or user is None:
            raise HostError("GitHub does not say who the App is")
        return Identity(slug, user, number)

    async def registration(self) -> Registration:
        """What the App may do and is told of; UserError if GitHub does not know us."""
        app = expect(await self._client.tokens.as_app(Request("GET", "/app")), 200)
        found = Registration(
            id=app.number("id") or 0,
            slug=app.text("slug"),
            url=app.text("html_url"),
            permissions=_permissions(app),
            events=[event.text() for event in app.each("events")],
        )
        answer = await self._client.tokens.as_app(Request("GET", "/app/hook/config"))
        if answer.status == 404:
            return found
        hook = expect(answer, 200)
        return replace(
            found,
            webhook_url=hook.text("url"),
            webhook_has_secret=bool(hook.text("secret")),
            webhook_is_json=hook.text("content_type") == "json",
        )

    async def installations(self) -> Sequence[Installation]:
        """Everywhere that the App is installed."""
        return [
            Installation(
                id=one.number("id") or 0,
                account=one.text("account", "login"),
                suspended=bool(one.text("suspended_at")),
                permissions=_permissions(one),
            )
            async for one in self._pages("/app/installations")
        ]

    async def repositories(self, installation: int) -> Sequence[InstalledRepository]:
        """Every repository that an installation lets us into."""
        access = Access(self._client, installation, reading=Task.LIST)
        return [
            InstalledRepository(one.number("id") or 0, one.text("full_name"), one.flag("archived"))
            async for one in access.pages("/installation/repositories", "repositories")
        ]

    async def failed_deliveries(self, since: datetime) -> Sequence[FailedDelivery]:
        """Deliveries since then of which no attempt was answered well, oldest first."""
        oldest = max(since, self._clock.now() - _KEPT)
        latest: dict[str, FailedDelivery] = {}
        arrived: set[str] = set()
        async for one in self._pages("/app/hook/deliveries"):
            attempt = _attempt(one)
            if attempt is None:
                continue
            if attempt.at < oldest:
                break
            if one.text("status") == "OK":
                arrived.add(attempt.guid)
            # The newest attempt comes first.
            latest.setdefault(attempt.guid, attempt)
        failed = [one for guid, one in latest.items() if guid not in arrived]
        return sorted(failed, key=lambda one: (one.at, one.id))

    async def redeliver(self, delivery: FailedDelivery) -> bool:
        """Ask for it again; False when GitHub has it no more."""
        path = f"/app/hook/deliveries/{delivery.id}/attempts"
        answer = await self._client.tokens.as_app(Request("POST", path))
        if answer.status in (404, 422):
            return False
        expect(answer, 202)
        return True

    async def convert_manifest(self, code: str) -> NewApp:
        """The App that was made from our manifest; the code is good once and for an hour."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", code):
            raise UserError("that is no code of GitHub's", "begin the set-up again")
        request = Request("POST", f"/app-manifests/{code}/conversions")
        answer = await self._client.exchange.ask(request, "", installation=0)
        if answer.status in (404, 422):
            raise UserError(
                f"GitHub does not take the code: {answer.message}", "begin the set-up again"
            )
        return _new_app(expect(answer, 201))

    async def _user(self, path: str) -> int | None:
        """A user's id, asked as whoever we may ask as."""
        for one in await self.installations():
            if not one.suspended:
                access = Access(self._client, one.id, reading=Task.LIST)
                return expect(await access.get(path), 200).number("id")
        answer = await self._client.exchange.ask(Request("GET", path), "", installation=0)
        return expect(answer, 200).number("id")

    async def _pages(self, path: str) -> AsyncIterator[Fields]:
        request = Request("GET", path, {"per_page": "100"})
        for _ in range(_MAX_PAGES):
            answer = await self._client.tokens.as_app(request)
            for one in expect(answer, 200).each():
                yield one
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            request = Request("GET", following[1])


def _permissions(one: Fields) -> Mapping[str, str]:
    given = one.at("permissions").value
    names = given if isinstance(given, dict) else ()
    return {name: one.text("permissions", name) for name in names}


def _attempt(one: Fields) -> FailedDelivery | None:
    number, guid, at = one.number("id"), one.text("guid"), one.moment("delivered_at")
    if number is None or not guid or at is None:
        return None
    return FailedDelivery(number, guid, one.text("event"), at)


def _new_app(made: Fields) -> NewApp:
    return NewApp(
        id=made.number("id") or 0,
        slug=made.text("slug"),
        client_id=made.text("client_id"),
        url=made.text("html_url"),
        client_secret=made.text("client_secret"),
        webhook_secret=made.text("webhook_secret"),
        private_key=made.text("pem"),
    )
