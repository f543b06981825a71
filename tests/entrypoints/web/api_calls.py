"""What the tests of the interface share: two repositories' improvements, tokens, and requests."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.database import make_engine, store_factory
from bot.adapters.database.api_tokens import SqlApiTokens
from bot.domain.api_tokens import ApiToken, Scope
from bot.domain.improvement import Improvement
from tests.domain.samples import an_improvement

ROOT = "/api/v1/learning"
PATIENCE = 60.0
NOW = datetime.now(UTC)
SHOP, OTHER = 0, 1
_TLS = ssl.create_default_context()
Answer = TypeVar("Answer")


def ask(url: str, question: Callable[[AsyncEngine], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        engine = make_engine(url)
        try:
            return await question(engine)
        finally:
            await engine.dispose()

    # Where a test drives a browser, its own thread has a loop already.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, run()).result()


def keep(url: str, *improvements: Improvement) -> None:
    async def save(engine: AsyncEngine) -> None:
        async with store_factory(engine)() as store:
            for one in improvements:
                await store.save(one)
            await store.commit()

    ask(url, save)


def stored(number: int, repository: str = "team/shop", **changes: Any) -> Improvement:
    at = NOW - timedelta(minutes=number)
    given: dict[str, Any] = {"created_at": at, "updated_at": at, "head_sha": "a" * 40}
    id = f"{number:012x}"
    return an_improvement(**({"id": id, "repository": repository} | given | changes))


def token(url: str, *scopes: Scope, repository: int = SHOP) -> str:
    wanted = ApiToken("", "tests", frozenset({repository}), frozenset(scopes or Scope), NOW)
    return ask(url, lambda engine: SqlApiTokens(engine).create(wanted))[1]


def client_of(address: str) -> httpx.Client:
    """Whoever asks this server; certificates are read once, since that takes long."""
    return httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE, verify=_TLS)


class Api:
    """Asks one server with one token."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._send("GET", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self._send("POST", path, body, headers)

    def _send(self, method: str, path: str, body: Any, more: dict[str, str]) -> httpx.Response:
        headers = self._headers | {name.replace("_", "-"): value for name, value in more.items()}
        with client_of(self._address) as client:
            return client.request(method, ROOT + path, json=body, headers=headers)
