"""One exchange with GitHub over HTTP, through githubkit: what was asked and what was answered."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import httpx
from githubkit import GitHub, Response
from githubkit.auth.unauth import UnauthAuthStrategy
from githubkit.exception import RequestError, RequestFailed

from bot import __version__
from bot.adapters.github.fields import Fields
from bot.domain.redaction import redact
from bot.ports import HostError

GITHUB = "https://api.github.com"
API_VERSION = "2022-11-28"
"""The newer 2026-03-10 no longer says as which commit a pull request was merged."""

TIMEOUT_SECONDS = 20.0
"""How long to wait for more of an answer; a whole one may take four times that."""

_MAX_CONTENT = 120_000_000

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of GitHub; `path` is below the API's address, `body` becomes JSON."""

    method: Method
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    accept: str = "application/vnd.github+json"

    @property
    def changes(self) -> bool:
        """Whether it may change something, so that sending it twice may do it twice."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub said, by header in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)

    @property
    def json(self) -> Fields:
        """The content as JSON; what is none has no fields."""
        try:
            return Fields(json.loads(self.content))
        except (ValueError, RecursionError):
            return Fields()

    @property
    def message(self) -> str:
        """What GitHub says is wrong, for a person."""
        said = self.json
        details = (one.text("message") or one.text() for one in said.each("errors"))
        text = "; ".join(filter(None, (said.text("message"), *details)))
        return redact(text)[:500] or f"HTTP {self.status}"


class NoAnswerError(HostError):
    """The connection failed or the answer did not come in time."""


class _Pooled(GitHub[UnauthAuthStrategy]):
    """githubkit with connections that are kept; its own are per request or per context."""

    _pool: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def get_async_client(self) -> AsyncGenerator[httpx.AsyncClient, None]:
        if self._pool is None:
            self._pool = await self._create_async_client()
        yield self._pool

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None


class Wire:
    """Sends requests as whoever a token belongs to; never retries and never waits for long."""

    def __init__(self, base_url: str = GITHUB, timeout: float = TIMEOUT_SECONDS) -> None:
        self.base_url = base_url.rstrip("/")
        self._whole = 4 * timeout
        self._github = _Pooled(
            UnauthAuthStrategy(),
            base_url=self.base_url,
            user_agent=f"ironclaw/{__version__}",
            timeout=timeout,
            # Its cache does not know whose answer it keeps, its retries repeat what changes.
            http_cache=False,
            auto_retry=False,
        )

    @property
    def graphql_url(self) -> str:
        """Where GraphQL is: beside REST on github.com, above it on a server of one's own."""
        return f"{self.base_url.removesuffix('/v3')}/graphql"

    async def send(
        self, request: Request, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer, whatever its status; NoAnswerError if there is none."""
        try:
            async with asyncio.timeout(self._whole):
                return await self._send(request, token, headers or {})
        except (RequestError, httpx.HTTPError, TimeoutError) as error:
            cause = error.exc if isinstance(error, RequestError) else error
            what = redact(f"{type(cause).__name__} {cause}".strip())
            # The cause's own text may hold the request, and with it the token.
            raise NoAnswerError(f"{request.method} {request.path}: {what}") from None

    async def close(self) -> None:
        """Close the connections."""
        await self._github.close()

    async def _send(self, request: Request, token: str, headers: Mapping[str, str]) -> Answer:
        sent = {"Accept": request.accept, "X-GitHub-Api-Version": API_VERSION, **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        url = self._url(request.path)
        try:
            response = await self._github.arequest(
                request.method,
                url,
                # Even an empty mapping would take the place of what the address says.
                params=dict(request.params) or None,
                json=request.body,
                headers=sent,
                stream=True,
            )
        except RequestFailed as error:
            response = error.response
        return await _read(response)

    def _url(self, path: str) -> str:
        if "://" not in path:
            return f"{self.base_url}{path}"
        if path != self.graphql_url and not path.startswith(f"{self.base_url}/"):
            # A link in an answer leads no token to another server.
            raise NoAnswerError(f"{path} is not on {self.base_url}")
        return path


async def _read(response: Response[object]) -> Answer:
    raw = response.raw_response
    content = bytearray()
    try:
        if raw.is_stream_consumed:
            content += raw.content
        else:
            async for part in raw.aiter_bytes():
                content += part
                if len(content) > _MAX_CONTENT:
                    raise NoAnswerError(f"the answer is larger than {_MAX_CONTENT} bytes")
    finally:
        await raw.aclose()
    headers = {name.lower(): value for name, value in raw.headers.items()}
    return Answer(raw.status_code, headers, bytes(content))
