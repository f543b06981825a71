"""Commands in comments, as stories on fakes."""

from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.comment_text import spoken_lines
from bot.domain.events import FeedbackType
from bot.domain.improvement import State
from bot.domain.jobs import Advance, Job, Obey
from bot.domain.pulls import Conclusion, PullState
from bot.domain.talk import Permission, Reaction, Standing
from bot.ports import Operator, Ports
from bot.workflows.listen import listen
from bot.workflows.obey import obey
from tests.fakes.forum import FakeForum
from tests.workflows.world import CHECK, World

ANN = "ann"


class Talking(World):
    """A world whose people talk; Ann may write, Bob may read."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.people = FakeForum(self.host, {ANN: Permission.WRITE, "bob": Permission.READ})
        self.forum = self.people

    @property
    def ports(self) -> Ports:
        return replace(super().ports, spoken=spoken_lines)

    async def said(
        self, text: str, author: str = ANN, number: int = 1, **changes: Any
    ) -> tuple[Job, ...]:
        """Somebody says it, and it is read."""
        comment = self.people.say(number, author, text, **changes)
        return await self.read(comment.id, number)

    async def read(self, id: int, number: int = 1) -> tuple[Job, ...]:
        return await obey(self.ports, Obey(self.host.name, number, id))

    def signs(self) -> list[Reaction]:
        return self.people.reactions.get(len(self.people.said), [])

    def replies(self, number: int = 1) -> list[str]:
        said = self.host.pulls[number].comments
        return [text for key, text in said.items() if key.startswith("reply-")]


async def waiting(**policy: Any) -> Talking:
    """An open pull request whose check has not ended."""
    world = Talking()
    world.allow(landing=policy)
    world.host.check_results[CHECK] = Conclusion.PENDING
    await world.run_to(State.OPEN)
    await world.step()
    return world


async def test_help_lists_every_command_and_is_a_word_only_when_asked() -> None:
    world = await waiting()
    assert await world.said("/ironclaw help") == (Advance(world.now().id),)
    assert world.signs() == [Reaction.SEEN, Reaction.DONE]
    (reply,) = world.replies()
    for word in ("approve <sha>", "rate 1-5", "revert", "hold"):
        assert f"`/ironclaw {word}`" in reply


async def test_status_and_explain_say_what_it_waits_for_and_what_was_measured() -> None:
    world = await waiting()
    await world.said("/ironclaw status")
    await world.said("/ironclaw explain")
    status, explained = world.replies()
    assert "required checks are running: tests" in status
    assert "You can merge it" in status
    assert "2.00x" in explained


async def test_what_is_talk_is_left_alone() -> None:
    world = await waiting()
    for text in ("Nice.", "> /ironclaw hold", "`/ironclaw hold`", "I would /ironclaw hold it"):
        assert await world.said(text) == ()
    assert world.people.reactions == {}
    assert world.replies() == []


async def test_a_misspelt_command_is_answered_with_what_was_meant() -> None:
    world = await waiting()
    await world.said("/ironclaw aprove abcdef1")
    assert world.signs() == [Reaction.SEEN, Reaction.REFUSED]
    assert "did you mean `approve`?" in world.replies()[0]


@pytest.mark.parametrize(
    ("author", "changes"),
    [
        ("bob", {}),
        ("nobody", {}),
        (ANN, {"edited_by": "bob"}),
        (ANN, {"author_is_bot": True}),
        (ANN, {"ours": True}),
    ],
)
async def test_security_22_only_people_who_may_write_now_are_obeyed(
    author: str, changes: dict[str, Any]
) -> None:
    world = await waiting(automatic=False)
    head = world.now().head_sha
    for text in ("/ironclaw hold", f"/ironclaw approve {head}", "/ironclaw ignore"):
        before = world.now()
        await world.said(text, author, **changes)
        assert world.now() == before
        assert Reaction.DONE not in world.signs()
    assert world.replies() == []
    assert "hold" not in world.host.shown(1).labels
    world.host.check_results[CHECK] = Conclusion.SUCCESS
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    assert (await world.step()).state is State.OPEN


async def test_security_22_permission_counts_when_it_is_obeyed_not_when_it_was_written() -> None:
    world = await waiting()
    comment = world.people.say(1, ANN, "/ironclaw hold")
    world.people.permissions[ANN] = Permission.READ
    await world.read(comment.id)
    assert world.now().state is State.OPEN


@pytest.mark.parametrize("length", [7, 40])
async def test_security_22_an_approval_is_of_the_head_that_was_looked_at(length: int) -> None:
    world = await waiting(automatic=False)
    head = world.now().head_sha
    await world.said(f"/ironclaw approve {head[:length]}")
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    assert (await world.run()).state is State.KEPT


async def test_security_22_an_approval_of_another_commit_approves_nothing() -> None:
    world = await waiting(automatic=False)
    for sha in (world.now().base_sha, "f" * 40, "abcdef1"):
        await world.said(f"/ironclaw approve {sha}")
        assert world.signs() == [Reaction.SEEN, Reaction.REFUSED]
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    assert (await world.step()).state is State.OPEN


async def test_security_22_an_approval_does_not_outlive_a_push() -> None:
    world = await waiting(automatic=False)
    await world.said(f"/ironclaw approve {world.now().head_sha}")
    world.host.push(world.now().branch, {"other.py": "import os\n"})
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    assert (await world.run()).state is State.HELD
    await world.said(f"/ironclaw approve {world.host.shown(1).head_sha}")
    assert world.signs() == [Reaction.SEEN, Reaction.REFUSED]
    await world.run()
    assert world.effects() == (1, 0, 0)


async def test_where_the_operator_lets_nothing_merge_by_itself_a_person_approves() -> None:
    world = Talking()
    world.operator = Operator(merges=False)
    await world.run_to(State.OPEN)
    waits = await world.step()
    assert "ENABLE_AUTO_IMPROVEMENTS is off" in waits.reason
    await world.said(f"/ironclaw approve {waits.head_sha[:12]}")
    assert (await world.run()).state is State.KEPT


async def test_what_is_held_stays_so_until_it_is_resumed() -> None:
    world = await waiting()
    await world.said("/ironclaw hold")
    assert world.now().state is State.HELD
    assert world.now().reason == "ann holds it"
    assert "hold" in world.host.shown(1).labels
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    world.host.label(1, "hold", on=False)
    assert (await world.step()).state is State.HELD
    await world.said("/ironclaw resume")
    assert (await world.run()).state is State.KEPT


async def test_what_is_watched_can_be_held_and_is_watched_again_afterwards() -> None:
    world = Talking()
    await world.run_to(State.WATCHING)
    await world.said("/ironclaw hold")
    assert (await world.run()).state is State.HELD
    await world.said("/ironclaw resume")
    assert (await world.run()).state is State.KEPT


async def test_what_is_ignored_is_closed_and_not_proposed_again() -> None:
    world = await waiting()
    await world.said("/ironclaw ignore")
    assert world.now().state is State.ABANDONED
    assert world.host.shown(1).state is PullState.CLOSED
    assert await world.find() == world.now().id
    assert (await world.run()).state is State.ABANDONED


async def test_what_is_kept_can_be_taken_back_by_a_person() -> None:
    world = Talking()
    await world.run_to(State.KEPT)
    await world.said("/ironclaw revert")
    found = await world.run()
    assert found.state is State.REVERTED
    assert found.reason.startswith("ann asked for it")
    assert world.effects() == (1, 2, 1)


async def test_what_is_not_merged_cannot_be_taken_back() -> None:
    world = await waiting()
    await world.said("/ironclaw revert")
    assert "`revert` does nothing here" in world.replies()[0]
    assert world.now().state is State.OPEN


async def test_what_a_check_stopped_is_made_anew_when_a_person_asks() -> None:
    world = await waiting()
    world.host.set_check(1, CHECK, Conclusion.FAILURE)
    assert (await world.run()).state is State.HELD
    world.host.push("main", {"readme.md": "new\n"})
    await world.said("/ironclaw retry")
    world.host.check_results[CHECK] = Conclusion.SUCCESS
    assert (await world.run()).state is State.KEPT
    assert world.effects() == (1, 1, 0)


async def test_what_was_closed_is_taken_up_again_once_it_is_reopened() -> None:
    world = await waiting()
    await world.host.close(1, "no")
    assert (await world.run()).state is State.ABANDONED
    await world.said("/ironclaw retry")
    assert "Reopen pull request 1 first" in world.replies()[0]
    world.host.pulls[1].snapshot = replace(world.host.pulls[1].snapshot, state=PullState.OPEN)
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    await world.said("/ironclaw retry")
    assert (await world.run()).state is State.KEPT
    assert world.effects() == (1, 1, 0)


async def test_stars_and_thumbs_become_feedback_once() -> None:
    world = await waiting()
    await world.said("/ironclaw rate 4")
    await world.read(1)
    world.people.rate(1, ANN, Reaction.DONE)
    world.people.rate(1, "bob", Reaction.AGAINST)
    world.people.rate(1, "robot", Reaction.DONE, author_is_bot=True)
    world.people.rate(1, ANN, Reaction.SEEN)
    assert [await listen(world.ports, world.now()) for _ in range(2)] == [1, 0]
    assert [(one.user_id, one.feedback_type) for one in world.records.feedback] == [
        (ANN, FeedbackType.RATING_4),
        (ANN, FeedbackType.THUMBS_UP),
    ]


@pytest.mark.parametrize("command", ["hold", "ignore", "rate 5", "status", "nonsense"])
async def test_a_comment_is_obeyed_once_however_often_it_is_read(command: str) -> None:
    world = await waiting()
    await world.said(f"/ironclaw {command}")
    seen = (world.now(), list(world.records.events), list(world.records.feedback))
    signs, replies = world.signs(), world.replies()
    for _ in range(3):
        world.later(60)
        await world.read(1)
    assert (world.now(), world.records.events, world.records.feedback) == seen
    assert (world.signs(), world.replies()) == (signs, replies)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["react", "label", "permission", "read_comment", "show_status"])
async def test_a_crash_while_obeying_is_made_good_by_the_next_reading(
    call: str, after: bool
) -> None:
    world = await waiting()
    comment = world.people.say(1, ANN, "/ironclaw hold")
    world.people.fail_next(call, ConnectionError("cut"), after=after)
    with pytest.raises(ConnectionError):
        await world.read(comment.id)
    await world.read(comment.id)
    assert world.now().state is State.HELD
    assert world.signs() == [Reaction.SEEN, Reaction.DONE]
    assert [e.event_type for e in world.records.events].count("comment_obeyed") == 1


async def test_a_comment_where_no_improvement_is_gets_an_answer_only_to_a_command() -> None:
    world = await waiting()
    world.host.pulls[9] = replace(world.host.pulls[1], number=9, comments={})
    assert await world.said("/ironclaw hold", number=9) == ()
    assert "No improvement belongs to this pull request" in world.replies(9)[0]
    assert await world.said("hello", number=9) == ()


async def test_a_comment_that_is_gone_is_nothing() -> None:
    world = await waiting()
    assert await world.read(77) == ()


async def test_the_status_line_says_in_one_sentence_what_it_waits_for() -> None:
    world = await waiting()
    line = world.people.status(1)
    assert line.standing is Standing.WAITING
    assert line.title == "Waits: required checks are running: tests"
    assert "You can merge it" in line.text
    world.host.set_check(1, CHECK, Conclusion.FAILURE)
    await world.step()
    assert world.people.status(1).standing is Standing.NEEDS_PERSON


async def test_a_forum_that_is_closed_to_us_stops_no_revert() -> None:
    world = Talking()
    world.production.slower = 2.0
    world.people.silenced = "issues may not be written"
    assert (await world.run()).state is State.REVERTED


async def test_each_hold_is_said_once_and_says_what_to_do() -> None:
    world = await waiting()
    world.host.set_check(1, CHECK, Conclusion.FAILURE)
    await world.run()
    for _ in range(3):
        await world.step()
    notices = {k: v for k, v in world.host.pulls[1].comments.items() if k.startswith("held")}
    assert list(notices) == ["held-1"]
    assert "required checks did not pass" in notices["held-1"]
    assert "`/ironclaw retry`" in notices["held-1"]
    world.host.set_check(1, CHECK, Conclusion.PENDING)
    assert (await world.step()).state is State.OPEN
    world.host.set_check(1, CHECK, Conclusion.FAILURE)
    await world.run()
    assert "held-2" in world.host.pulls[1].comments


async def test_a_merge_that_cannot_be_taken_back_is_an_issue_with_the_commands() -> None:
    world = Talking()
    world.production.slower = 2.0
    await world.run_to(State.WATCHING)
    world.host.push("main", {"app/shop.py": "def total(items):\n    return fsum(items)\n"})
    assert (await world.run()).state is State.HELD
    (issue,) = world.people.issues.values()
    assert issue.is_open
    assert issue.title.startswith("Needs you: cannot be reverted")
    assert f"git revert {world.now().merge_sha[:12]}" in issue.text
    await world.said("/ironclaw resume")
    assert not next(iter(world.people.issues.values())).is_open


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("stuck", [False, True], ids=["reverted", "held"])
async def test_whichever_word_fails_the_end_is_the_same(stuck: bool, after: bool) -> None:
    async def end(fail_at: int) -> tuple[object, ...]:
        world = Talking()
        world.production.slower = 2.0
        world.people.fail_at, world.people.fails_after = fail_at, after
        await world.run_to(State.WATCHING)
        if stuck:
            world.host.push("main", {"app/shop.py": "def total(items):\n    return fsum(items)\n"})
        found = await world.run()
        told = {key: (issue.title, issue.text) for key, issue in world.people.issues.items()}
        calls.append(len(world.people.calls))
        shown = {key: line.title for key, line in world.people.statuses.items()}
        return found.state, world.effects(), world.story(), sorted(told), len(shown)

    calls: list[int] = []
    expected = await end(0)
    assert calls[0] >= 5
    for number in range(1, calls[0] + 1):
        assert await end(number) == expected, number
