"""Comments of ours, one for each key, written anew in place."""

from bot.adapters.github.client import Access, expect
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity, has_mark, marked
from bot.adapters.github.settling import settle
from bot.adapters.github.tokens import Task

_KIND = "comment"


async def write_comment(
    access: Access, identity: Identity, number: int, key: str, text: str
) -> None:
    """Make our comment of that key say this; one that others wrote is never taken for ours."""
    body = marked(_KIND, key, text)

    async def look() -> bool | None:
        comment = await _find(access, identity, number, key)
        if comment is None:
            path = f"issues/{number}/comments"
            expect(await access.send("POST", path, {"body": body}, task=Task.TALK), 201)
            return True
        if comment.text("body") != body:
            path = f"issues/comments/{comment.number('id')}"
            expect(await access.send("PATCH", path, {"body": body}, task=Task.TALK), 200)
        return True

    await settle(look)


async def _find(access: Access, identity: Identity, number: int, key: str) -> Fields | None:
    async for comment in access.pages(f"issues/{number}/comments"):
        if identity.wrote(comment) and has_mark(_KIND, key, comment.text("body")):
            return comment
    return None
