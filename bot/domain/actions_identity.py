"""Whether what GitHub Actions signed of a workflow lets it report for a repository.

The signature is looked at before; here are the claims alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

LEEWAY: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(hours=1)
"""GitHub's are good for minutes; one that claims to be good for much longer is none of its."""
_GITHUB: Final = "https://token.actions.githubusercontent.com"
_COUNTS: Final = frozenset(
    {
        "push",
        "schedule",
        "workflow_dispatch",
        "repository_dispatch",
        "merge_group",
        "deployment",
        "deployment_status",
        "release",
    }
)
"""Events whose workflows run code that is in the repository already."""
_DANGEROUS: Final = "pull_request_target"


@dataclass(frozen=True, slots=True)
class Proven:
    """A workflow of this repository, by the host's number for it; `id` is good once."""

    repository_id: int
    id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Doubted:
    """Why it proves nothing, in a sentence for whoever wrote the workflow."""

    why: str


def actions_issuer(api: str) -> str:
    """Who signs for workflows of the GitHub whose API is at this address."""
    address = api.rstrip("/").removesuffix("/api/v3")
    scheme, _, host = address.partition("://")
    if host == "api.github.com":
        return _GITHUB
    if host.startswith("api.") and host.endswith(".ghe.com"):
        return f"{scheme}://token.actions.{host.removeprefix('api.')}"
    return f"{scheme}://{host}/_services/token"


def decide_identity(
    claims: Mapping[str, Any], issuer: str, audience: str, now: datetime
) -> Proven | Doubted:
    """Who it is by its claims; what is not said, or said in another form, proves nothing."""
    if claims.get("iss") != issuer:
        return Doubted("it is signed by another GitHub than this server's")
    # A list of audiences is a token for others, too.
    if claims.get("aud") != audience:
        return Doubted(f"its audience is not {audience}: ask for it with that one")
    expires = _moment(claims, "exp")
    issued, begins = _moment(claims, "iat"), _moment(claims, "nbf")
    if expires is None or issued is None or ("nbf" in claims and begins is None):
        return Doubted("it does not say when it is good")
    if now >= expires + LEEWAY:
        return Doubted("it has expired: ask for a new one just before it is sent")
    if max(issued, begins or issued) > now + LEEWAY or expires - issued > LONGEST:
        return Doubted("it is from the future, or good for too long: set the clocks right")
    return _workflow(claims, expires)


def _workflow(claims: Mapping[str, Any], expires: datetime) -> Proven | Doubted:
    event = claims.get("event_name")
    if event == _DANGEROUS:
        return Doubted("a workflow on pull_request_target may run a stranger's code")
    if not isinstance(event, str) or event not in _COUNTS:
        return Doubted(
            "what a pull request measures is not how the service does: report from push, schedule, "
            "workflow_dispatch, merge_group, deployment or release"
        )
    number, id = claims.get("repository_id"), claims.get("jti")
    # Names are given again, numbers never.
    if not isinstance(number, str) or not number.isascii() or not number.isdigit():
        return Doubted("it names no repository by its number")
    if not isinstance(id, str) or not 0 < len(id) <= 200 or len(number) > 18:
        return Doubted("it has no number of its own")
    return Proven(int(number), id, expires)


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 4e9:
        return None
    return datetime.fromtimestamp(value, UTC)
