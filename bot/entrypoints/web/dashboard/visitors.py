"""Who is at the dashboard: whoever is on this machine, somebody who has signed in, or nobody."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urlsplit

from flask import Response, request

from bot.adapters.database.sessions import SqlSessions
from bot.adapters.github.signing_in import Person, SignIn, TokenGoneError
from bot.domain.viewing import (
    OPERATOR,
    SESSION,
    Known,
    LookAgain,
    Over,
    Session,
    Viewer,
    decide_session,
)
from bot.entrypoints.web.dashboard.sealing import Seal
from bot.entrypoints.web.problems import Problem
from bot.ports import HostError

_PROXIED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
_LOCAL_ONLY: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "This dashboard is for the machine that it runs on: open it there as http://127.0.0.1 with "
    "its port, or set IRONCLAW_DASHBOARD=sign-in.",
)
_OTHER_NAME: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "Another name than localhost leads here: open http://127.0.0.1 with the port instead.",
)
_SILENT: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "GitHub does not say at the moment which repositories you may see: try again in a minute.",
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks; `key` binds the forms that they are shown to them."""

    viewer: Viewer
    key: str
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who has to sign in first; `why` is said where they had."""

    why: str = ""


class Door(Protocol):
    """How one comes to the dashboard."""

    async def visitor(self) -> Visitor | Stranger | Problem:
        """Who sends the request at hand."""
        ...

    async def may_change(self, visitor: Visitor, repository: str) -> bool:
        """Whether they may change a repository at this moment; HostError if nobody can say."""
        ...

    def origin(self) -> str:
        """Where the pages come from that may send forms here."""
        ...


class LocalDoor:
    """Whoever is on this machine runs the server, and all is theirs."""

    async def visitor(self) -> Visitor | Stranger | Problem:
        """The operator, if nothing says that the request came from elsewhere."""
        if not is_loopback(request.remote_addr or "") or any(
            name in request.headers for name in _PROXIED
        ):
            return _LOCAL_ONLY
        # Somebody else's page may lead a name of its own to this address.
        name = _name(request.headers.get("Host", ""))
        if name != "localhost" and not is_loopback(name):
            return _OTHER_NAME
        return Visitor(OPERATOR, "local")

    async def may_change(self, visitor: Visitor, repository: str) -> bool:
        """All is theirs."""
        return visitor.viewer.may_change(repository)

    def origin(self) -> str:
        """As the browser has it: the name was looked at before."""
        return f"http://{request.headers.get('Host', '')}"


class SignInDoor:
    """Those whom GitHub lets see a repository that the App is on."""

    def __init__(self, sign_in: SignIn, sessions: SqlSessions, seal: Seal, url: str) -> None:
        self.sign_in = sign_in
        self.seal = seal
        self._sessions = sessions
        self._url = url
        # With https the name itself keeps other sites of the domain from setting the cookie.
        self._secure = url.startswith("https://")
        self._prefix = "__Host-" if self._secure else ""

    async def visitor(self) -> Visitor | Stranger | Problem:
        """Whoever has the cookie of a session that still counts."""
        id = self._presented()
        session = await self._sessions.find(id) if id else None
        if session is None:
            return Stranger()
        now = datetime.now(UTC)
        match decide_session(session, now):
            case Known():
                pass
            case Over(why):
                await self._sessions.end(session.id)
                return Stranger(f"{why}: sign in again")
            case LookAgain(may_wait):
                looked = await self._looked(session, now)
                if looked is None and not may_wait:
                    return _SILENT
                if isinstance(looked, Stranger):
                    return looked
                session = looked or session
        return Visitor(await self._sessions.viewer(session), session.id, session)

    async def may_change(self, visitor: Visitor, repository: str) -> bool:
        """What GitHub says of them now, whatever it said before."""
        if visitor.session is None or not visitor.viewer.may_see(repository):
            return False
        token = str(self.seal.unseal(visitor.session.token) or "")
        try:
            return await self.sign_in.may_write(token, repository)
        except TokenGoneError:
            await self._sessions.end(visitor.session.id)
            return False

    def origin(self) -> str:
        """Where people reach this server, as its settings say."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}"

    async def begin(self, person: Person, answer: Response) -> None:
        """Sign a person in; whatever session their browser had is over."""
        await self.end()
        secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
        session = Session(
            id=_digest(secret),
            login=person.login,
            token=self.seal.seal(person.token),
            repositories=person.repositories,
            looked_at=now,
            created_at=now,
            expires_at=now + SESSION,
        )
        await self._sessions.begin(session)
        lasts = int(SESSION.total_seconds())
        self.put("session", self.seal.seal(secret), lasts, answer)

    async def end(self) -> None:
        """Let the session of this browser count no more."""
        id = self._presented()
        if id:
            await self._sessions.end(id)

    def given(self, name: str) -> str:
        """One of our cookies."""
        return request.cookies.get(f"{self._prefix}ironclaw-{name}", "")

    def put(self, name: str, value: str, seconds: int, answer: Response) -> None:
        """Set one of our cookies; for no seconds it is taken away."""
        answer.set_cookie(
            f"{self._prefix}ironclaw-{name}",
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    async def _looked(self, session: Session, now: datetime) -> Session | Stranger | None:
        """The session as GitHub sees the person now; None where it does not answer."""
        token = str(self.seal.unseal(session.token) or "")
        try:
            repositories = await self.sign_in.repositories(token)
        except TokenGoneError:
            await self._sessions.end(session.id)
            return Stranger("GitHub no longer takes your sign-in: sign in again")
        except HostError:
            return None
        await self._sessions.seen(session.id, repositories, now)
        return await self._sessions.find(session.id)

    def _presented(self) -> str:
        """The id of the session whose cookie the browser sends, if it is signed by us."""
        lasts = int(SESSION.total_seconds())
        secret = self.seal.unseal(self.given("session"), lasts)
        return _digest(secret) if isinstance(secret, str) else ""


def is_loopback(address: str) -> bool:
    """Whether it is an address of this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """The name in a Host header without its port; empty where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
