"""Issues of ours, found again by their hidden mark and by us as their author."""

from bot.adapters.github.client import Access, expect
from bot.adapters.github.editors import read_editors
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity, has_mark, marked, unmarked
from bot.adapters.github.settling import settle
from bot.adapters.github.tokens import Task
from bot.domain.talk import Issue

_KIND = "issue"


async def read_issue(access: Access, identity: Identity, key: str) -> Issue | None:
    """Our issue of that key as it is now."""
    found = await _find(access, identity, key)
    if found is None:
        return None
    editor = (await read_editors(access, [found.text("node_id")])).get(found.text("node_id"), "")
    return Issue(
        number=found.number("number") or 0,
        key=key,
        title=found.text("title"),
        text=unmarked(found.text("body")),
        is_open=found.text("state") == "open",
        edited_by="" if editor == identity.login else editor,
    )


async def write_issue(
    access: Access, identity: Identity, key: str, wanted: tuple[str, str], *, is_open: bool
) -> Issue:
    """Make our issue of that key have this title and text, open or closed."""
    title, text = wanted
    fields = {
        "title": title,
        "body": marked(_KIND, key, text),
        "state": "open" if is_open else "closed",
    }

    async def look() -> Issue | None:
        found = await _find(access, identity, key)
        if found is None:
            new = {"title": title, "body": fields["body"]}
            expect(await access.send("POST", "issues", new, task=Task.TALK), 201)
            return None
        changed = {name: value for name, value in fields.items() if found.text(name) != value}
        if changed:
            path = f"issues/{found.number('number')}"
            expect(await access.send("PATCH", path, changed, task=Task.TALK), 200)
        return Issue(found.number("number") or 0, key, title, text, is_open)

    return await settle(look)


async def _find(access: Access, identity: Identity, key: str) -> Fields | None:
    async for issue in access.pages("issues", creator=identity.login, state="all", direction="asc"):
        is_ours = identity.wrote(issue) and not issue.at("pull_request")
        if is_ours and has_mark(_KIND, key, issue.text("body")):
            return issue
    return None
