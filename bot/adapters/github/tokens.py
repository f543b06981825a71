"""Proves that we are the App, and gets tokens that may do one task in one repository."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import cache

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.adapters.github.exchange import Exchange
from bot.adapters.github.wire import Answer, Request
from bot.ports import Clock, HostError, InstallationGoneError, UserError

_ALGORITHM = "RS256"
_RENEWED_BEFORE = timedelta(minutes=5)
# A clock that is wrong by two minutes either way still makes a proof that GitHub takes: it wants
# `iat` in the past and `exp` at most ten minutes ahead.
_ISSUED_BEFORE, _EXPIRES_AFTER = timedelta(seconds=180), timedelta(seconds=300)
_KEY_REMEDY = (
    "Set GITHUB_PRIVATE_KEY to the whole PEM file that GitHub made, "
    "or GITHUB_PRIVATE_KEY_FILE to its path."
)
_NO_APP = "integration not found"


class Task(Enum):
    """What a token is for, and the permissions that this takes."""

    READ = (
        "metadata:read contents:read pull_requests:read issues:read checks:read statuses:read "
        "deployments:read"
    )
    LIST = "metadata:read"
    CHANGE = "metadata:read contents:write pull_requests:write"
    TALK = "metadata:read issues:write pull_requests:write"
    REPORT = "metadata:read checks:write"
    RUNS = "metadata:read actions:read"

    @property
    def permissions(self) -> Mapping[str, str]:
        """As GitHub wants them."""
        return dict(one.split(":", 1) for one in self.value.split())


class ClockError(UserError):
    """Our clock and GitHub's differ so much that our proof of identity is refused."""


@dataclass(frozen=True, slots=True)
class AppKey:
    """Who we are: the App's client id (or its number) and its private key."""

    issuer: str
    private_key: str = field(repr=False)

    def check(self) -> None:
        """UserError if the key cannot be read: better said at the start than at the first job."""
        _read_key(self.private_key)

    def proof(self, now: datetime) -> str:
        """A JSON web token that says, for some minutes, that we are the App."""
        claims = {
            "iss": self.issuer,
            "iat": int((now - _ISSUED_BEFORE).timestamp()),
            "exp": int((now + _EXPIRES_AFTER).timestamp()),
        }
        return jwt.encode(claims, _read_key(self.private_key), algorithm=_ALGORITHM)


@cache
def _read_key(pem: str) -> RSAPrivateKey:
    """The key, read once: to check it takes far longer than to sign with it."""
    try:
        key = jwt.get_algorithm_by_name(_ALGORITHM).prepare_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm, jwt.PyJWTError):
        # Their texts may quote the key.
        key = None
    # A public key is read as willingly.
    if not isinstance(key, RSAPrivateKey):
        raise UserError("the App's private key cannot be read", _KEY_REMEDY) from None
    return key


@dataclass(frozen=True, slots=True)
class Scope:
    """One task in one repository of an installation; no repository means all of them."""

    installation: int
    task: Task
    repository: str = ""
    repository_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    good_until: datetime


class Tokens:
    """Keeps each token until shortly before it expires."""

    def __init__(self, exchange: Exchange, key: AppKey, clock: Clock) -> None:
        self._exchange = exchange
        self._key = key
        self._clock = clock
        self._tokens: dict[Scope, _Token] = {}
        self._locks: dict[Scope, asyncio.Lock] = {}

    async def get(self, scope: Scope, *, refused: str = "") -> str:
        """A token for the scope, another than the one that GitHub has `refused`."""
        async with self._locks.setdefault(scope, asyncio.Lock()):
            known = self._tokens.get(scope)
            if known and known.text != refused and self._clock.now() < known.good_until:
                return known.text
            self._tokens.pop(scope, None)
            made = await self._make(scope)
            self._tokens[scope] = made
            return made.text

    async def as_app(self, request: Request, *, repeatable: bool | None = None) -> Answer:
        """What GitHub answers the App itself; UserError if it does not know us."""
        proof = self._key.proof(self._clock.now())
        answer = await self._exchange.ask(request, proof, installation=0, repeatable=repeatable)
        if answer.status == 401 or _NO_APP in answer.message.lower():
            raise self._unknown(answer)
        return answer

    async def _make(self, scope: Scope) -> _Token:
        path = f"/app/installations/{scope.installation}/access_tokens"
        # A second token does no harm.
        answer = await self.as_app(Request("POST", path, body=_wanted(scope)), repeatable=True)
        text, expires = answer.json.text("token"), answer.json.moment("expires_at")
        if answer.status == 201 and text and expires:
            return _Token(text, expires - _RENEWED_BEFORE)
        raise _refused(scope, answer)

    def _unknown(self, answer: Answer) -> UserError:
        complaint = answer.message
        claims = ("'exp'", "'iat'", "expiration time", "issued at")
        if any(word in complaint.lower() for word in claims):
            return ClockError(
                f"the clock of this machine differs from GitHub's by {self._skew(answer)} "
                f"({complaint})",
                "set the clock, and keep it right with NTP",
            )
        return UserError(
            f"GitHub does not know the App {self._key.issuer}: {complaint}",
            "check the App's client id and that its private key was not deleted",
        )

    def _skew(self, answer: Answer) -> str:
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return "more than two minutes"
        ours = self._clock.now()
        return f"{(ours - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds():.0f} s"


class GivenToken:
    """One token that somebody else has made, such as that of a workflow's job."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get(self, _: Scope, *, refused: str = "") -> str:
        """The token; UserError once GitHub has refused it: there is no other."""
        if refused or not self._token:
            raise UserError("GitHub does not take the token", "see `github-token`")
        return self._token

    async def as_app(self, request: Request, *, repeatable: bool | None = None) -> Answer:
        """UserError: nobody with a token alone is an App."""
        del repeatable
        raise UserError(f"{request.path} is for an App alone", "set up a GitHub App")


def _wanted(scope: Scope) -> dict[str, object]:
    wanted: dict[str, object] = {"permissions": scope.task.permissions}
    if scope.repository_id is not None:
        wanted["repository_ids"] = [scope.repository_id]
    elif scope.repository:
        wanted["repositories"] = [scope.repository.rpartition("/")[2]]
    return wanted


def _refused(scope: Scope, answer: Answer) -> Exception:
    where = f"installation {scope.installation}"
    if answer.status == 404:
        return InstallationGoneError(f"the App was removed: {where} is not there any more")
    if answer.status == 403 and "suspend" in answer.message.lower():
        return InstallationGoneError(f"{where} is suspended")
    if answer.status == 422 and "permission" in answer.message.lower():
        return UserError(
            f"{where} does not grant the App what it needs: {answer.message}",
            "accept the App's new permissions in the settings of the installation",
        )
    if answer.status in (403, 422):
        return InstallationGoneError(
            f"{where} does not let us into {scope.repository or 'its repositories'}: "
            f"{answer.message}"
        )
    return HostError(f"no token for {where}: {answer.message}")
