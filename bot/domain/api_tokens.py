"""Tokens that services prove themselves with over HTTP: of which repositories, for what, how long.

A token is `ironclaw_ID_SECRET`. The secret has 256 random bits, so a plain SHA-256 of it is as good
to keep as a slow one: there is nothing to guess.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

PREFIX: Final = "ironclaw_"
_SHAPE: Final = re.compile(PREFIX + r"([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """What a token may be used for."""

    REPORT = "report"
    READ = "read"
    RATE = "rate"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token without its secret; `repositories` are the code host's numbers for them."""

    id: str
    name: str
    repositories: frozenset[int]
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever has proved who they are; `repositories` by name, None where every one is theirs.

    The names are in small letters: the host knows a repository in any.
    """

    scopes: frozenset[Scope]
    repositories: frozenset[str] | None = None
    id: str = "operator"
    name: str = "the operator"

    def may(self, scope: Scope, repository: str) -> bool:
        """Whether this may be done for this repository."""
        return scope in self.scopes and (
            self.repositories is None or repository.lower() in self.repositories
        )


OPERATOR: Final = Caller(frozenset(Scope))
"""Whoever has a token of the settings."""


def token_parts(text: str) -> tuple[str, str] | None:
    """The id and the secret of a token, None if it is none."""
    found = _SHAPE.fullmatch(text)
    return (found[1], found[2]) if found else None


def why_not(token: ApiToken, now: datetime) -> str:
    """Why a token is good for nothing any more, empty if it is not so."""
    if token.revoked_at is not None:
        return f"it was revoked at {token.revoked_at:%Y-%m-%d %H:%M} UTC"
    if token.expires_at is not None and token.expires_at <= now:
        return f"it expired at {token.expires_at:%Y-%m-%d %H:%M} UTC"
    return ""


def caller_of(token: ApiToken, names: Collection[str]) -> Caller:
    """Whoever has this token, whose repositories go by these names now."""
    theirs = frozenset(name.lower() for name in names)
    return Caller(token.scopes, theirs, token.id, token.name)
