"""How people sign in with the app, and what their own tokens are told."""

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlencode

from tests.fakes.github.answers import Answer, HttpError, Page, not_found
from tests.fakes.github.authentication import can_see
from tests.fakes.github.hub import Hub
from tests.fakes.github.routing import Request, route
from tests.fakes.github.shapes import apps as shapes
from tests.fakes.github.shapes import basic, repositories
from tests.fakes.github.shapes.basic import Json, when
from tests.fakes.github.state import App, Installation, OAuthCode, UserToken

CODE_LIFETIME, TOKEN_LIFETIME = timedelta(minutes=10), timedelta(hours=8)


@route("GET", "/login/oauth/authorize", auth="none")
def authorize(hub: Hub, request: Request) -> Answer:
    """Whoever is at the browser agrees at once and is sent back."""
    app = _app(hub, request.query.get("client_id", ""))
    back = request.query.get("redirect_uri") or next(iter(app.callback_urls), "")
    if back not in app.callback_urls:
        return Answer(400, b"The redirect_uri is not associated with this application.")
    state = request.query.get("state", "")
    if hub.at_browser is None:
        query = urlencode({"error": "access_denied", "state": state})
        return Answer(302, b"", {"Location": f"{back}?{query}"})
    if request.query.get("code_challenge_method", "S256") != "S256":
        raise HttpError(400, "code_challenge_method must be S256")
    text = f"code{hub.next_id()}"
    hub.oauth_codes[text] = OAuthCode(
        app,
        hub.people.get(hub.at_browser),
        back,
        request.query.get("code_challenge", ""),
        hub.now() + CODE_LIFETIME,
    )
    return Answer(302, b"", {"Location": f"{back}?{urlencode({'code': text, 'state': state})}"})


@route("POST", "/login/oauth/access_token", auth="none")
def access_token(hub: Hub, request: Request) -> Json:
    """GitHub answers 200 here even where it refuses."""
    given = request.json
    app = _app(hub, str(given.get("client_id", "")))
    if not hmac.compare_digest(str(given.get("client_secret", "")), app.client_secret):
        return _refused("incorrect_client_credentials")
    code = hub.oauth_codes.pop(str(given.get("code", "")), None)
    if code is None or code.app is not app or code.expires_at <= hub.now():
        return _refused("bad_verification_code")
    if given.get("redirect_uri", code.back) != code.back:
        return _refused("redirect_uri_mismatch")
    if code.challenge and _challenge(str(given.get("code_verifier", ""))) != code.challenge:
        return _refused("bad_verification_code")
    made = UserToken(f"ghu_{hub.next_id():036d}", code.person, app, hub.now() + TOKEN_LIFETIME)
    hub.user_tokens[made.text] = made
    return {
        "access_token": made.text,
        "expires_in": int(TOKEN_LIFETIME.total_seconds()),
        "refresh_token": f"ghr_{hub.next_id():072d}",
        "refresh_token_expires_in": 15897600,
        "scope": "",
        "token_type": "bearer",
    }


@route("GET", "/user")
def me(hub: Hub, request: Request) -> Json:
    who = request.actor.by
    unsaid = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    now = when(hub.now())
    shown = basic.shown_person(hub.web, who)
    return {**shown, **unsaid, **counts, "blog": "", "created_at": now, "updated_at": now}


@route("GET", "/user/installations")
def my_installations(hub: Hub, request: Request) -> Page:
    seen = [one for one in _installations(hub, request) if _seen(hub, request, one)]
    return Page([shapes.installation(hub.web, one) for one in seen], "installations")


@route("GET", "/user/installations/{id}/repositories")
def my_repositories(hub: Hub, request: Request) -> Page:
    wanted, who = request.number("id"), request.actor.by
    one = next((one for one in _installations(hub, request) if one.id == wanted), None)
    if one is None:
        raise not_found()
    shown = [
        {**repositories.full(hub.web, repo), "permissions": repositories.granted(repo, who)}
        for repo in hub.repositories.values()
        if repo.id in one.repositories and can_see(request.actor, repo)
    ]
    return Page(shown, "repositories")


def _installations(hub: Hub, request: Request) -> list[Installation]:
    app = request.actor.user_of
    if app is None:
        raise HttpError(403, "You must authenticate with an access token authorized to an app.")
    return [one for one in hub.installations.values() if one.app is app and not one.deleted]


def _seen(hub: Hub, request: Request, one: Installation) -> bool:
    mine = [repo for repo in hub.repositories.values() if repo.id in one.repositories]
    return any(can_see(request.actor, repo) for repo in mine)


def _app(hub: Hub, client_id: str) -> App:
    for app in hub.apps.values():
        if app.client_id == client_id:
            return app
    raise not_found()


def _refused(error: str) -> Json:
    return {
        "error": error,
        "error_description": "The code passed is incorrect or expired.",
        "error_uri": "https://docs.github.com",
    }


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
