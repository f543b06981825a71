"""Tokens that GitHub Actions signs for workflows: whose signature it is, and what it says."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import jwt

from bot.adapters.github.wire import Request, Wire
from bot.domain.actions_identity import Doubted, Proven, decide_identity
from bot.ports import HostError

LONGEST: Final = 10_000
"""A token with more characters is not looked at."""
_ALGORITHM: Final = "RS256"
_KEPT_SECONDS: Final = 3600.0
_AGAIN_SECONDS: Final = 60.0
_MOST_KEYS: Final = 100
_SECONDS: Final = 5.0
_NO_KEY: Final = Doubted("it is signed with a key that GitHub does not show")
_FORGED: Final = Doubted("its signature is not GitHub's")


@dataclass(frozen=True, slots=True)
class _Keys:
    """What the issuer showed, and when."""

    by_id: Mapping[str, Any]
    at: float


class ActionsTokens:
    """Verifies; the issuer's keys are asked for at most once a minute, whatever is presented."""

    def __init__(
        self, issuer: str, audience: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        where = urlsplit(issuer)
        self._path = where.path.rstrip("/")
        self._origin = f"{where.scheme}://{where.netloc}"
        self._wire = Wire(self._origin, _SECONDS)
        self._clock = clock
        self._keys: _Keys | None = None
        self._asked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def identity(self, token: str, now: datetime) -> Proven | Doubted:
        """Whose workflow has this token; HostError where no key of the issuer is known."""
        try:
            head = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return _FORGED
        # The algorithm is ours to choose, and never the token's.
        if head.get("alg") != _ALGORITHM or not isinstance(head.get("kid"), str):
            return _FORGED
        key = await self._key(head["kid"])
        if key is None:
            return _NO_KEY
        options: Any = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf"), False)
        options |= {"verify_aud": False, "verify_iss": False, "verify_sub": False}
        options |= {"verify_jti": False}
        try:
            claims = jwt.decode(token, key, algorithms=[_ALGORITHM], options=options)
        except jwt.PyJWTError:
            return _FORGED
        return decide_identity(claims, self._issuer, self._audience, now)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def _key(self, id: str) -> Any:
        """The key of this id; keys change, so an unknown one is asked for, but not too often."""
        async with self._turn:
            now, keys = self._clock(), self._keys
            stale = keys is None or id not in keys.by_id or now - keys.at > _KEPT_SECONDS
            if stale and now - self._asked_at >= _AGAIN_SECONDS:
                self._asked_at = now
                try:
                    keys = self._keys = _Keys(await self._shown(), now)
                except HostError:
                    # The last ones that were shown go on counting while the issuer is away.
                    if keys is None:
                        raise
            if keys is None:
                raise HostError("GitHub's keys cannot be read now")
            return keys.by_id.get(id)

    async def _shown(self) -> dict[str, Any]:
        found = await self._json(f"{self._path}/.well-known/openid-configuration")
        where = found.get("jwks_uri")
        # Who signs does not say at which other server its keys would be.
        if not isinstance(where, str) or not where.startswith(f"{self._origin}/"):
            raise HostError("the issuer's keys are not at the issuer's own address")
        listed = (await self._json(where)).get("keys")
        if not isinstance(listed, list):
            raise HostError("the issuer shows no keys")
        usable = [one for one in listed[:_MOST_KEYS] if _is_usable(one)]
        try:
            return {one["kid"]: jwt.PyJWK(one, _ALGORITHM).key for one in usable}
        except jwt.PyJWTError:
            raise HostError("a key of the issuer cannot be read") from None

    async def _json(self, path: str) -> dict[str, Any]:
        answer = await self._wire.send(Request("GET", path, accept="application/json"))
        value = answer.json.value
        if answer.status != 200 or not isinstance(value, dict):
            raise HostError(f"the issuer answered {answer.status}")
        return value


def _is_usable(key: Any) -> bool:
    return isinstance(key, dict) and key.get("kty") == "RSA" and isinstance(key.get("kid"), str)
