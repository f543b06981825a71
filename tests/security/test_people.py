"""Who is obeyed and believed, on the real adapter."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bot.adapters.github.identity import marked
from bot.domain.improvement import State
from tests.security.beginnings import (
    ASKING,
    WHILE,
    assert_at_rest,
    pass_checks,
    to_the_pull_request,
    wait_for,
)
from tests.story.town import IMPROVEMENT, REPO, Town, town

MOMENT = timedelta(seconds=5)
Say = Callable[[Town, int, str], object]


def by(login: str, level: str, text: str = "{}") -> Say:
    """Somebody with this permission says it in this form."""

    def say(place: Town, number: int, command: str) -> object:
        place.fake.set_permission(REPO, login, level)
        return place.fake.comment(REPO, number, login, text.format(command))

    return say


def edited_by_another(place: Town, number: int, command: str) -> object:
    place.fake.set_permission(REPO, "mallory", "write")
    comment = place.fake.comment(REPO, number, "ada", "Nice.")
    place.clock.advance(seconds=60)
    place.fake.edit_comment(REPO, comment, "mallory", command)
    return comment


def who_may_no_more(place: Town, number: int, command: str) -> object:
    place.fake.set_permission(REPO, "mallory", "write")
    comment = place.fake.comment(REPO, number, "mallory", command)
    # Written while they might, read when they may not.
    place.fake.set_permission(REPO, "mallory", "read")
    return comment


def of_another_commit(place: Town, number: int, command: str) -> object:
    base = place.fake.head(REPO) or ""
    return place.fake.comment(REPO, number, "ada", f"/ironclaw approve {base}")


UNHEARD: dict[str, Say] = {
    "a reader": by("mallory", "read"),
    "one who triages": by("mallory", "triage"),
    "a stranger, like the author of a fork's pull request": by("mallory", "none"),
    "a bot": by("robot[bot]", "write"),
    "a quotation": by("ada", "write", "> {}"),
    "inline code": by("ada", "write", "`{}`"),
    "a code block": by("ada", "write", "```\n{}\n```"),
    "an indented block": by("ada", "write", "    {}"),
    "a hidden comment": by("ada", "write", "<!-- {} -->"),
    "a hidden comment of several lines": by("ada", "write", "<!--\n{}\n-->"),
    "the middle of a sentence": by("ada", "write", "I would say {}"),
    "a comment that another has edited": edited_by_another,
    "one who may no more": who_may_no_more,
    "an approval of another commit": of_another_commit,
}


async def test_security_22_only_one_who_may_write_now_and_says_it_plainly_approves(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number, pull = await to_the_pull_request(place, ASKING)
        pass_checks(place)
        command = f"/ironclaw approve {pull.head_sha}"
        for who, say in UNHEARD.items():
            say(place, number, command)
            await place.run_for(MOMENT)
            assert place.merged(IMPROVEMENT) == 0, who
        by("ada", "write")(place, number, command)
        await wait_for(place, State.KEPT)
        assert_at_rest(place)


async def test_security_22_an_approved_head_that_moves_is_approved_no_more(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number, pull = await to_the_pull_request(place, ASKING)
        by("ada", "write")(place, number, f"/ironclaw approve {pull.head_sha}")
        await place.settle()
        place.fake.push(REPO, pull.head_ref, {"more.txt": "more\n"})
        pass_checks(place)
        await place.run_for(WHILE)
        assert place.merged(IMPROVEMENT) == 0


async def test_security_23_what_others_mark_as_ours_is_neither_believed_nor_changed(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        fake = place.fake
        number, _ = await to_the_pull_request(place, ASKING)
        (board,) = [one for one in place.production.record.issues.values() if is_board(one.body)]
        ours = [one.id for one in fake.pull(REPO, number).comments]
        ticked = (board.body or "").replace("- [ ]", "- [x]")
        assert ticked != board.body
        forged = fake.open_issue(REPO, board.title, ticked, "mallory")
        asked = by("ada", "write")(place, number, "/ironclaw help")
        keys = ("status", "held-1", "watch", f"reply-{asked}")
        said = {
            fake.comment(REPO, number, "mallory", text): text
            for text in (ticked, *(marked("comment", key, "Approved.") for key in keys))
        }
        pass_checks(place)
        await place.run_for(WHILE)
        assert place.merged(IMPROVEMENT) == 0
        assert fake.repository(REPO).issues[forged].body == ticked
        left = {one.id: one.body for one in fake.pull(REPO, number).comments}
        assert {id: left[id] for id in said} == said
        # The answer is there although somebody else's comment bears its mark.
        told = [one for one in fake.pull(REPO, number).comments if one.author.login == fake.bot]
        assert {one.id for one in told} - set(ours)
        assert_at_rest(place)


def is_board(body: str | None) -> bool:
    return "ironclaw-do:" in (body or "")
