"""What the page of the set-up answers: the form for GitHub, and the way back from there."""

import hashlib
import hmac
import secrets
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from bot.adapters.github.app import NewApp
from bot.ports import HostError, UserError

BACK: Final = "/created"
_COOKIE: Final = "ironclaw_setup"
_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.5rem 1rem}td,th{text-align:left;padding-right:1rem}"
)
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_IN_ADDRESS: Final = "/:@%[]?=&+,;~"
_AGAIN: Final = "Run `ironclaw setup` again for a new address."


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent to GitHub, and where; `grants` is what the person is told of it."""

    action: str
    manifest: str
    grants: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One GET request, as far as it is looked at."""

    target: str
    host: str
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `ends` says that nothing more is to come."""

    status: HTTPStatus
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    ends: bool = False


class SetupPages:
    """A set-up in progress: one visitor, one form, one App.

    The token in the address works once and becomes a cookie of the browser that came with it; only
    that browser is shown the `state` with which GitHub must send the person back.
    """

    def __init__(
        self,
        host: str,
        form: Form,
        convert: Callable[[str], NewApp],
        keep: Callable[[NewApp], None],
    ) -> None:
        self._host = host
        self._form = form
        self._convert = convert
        self._keep = keep
        self._token: str | None = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)
        self._state: str | None = secrets.token_urlsafe(32)
        self._turn = threading.Lock()
        self.made: NewApp | None = None
        self.failure: UserError | None = None

    @property
    def address(self) -> str:
        """Where the person begins; it works for one browser."""
        return f"http://{self._host}/?token={self._token}"

    def answer(self, visit: Visit) -> Reply:
        """Answer one visit; one at a time, so that nothing works twice."""
        with self._turn:
            if visit.host != self._host:
                # Another name that leads here may be a stranger's page.
                return _refusal("Open the address exactly as the terminal shows it.")
            path, _, query = visit.target.partition("?")
            given = {name: values[0] for name, values in parse_qs(query).items()}
            if path == "/":
                return self._begin(given.get("token", ""), visit.cookie)
            if path == BACK:
                return self._back(given.get("state", ""), given.get("code", ""))
            return _page(HTTPStatus.NOT_FOUND, "Nothing is here", "<p>There is no such page.</p>")

    def _begin(self, token: str, cookie: str) -> Reply:
        if _same(cookie, self._cookie):
            return self._show_form() if self._state else _refusal(_AGAIN)
        if not _same(token, self._token):
            return _refusal(f"This address has been used, or is not the one shown. {_AGAIN}")
        self._token = None
        cookie = f"{_COOKIE}={self._cookie}; Path=/; HttpOnly; SameSite=Lax"
        return Reply(HTTPStatus.SEE_OTHER, headers={"Location": "/", "Set-Cookie": cookie})

    def _show_form(self) -> Reply:
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(level)}</td><td>{escape(why)}</td></tr>"
            for name, level, why in self._form.grants
        )
        action = f"{self._form.action}?state={self._state}"
        body = (
            f'<form method="post" action="{escape(action)}">'
            f'<input type="hidden" name="manifest" value="{escape(self._form.manifest)}">'
            "<p>GitHub shows what the App will be called, and asks you to agree.</p>"
            "<p><button>Create the App on GitHub</button></p></form>"
            "<h2>What it may do, and why</h2><table><tr><th>Permission</th><th>Level</th>"
            f"<th>Why</th></tr>{rows}</table>"
        )
        where = urlsplit(self._form.action)
        origin = f"{where.scheme}://{where.netloc}"
        return _page(HTTPStatus.OK, "Create Ironclaw's GitHub App", body, form_to=origin)

    def _back(self, state: str, code: str) -> Reply:
        if not _same(state, self._state):
            return _refusal("GitHub did not send you here from the form of this set-up.")
        self._state = None
        try:
            made = self._convert(code)
        except (UserError, HostError) as error:
            # Nothing is lost but the code: the form may be sent again, with another state.
            self._state = secrets.token_urlsafe(32)
            return _failed(error)
        self.made = made
        try:
            self._keep(made)
        except UserError as error:
            self.failure = error
            return _failed(error, ends=True)
        return Reply(HTTPStatus.SEE_OTHER, headers={"Location": install_address(made)}, ends=True)


def install_address(made: NewApp) -> str:
    """Where the App is put on repositories."""
    return f"{quote(made.url, safe=_IN_ADDRESS)}/installations/new"


def _same(given: str, known: str | None) -> bool:
    """Whether they are the same, in a time that tells nothing; what is used up equals nothing."""
    matches = hmac.compare_digest(given.encode("utf-8", "replace"), (known or "").encode())
    return matches and bool(known)


def cookie_value(header: str) -> str:
    """Our cookie among those that a browser sends."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == _COOKIE:
            return value
    return ""


def _refusal(why: str) -> Reply:
    return _page(HTTPStatus.FORBIDDEN, "Not from here", f"<p>{escape(why)}</p>")


def _failed(error: UserError | HostError, *, ends: bool = False) -> Reply:
    remedy = error.remedy if isinstance(error, UserError) else "Wait a minute."
    body = f"<p>{escape(str(error))}</p><p>{escape(remedy)}</p>"
    if not ends:
        body += (
            "<p>If GitHub shows an App that was made just now, delete it there.</p>"
            '<p><a href="/">Try again</a></p>'
        )
    return _page(HTTPStatus.BAD_GATEWAY, "The App is not set up", body, ends=ends)


def _page(
    status: HTTPStatus, title: str, body: str, *, form_to: str = "'none'", ends: bool = False
) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {form_to}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return Reply(status, text, {"Content-Security-Policy": policy}, ends)
