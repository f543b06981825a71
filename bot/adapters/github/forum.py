"""One repository on GitHub as a forum: comments, reactions, labels, issues and our check run."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.adapters.github.client import Access, expect, segment
from bot.adapters.github.editors import read_editors
from bot.adapters.github.fields import Fields
from bot.adapters.github.identity import Identity, unmarked
from bot.adapters.github.issues import read_issue, write_issue
from bot.adapters.github.people import read_permission
from bot.adapters.github.standing import show_standing
from bot.adapters.github.tokens import Task
from bot.adapters.github.wire import Answer, Method
from bot.domain.talk import Comment, Issue, Permission, Rating, Reaction, StatusLine

_THUMBS = {reaction.value: reaction for reaction in (Reaction.DONE, Reaction.AGAINST)}
_NEW_LABEL = {"color": "6f42c1", "description": "Set by Ironclaw"}
_LONG_AGO = datetime(2008, 1, 1, tzinfo=UTC)


class GitHubForum:
    """The port Forum."""

    def __init__(self, access: Access, identity: Identity) -> None:
        self._access = access
        self._identity = identity

    async def read_comment(self, number: int, id: int) -> Comment | None:
        """A comment of this issue or pull request as it is now, None if it is gone."""
        found = expect(await self._access.get(f"issues/comments/{id}"), 200, 404)
        if not found.text("issue_url").endswith(f"/issues/{number}"):
            return None
        return (await self._as_comments(number, [found]))[0]

    async def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        """Comments of an issue or pull request that were made or changed since, oldest first."""
        asked = {"since": since.strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
        path = f"issues/{number}/comments"
        found = [one async for one in self._access.pages(path, **asked)]
        return await self._as_comments(number, found)

    async def permission(self, person: str) -> Permission:
        """What a person may do at this moment; nobody known may do nothing."""
        return await read_permission(self._access, person)

    async def react(self, comment: int, reaction: Reaction) -> None:
        """Put our sign under a comment; GitHub keeps one of each."""
        path, body = f"issues/comments/{comment}/reactions", {"content": reaction.value}
        expect(await self._access.send("POST", path, body, task=Task.TALK), 200, 201, 404)

    async def ratings(self, number: int) -> Sequence[Rating]:
        """The thumbs that people have given a pull request."""
        return [
            _rating(one)
            async for one in self._access.pages(f"issues/{number}/reactions")
            if one.text("content") in _THUMBS
        ]

    async def label(self, number: int, *, add: Sequence[str], remove: Sequence[str] = ()) -> None:
        """Put labels on, making those that are not there, and take others off."""
        found = expect(await self._access.get(f"issues/{number}"), 200)
        present = {one.text("name") for one in found.each("labels")}
        missing = [name for name in add if name not in present]
        for name in missing:
            await self._make_label(name)
        if missing:
            body = {"labels": missing}
            expect(await self._send("POST", f"issues/{number}/labels", body), 200)
        for name in present.intersection(remove):
            path = f"issues/{number}/labels/{segment(name)}"
            expect(await self._send("DELETE", path), 200, 404)

    async def issue(self, key: str) -> Issue | None:
        """Our issue of that key, None if there never was one."""
        return await read_issue(self._access, self._identity, key)

    async def write_issue(self, key: str, title: str, text: str, *, is_open: bool = True) -> Issue:
        """Make our issue of that key say this, open or closed."""
        return await write_issue(self._access, self._identity, key, (title, text), is_open=is_open)

    async def show_status(self, number: int, sha: str, key: str, line: StatusLine) -> None:
        """Say in our check run on a commit what the pull request waits for."""
        # Two pull requests may have the same head.
        await show_standing(self._access, self._identity, sha, f"{number}/{key}", line)

    async def _make_label(self, name: str) -> None:
        if (await self._access.get(f"labels/{segment(name)}")).status == 200:
            return
        answer = await self._send("POST", "labels", {"name": name, **_NEW_LABEL})
        # Somebody else may have made it meanwhile.
        expect(answer, 201, 422)

    async def _send(self, method: Method, path: str, body: object = None) -> Answer:
        return await self._access.send(method, path, body, task=Task.TALK)

    async def _as_comments(self, number: int, found: Sequence[Fields]) -> list[Comment]:
        edited = [one for one in found if one.text("updated_at") != one.text("created_at")]
        editors = await read_editors(self._access, [one.text("node_id") for one in edited])
        return [self._as_comment(number, one, editors) for one in found]

    def _as_comment(self, number: int, one: Fields, editors: Mapping[str, str]) -> Comment:
        author = one.text("user", "login")
        editor = editors.get(one.text("node_id"), "")
        return Comment(
            id=one.number("id") or 0,
            number=number,
            author=author,
            text=unmarked(one.text("body")),
            at=one.moment("created_at") or _LONG_AGO,
            author_is_bot=one.text("user", "type") == "Bot",
            edited_by="" if editor == author else editor,
            ours=self._identity.wrote(one),
        )


def _rating(one: Fields) -> Rating:
    return Rating(
        author=one.text("user", "login"),
        reaction=_THUMBS[one.text("content")],
        at=one.moment("created_at") or _LONG_AGO,
        author_is_bot=one.text("user", "type") == "Bot",
    )
