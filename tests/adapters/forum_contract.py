"""What every forum does for the product, whichever code host it belongs to.

A test module derives a class from `ForumContract` and gives it a fixture `world`: a forum with one
pull request of ours, and the hands of the people around it.
"""

from datetime import datetime
from typing import Protocol

import pytest

from bot.domain.talk import Permission, Reaction, Standing, StatusLine
from bot.ports import Forum

WAITING = StatusLine(Standing.WAITING, "Waiting for `tests`", "The check has not reported.")
DONE = StatusLine(Standing.DONE, "Merged", "It is merged as abc.")


class ForumWorld(Protocol):
    """A forum, a pull request of ours in it, and what others do there."""

    forum: Forum
    number: int
    head_sha: str

    async def say(self, person: str, text: str) -> int:
        """A person comments on the pull request; gives the comment's id."""
        ...

    async def edit(self, person: str, comment: int, text: str) -> None:
        """A person changes a comment."""
        ...

    async def delete(self, comment: int) -> None:
        """A comment goes away."""
        ...

    async def allow(self, person: str, permission: Permission) -> None:
        """What a person may do from now on."""
        ...

    async def rate(self, person: str, content: str) -> None:
        """A person reacts to the pull request."""
        ...

    async def reactions(self, comment: int) -> list[str]:
        """Our reactions to a comment."""
        ...

    async def labels(self) -> set[str]:
        """The labels of the pull request."""
        ...

    async def tick(self, number: int, person: str, old: str, new: str) -> None:
        """A person changes a part of an issue's text."""
        ...

    async def write_as(self, person: str, title: str, copied_from: int) -> int:
        """A person opens an issue with the raw text of another one; gives its number."""
        ...

    async def statuses(self) -> list[tuple[str, str, bool]]:
        """Our check runs on the head: title, text, and whether each is over."""
        ...

    def now(self) -> datetime:
        """The forum's time."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...


class ForumContract:
    """The behaviour that the workflows rely on."""

    async def test_reads_what_people_say_oldest_first(self, world: ForumWorld) -> None:
        first = await world.say("ada", "/ironclaw status")
        world.wait(60)
        second = await world.say("bob", "Well…  **done** 🦀")
        said = await world.forum.comments(world.number)
        assert [(one.id, one.author, one.text) for one in said] == [
            (first, "ada", "/ironclaw status"),
            (second, "bob", "Well…  **done** 🦀"),
        ]
        assert {one.number for one in said} == {world.number}
        assert not any(one.ours or one.author_is_bot or one.edited_by for one in said)

    async def test_reads_only_what_is_new_or_changed(self, world: ForumWorld) -> None:
        first = await world.say("ada", "one")
        await world.say("ada", "two")
        world.wait(60)
        since = world.now()
        world.wait(60)
        third = await world.say("ada", "three")
        await world.edit("ada", first, "one more")
        said = await world.forum.comments(world.number, since)
        assert {one.id for one in said} == {first, third}

    async def test_tells_who_else_has_changed_a_comment(self, world: ForumWorld) -> None:
        comment = await world.say("ada", "/ironclaw status")
        world.wait(60)
        await world.edit("mallory", comment, "/ironclaw revert")
        found = await world.forum.read_comment(world.number, comment)
        assert found is not None
        assert (found.author, found.edited_by, found.text) == (
            "ada",
            "mallory",
            "/ironclaw revert",
        )

    async def test_an_author_may_change_their_own_comment(self, world: ForumWorld) -> None:
        comment = await world.say("ada", "/ironclaw statsu")
        world.wait(60)
        await world.edit("ada", comment, "/ironclaw status")
        found = await world.forum.read_comment(world.number, comment)
        assert found is not None
        assert (found.edited_by, found.text) == ("", "/ironclaw status")

    async def test_a_comment_that_is_gone_is_none(self, world: ForumWorld) -> None:
        comment = await world.say("ada", "/ironclaw status")
        await world.delete(comment)
        assert await world.forum.read_comment(world.number, comment) is None

    async def test_a_comment_of_another_place_is_none(self, world: ForumWorld) -> None:
        comment = await world.say("ada", "/ironclaw status")
        assert await world.forum.read_comment(world.number + 1, comment) is None

    async def test_knows_what_a_person_may_do_at_this_moment(self, world: ForumWorld) -> None:
        for permission in (Permission.ADMIN, Permission.WRITE, Permission.READ, Permission.NONE):
            await world.allow("ada", permission)
            assert await world.forum.permission("ada") is permission

    async def test_nobody_known_may_do_nothing(self, world: ForumWorld) -> None:
        assert await world.forum.permission("nobody-of-that-name") is Permission.NONE

    async def test_puts_each_sign_once(self, world: ForumWorld) -> None:
        comment = await world.say("ada", "/ironclaw status")
        for reaction in (Reaction.SEEN, Reaction.SEEN, Reaction.DONE):
            await world.forum.react(comment, reaction)
        assert sorted(await world.reactions(comment)) == ["+1", "eyes"]

    async def test_counts_thumbs_and_nothing_else(self, world: ForumWorld) -> None:
        for person, content in (("ada", "+1"), ("bob", "-1"), ("eve", "heart"), ("eve", "eyes")):
            await world.rate(person, content)
        found = {(one.author, one.reaction) for one in await world.forum.ratings(world.number)}
        assert found == {("ada", Reaction.DONE), ("bob", Reaction.AGAINST)}

    async def test_puts_labels_on_and_takes_them_off(self, world: ForumWorld) -> None:
        await world.forum.label(world.number, add=["ironclaw:new", "performance"])
        await world.forum.label(world.number, add=["performance"])
        assert await world.labels() == {"ironclaw:new", "performance"}
        await world.forum.label(world.number, add=["waiting"], remove=["ironclaw:new", "absent"])
        assert await world.labels() == {"performance", "waiting"}

    async def test_keeps_one_issue_for_each_key(self, world: ForumWorld) -> None:
        assert await world.forum.issue("dashboard") is None
        first = await world.forum.write_issue("dashboard", "Ironclaw", "- [ ] one\n")
        other = await world.forum.write_issue("problem--x", "Help", "Look.\n")
        again = await world.forum.write_issue("dashboard", "Ironclaw today", "- [ ] two\n")
        assert again.number == first.number != other.number
        found = await world.forum.issue("dashboard")
        assert found == again
        assert found is not None
        assert (found.title, found.text, found.is_open) == ("Ironclaw today", "- [ ] two\n", True)
        assert await world.forum.issue("problem--x") == other

    async def test_closes_and_opens_an_issue_again(self, world: ForumWorld) -> None:
        for is_open in (False, True, False):
            written = await world.forum.write_issue("help", "Help", "Look.", is_open=is_open)
            assert written.is_open is is_open
            assert await world.forum.issue("help") == written

    async def test_reads_the_boxes_that_people_tick(self, world: ForumWorld) -> None:
        written = await world.forum.write_issue("dashboard", "Ironclaw", "- [ ] one\n- [ ] two\n")
        await world.tick(written.number, "ada", "[ ] two", "[x] two")
        found = await world.forum.issue("dashboard")
        assert found is not None
        assert (found.text, found.edited_by) == ("- [ ] one\n- [x] two\n", "ada")
        await world.forum.write_issue("dashboard", "Ironclaw", "- [ ] one\n")
        again = await world.forum.issue("dashboard")
        assert again is not None
        assert (again.number, again.edited_by) == (written.number, "")

    async def test_takes_no_issue_of_another_for_ours(self, world: ForumWorld) -> None:
        ours = await world.forum.write_issue("dashboard", "Ironclaw", "- [ ] one\n")
        forged = await world.write_as("mallory", "Ironclaw", ours.number)
        assert forged != ours.number
        found = await world.forum.issue("dashboard")
        assert found is not None
        assert found.number == ours.number

    @pytest.mark.parametrize("line", [WAITING, DONE])
    async def test_shows_one_standing_for_each_key(
        self, world: ForumWorld, line: StatusLine
    ) -> None:
        await world.forum.show_status(world.number, world.head_sha, "status", WAITING)
        await world.forum.show_status(world.number, world.head_sha, "status", line)
        is_over = line.standing is Standing.DONE
        assert await world.statuses() == [(line.title, line.text, is_over)]
