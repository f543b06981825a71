"""What a person may do in a repository at this moment."""

from bot.adapters.github.client import Access, expect, segment
from bot.domain.talk import Permission

_MEANING = {
    "admin": Permission.ADMIN,
    "maintain": Permission.WRITE,
    "write": Permission.WRITE,
    "triage": Permission.READ,
    "read": Permission.READ,
}


async def read_permission(access: Access, person: str) -> Permission:
    """The permission; nobody known may do nothing."""
    name = person.replace("/", "")
    found = expect(await access.get(f"collaborators/{segment(name)}/permission"), 200, 404)
    return _MEANING.get(found.text("permission"), Permission.NONE)
