"""GitHub's sign-in for people, and what it says to a person's own token."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from bot.adapters.github.client import segment
from bot.adapters.github.fields import Fields
from bot.adapters.github.wire import Answer, Request, Wire
from bot.domain.app_manifest import web_address
from bot.ports import HostError, UserError

_NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')
_MOST_PAGES: Final = 100
_SECONDS: Final = 10.0


class TokenGoneError(Exception):
    """The person's token is good no more: it expired, or they took it back."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who has signed in; `repositories` are numbers, each with whether they may write to it."""

    login: str
    token: str = field(repr=False)
    repositories: Mapping[int, bool] = field(hash=False, default_factory=dict)


class SignIn:
    """The App's sign-in: the web application flow with PKCE, and nothing is asked for but who."""

    def __init__(self, api: str, client_id: str, client_secret: str, back: str) -> None:
        self._web = Wire(web_address(api), _SECONDS)
        self._api = Wire(api, _SECONDS)
        self._client_id = client_id
        self._client_secret = client_secret
        self._back = back

    def address(self, state: str, verifier: str) -> str:
        """Where a person is sent; `state` and `verifier` are of this one attempt."""
        asked = {
            "client_id": self._client_id,
            "redirect_uri": self._back,
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._web.base_url}/login/oauth/authorize?{urlencode(asked)}"

    async def person(self, code: str, verifier: str) -> Person:
        """Whoever a code stands for; UserError if GitHub does not take it."""
        body = {
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        request = Request("POST", "/login/oauth/access_token", body=body, accept="application/json")
        said = _good(await self._web.send(request))
        token = said.text("access_token")
        if not token:
            why = said.text("error") or "no token came"
            raise UserError(f"GitHub did not let you in: {why[:100]}", "Sign in again.")
        login = _good(await self._ask("/user", token)).text("login")
        if not login:
            raise HostError("GitHub does not say who signed in")
        return Person(login, token, await self.repositories(token))

    async def repositories(self, token: str) -> Mapping[int, bool]:
        """Those that the person may see and the App is on; whether they may write to each.

        TokenGoneError where the token is good no more.
        """
        found: dict[int, bool] = {}
        async for installation in self._pages("/user/installations", token, "installations"):
            path = f"/user/installations/{installation.number('id') or 0}/repositories"
            async for one in self._pages(path, token, "repositories"):
                found[one.number("id") or 0] = _writes(one)
        return found

    async def may_write(self, token: str, repository: str) -> bool:
        """Whether the person may write to a repository at this moment."""
        owner, _, name = repository.partition("/")
        answer = await self._ask(f"/repos/{segment(owner)}/{segment(name)}", token)
        if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.MOVED_PERMANENTLY):
            return False
        return _writes(_good(answer))

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()
        await self._api.close()

    async def _ask(self, path: str, token: str, params: Mapping[str, str] | None = None) -> Answer:
        answer = await self._api.send(Request("GET", path, params or {}), token)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise TokenGoneError
        return answer

    async def _pages(self, path: str, token: str, inside: str) -> AsyncIterator[Fields]:
        answer = await self._ask(path, token, {"per_page": "100"})
        for _ in range(_MOST_PAGES):
            if answer.status == HTTPStatus.NOT_FOUND:
                # Taken out since the list was made.
                return
            for one in _good(answer).each(inside):
                yield one
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            answer = await self._ask(following[1], token)


def challenge(verifier: str) -> str:
    """What is told of a verifier before it is shown (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _good(answer: Answer) -> Fields:
    """What it says; HostError where it says nothing of the person now."""
    if answer.status != HTTPStatus.OK:
        raise HostError(f"GitHub answered {answer.status}: {answer.message}")
    return answer.json


def _writes(one: Fields) -> bool:
    return any(one.flag("permissions", name) for name in ("push", "maintain", "admin"))
