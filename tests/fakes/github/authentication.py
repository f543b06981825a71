"""Who asks: JWTs of apps, tokens of installations and people, and what each may do."""

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt

from tests.fakes.github.answers import HttpError, invalid, not_found
from tests.fakes.github.routing import Actor, Request, Route
from tests.fakes.github.state import Installation, Repository, Token

if TYPE_CHECKING:
    from tests.fakes.github.hub import Hub

LIFETIME = timedelta(hours=1)
LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}
_SKEW = 60.0


def actor(hub: "Hub", authorization: str) -> Actor:
    """Whoever this header stands for; 401 if it stands for nobody."""
    scheme, _, text = authorization.partition(" ")
    if not authorization:
        return Actor()
    if scheme.lower() == "basic":
        text = base64.b64decode(text).decode().partition(":")[2]
    if text.count(".") == 2 and not text.startswith("ghs_"):
        return Actor(app_id=_app_of(hub, text))
    if text.startswith("person-"):
        return Actor(person=hub.people.get(text.removeprefix("person-")))
    if text.startswith("ghu_"):
        theirs = hub.user_tokens.get(text)
        if theirs is None or theirs.expires_at <= hub.now():
            raise HttpError(401, "Bad credentials")
        return Actor(person=theirs.person, user_of=theirs.app)
    token = hub.tokens.get(text)
    if token is None or token.expires_at <= hub.now() or token.installation.deleted:
        raise HttpError(401, "Bad credentials")
    if token.installation.suspended_at is not None:
        raise HttpError(403, "This installation has been suspended")
    return Actor(
        person=token.installation.app.bot,
        installation=token.installation,
        permissions=token.permissions,
        repositories=token.repositories,
    )


def _app_of(hub: "Hub", text: str) -> int:
    try:
        issuer = str(jwt.decode(text, options={"verify_signature": False})["iss"])
    except (jwt.InvalidTokenError, KeyError) as error:
        raise HttpError(401, "A JSON web token could not be decoded") from error
    for app in hub.apps.values():
        if issuer in {str(app.id), app.client_id}:
            _check(hub, text, app.public_key)
            return app.id
    raise HttpError(404, "Integration not found")


def _check(hub: "Hub", text: str, key: str) -> None:
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    try:
        claims = jwt.decode(text, key, algorithms=["RS256"], options=options)
    except jwt.InvalidTokenError as error:
        raise HttpError(401, "A JSON web token could not be decoded") from error
    # Libraries read the machine's clock, so a token that is right by that will do as well.
    clocks = [hub.now()] if hub.strict_jwt else [hub.now(), datetime.now(UTC)]
    complaints = [_complaint(claims, at.timestamp()) for at in clocks]
    if all(complaints):
        raise HttpError(401, complaints[0])


def _complaint(claims: dict[str, Any], now: float) -> str:
    for name in ("iat", "exp"):
        if not isinstance(claims.get(name), int):
            return f"'{name}' claim must be an integer"
    if claims["iat"] > now + _SKEW:
        return "'Issued at' claim ('iat') must be an Integer representing a time in the past"
    if claims["exp"] > now + 600 + _SKEW:
        return "'Expiration time' claim ('exp') is too far in the future"
    if claims["exp"] < now:
        return "'Expiration time' claim ('exp') must be a numeric value in the future"
    return ""


def issue_token(hub: "Hub", one: Installation, wanted: dict[str, Any]) -> Token:
    """A new token, narrowed to what was asked for."""
    permissions = dict(one.permissions)
    for name, level in (wanted.get("permissions") or {}).items():
        if LEVELS.get(level, 9) > LEVELS[one.permissions.get(name, "none")]:
            raise HttpError(
                422,
                "The permissions requested are not granted to this installation.",
            )
    if wanted.get("permissions"):
        permissions = {"metadata": "read", **wanted["permissions"]}
    token = Token(
        _token_text(hub, one),
        one,
        hub.now() + LIFETIME,
        permissions,
        _narrowed(hub, one, wanted),
    )
    hub.tokens[token.text] = token
    return token


def _narrowed(hub: "Hub", one: Installation, wanted: dict[str, Any]) -> set[int] | None:
    ids = set(wanted.get("repository_ids") or [])
    for name in wanted.get("repositories") or []:
        found = hub.find(f"{one.account.login}/{name}")
        ids.add(found.id if found else 0)
    if ids - one.repositories:
        text = (
            "There is at least one repository that does not exist or is not accessible "
            "to the parent installation."
        )
        raise HttpError(422, text)
    return ids or None


def _token_text(hub: "Hub", one: Installation) -> str:
    """Either shape that GitHub gives out: forty characters, or several hundred with a JWT."""
    if not hub.long_tokens:
        return "ghs_" + secrets.token_hex(18)
    claims = {"iss": "github", "installation": one.id, "jti": secrets.token_hex(200)}
    parts = [json.dumps({"alg": "ES256", "typ": "JWT"}), json.dumps(claims)]
    signed = hashlib.sha512(parts[1].encode()).digest()
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    tail = base64.urlsafe_b64encode(signed).decode().rstrip("=")
    return f"ghs_{one.app.id}_{'.'.join(encoded)}.{tail}"


def authorise(hub: "Hub", route: Route, request: Request) -> None:
    """Let the request through to its route, with its repository, or refuse it."""
    who = request.actor
    if route.auth == "app" and who.app_id is None:
        raise HttpError(401, "A JSON web token could not be decoded")
    if route.auth == "installation" and who.person is None:
        raise HttpError(401, "Requires authentication" if who.app_id is None else "Bad credentials")
    if "owner" in request.params:
        request.found = _repository(hub, request)
        if who.person is not None:
            allow(request.actor, request.found, route.needs)
            if request.method != "GET" and request.found.archived:
                raise HttpError(403, "Repository was archived so is read-only.")


def _repository(hub: "Hub", request: Request) -> Repository:
    found = hub.find(f"{request.params['owner']}/{request.params['repo']}")
    if found is None or not can_see(request.actor, found):
        raise not_found()
    return found


def can_see(who: Actor, repo: Repository) -> bool:
    """Whether a repository is in somebody's reach."""
    if who.user_of is not None:
        return not repo.private or who.by.login in repo.permissions
    if who.installation is None:
        return True
    mine = who.repositories is None or repo.id in who.repositories
    return mine and repo.id in who.installation.repositories


def allow(who: Actor, repo: Repository, needs: tuple[tuple[str, str], ...]) -> None:
    """Refuse somebody without any of these permissions."""
    if not needs:
        return
    if who.installation is None:
        level = repo.permissions.get(who.by.login, "read")
        if LEVELS.get(level, 2) < max(LEVELS[wanted] for _, wanted in needs):
            raise HttpError(403, "Must have admin rights to Repository.")
        return
    # What an installation has lost since is lost for its tokens too.
    have = [
        min(
            LEVELS[who.permissions.get(name, "none")],
            LEVELS[who.installation.permissions.get(name, "none")],
        )
        >= LEVELS[wanted]
        for name, wanted in needs
    ]
    if not any(have):
        accepted = "; ".join(f"{name}={wanted}" for name, wanted in needs)
        headers = {"X-Accepted-GitHub-Permissions": accepted}
        raise HttpError(403, "Resource not accessible by integration", headers=headers)


__all__ = ["actor", "allow", "authorise", "can_see", "invalid", "issue_token"]
