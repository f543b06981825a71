"""The deployments that have ended, well or badly; those under way are not there yet."""

from collections.abc import Collection
from operator import attrgetter

from bot.adapters.github.client import Access, expect
from bot.adapters.github.fields import Fields
from bot.domain.pulls import Deployment

_NEWEST = 30
_ENDED = frozenset({"success", "failure", "error"})


async def read_deployments(access: Access, environments: Collection[str]) -> list[Deployment]:
    """The newest ones, oldest first, in one of the environments (none named: in any)."""
    listed = expect(await access.get("deployments", per_page=_NEWEST), 200)
    found = [
        await _ended(access, one)
        for one in listed.each()
        if not environments or one.text("environment") in environments
    ]
    return sorted((one for one in found if one is not None), key=attrgetter("at"))


async def _ended(access: Access, deployment: Fields) -> Deployment | None:
    """How it ended: a later `inactive` says only that another one took its place."""
    number = deployment.number("id") or 0
    statuses = expect(await access.get(f"deployments/{number}/statuses", per_page=_NEWEST), 200)
    for status in statuses.each():
        state, at = status.text("state"), status.moment("created_at")
        if state in _ENDED and at is not None:
            is_successful = state == "success"
            why = "" if is_successful else f"{state}: {status.text('description')}".strip(": ")
            return Deployment(str(number), deployment.sha("sha"), at, is_successful, why)
    return None
