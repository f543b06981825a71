"""A server of ours as a job of GitHub Actions reports to it, one file a request."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from bot import __version__
from bot.domain.action.sending import is_safe_address
from bot.domain.redaction import redact

PATH: Final = "/api/v1/learning/measurements"
MOST_SENT: Final = 1024 * 1024
"""Packed; the server takes no larger body."""
_WHOLE_SECONDS: Final = 90.0
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_MOST_ANSWER: Final = 256 * 1024
_LONGEST: Final = 500
_LATER: Final = frozenset({408, 425, 429})
_TOO_LARGE: Final = (
    f"it has more than {MOST_SENT:,} bytes when it is packed: give it to `ironclaw ingest` beside "
    "the server"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has it; `new` is false where it had these bytes before."""

    new: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """The server does not want it, and would not want it later."""

    why: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody answered, or nobody who could; the same may go well later."""

    why: str


@dataclass(frozen=True, slots=True)
class File:
    """What is sent: the bytes as they are in the job."""

    repository: str
    name: str
    data: bytes = field(repr=False)
    commit: str = ""
    kind: str = ""


class _NoAnswerError(Exception):
    """Of whoever was asked."""


Credential = Callable[[], Awaitable[str]]
"""Gives a token for one request."""


class ReportServer:
    """Sends with a token that never goes to another address: no redirect is followed."""

    def __init__(self, address: str, client: httpx.AsyncClient, credential: Credential) -> None:
        self._address = address
        self._client = client
        self._credential = credential

    async def send(self, file: File) -> Sent | Declined | Silent:
        """What became of it; never raises for whatever the server does."""
        packed = await asyncio.to_thread(gzip.compress, file.data, 6, mtime=0)
        if len(packed) > MOST_SENT:
            return Declined(_TOO_LARGE)
        token = ""
        try:
            async with asyncio.timeout(_WHOLE_SECONDS):
                token = await self._credential()
                status, body = await self._post(file, packed, token)
        except (_NoAnswerError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Silent(redact(str(error) or type(error).__name__, [token])[:_LONGEST])
        return _judged(status, _json(body), token)

    async def _post(self, file: File, packed: bytes, token: str) -> tuple[int, bytes]:
        named = {"repository": file.repository, "name": file.name}
        more = {"commit": file.commit, "kind": file.kind}
        return await _exchange(
            self._client,
            self._client.build_request(
                "POST",
                self._address + PATH,
                params={**named, **{name: value for name, value in more.items() if value}},
                content=packed,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Encoding": "gzip",
                    "Content-Type": "application/octet-stream",
                },
            ),
        )


def given(token: str) -> Credential:
    """The same token for every request."""

    async def credential() -> str:
        return token

    return credential


@dataclass(frozen=True, slots=True)
class JobIdentity:
    """Where a job asks GitHub who it is, and with what."""

    url: str
    token: str = field(repr=False)

    @property
    def is_known(self) -> bool:
        """Whether GitHub lets the job ask."""
        return bool(self.url and self.token)


def signed_by_github(
    client: httpx.AsyncClient, identity: JobIdentity, audience: str, mask: Callable[[str], None]
) -> Credential:
    """A new token for each request, since each counts once; hidden from the log at once."""

    async def credential() -> str:
        if not is_safe_address(identity.url.partition("?")[0]):
            raise _NoAnswerError("GitHub's address for tokens is none with https://")
        sign = "&" if "?" in identity.url else "?"
        headers = {"Authorization": f"bearer {identity.token}", "Accept": "application/json"}
        where = f"{identity.url}{sign}audience={quote(audience, safe='')}"
        request = client.build_request("GET", where, headers=headers)
        try:
            status, body = await _exchange(client, request)
        except httpx.HTTPError as error:
            raise _NoAnswerError(f"GitHub gives no token: {type(error).__name__}") from None
        value = _json(body).get("value")
        if status != 200 or not isinstance(value, str) or not _is_plain(value):
            raise _NoAnswerError(f"GitHub gives no token: it answered {status}")
        mask(value)
        return value

    return credential


def make_client() -> httpx.AsyncClient:
    """One for all requests of a run."""
    agent = {"User-Agent": f"ironclaw/{__version__}"}
    return httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, headers=agent)


async def _exchange(client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, bytes]:
    """Status and body, of which no more is read than anything of ours has."""
    answer = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > _MOST_ANSWER:
                break
        return answer.status_code, bytes(body[:_MOST_ANSWER])
    finally:
        await answer.aclose()


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _judged(status: int, said: Mapping[str, Any], token: str) -> Sent | Declined | Silent:
    kept, detail = said.get("kept"), said.get("detail")
    if status in (200, 201) and isinstance(kept, bool):
        return Sent(kept)
    if 300 <= status < 400:
        return Declined("the server sends us to another address: give `server` its own one")
    why = redact(detail, [token])[:_LONGEST] if isinstance(detail, str) else f"HTTP {status}"
    if status >= 500 or status in _LATER:
        return Silent(why)
    return Declined(why if status >= 400 else "what answers there is no Ironclaw server")


def _is_plain(token: str) -> bool:
    """It becomes a header and a line of the log's own language."""
    return token.isascii() and token.isprintable() and " " not in token and bool(token)
