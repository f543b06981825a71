"""Whatever happens to whichever request that changes something, it is done once.

Each action is done again and again, as a job would, each time by a process that knows nothing of
the former one, with one fault on the first request that changes something, then on the second...
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import get_args

import pytest

from bot.adapters.github.forum import GitHubForum
from bot.adapters.github.host import GitHubCodeHost
from bot.domain.pulls import Merged, PullDraft, PullState, RevertOpened
from bot.domain.talk import Reaction, Standing, StatusLine
from bot.ports import HostError
from tests.adapters.github.world import NAME, GitHubWorld, github_world
from tests.fakes.github.faults import Kind

_TRIES = 4
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
LINE = StatusLine(Standing.WAITING, "Waiting for `tests`", "Not there yet.")

Act = Callable[[GitHubCodeHost, GitHubForum], Awaitable[object]]


class Action:
    """Something to do to a world, what comes before it, and how the world must be afterwards."""

    once: tuple[str, ...] = ()
    """The effects that must have been there exactly once."""

    async def prepare(self, world: GitHubWorld) -> None:
        self.draft: PullDraft = await world.draft()

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        raise NotImplementedError

    def check(self, world: GitHubWorld) -> None:
        """More that must be true."""


class Opening(Action):
    once = ("ref", "commit on branch", "pull request", "labels")

    async def prepare(self, world: GitHubWorld) -> None:
        await super().prepare(world)
        self.draft = PullDraft(
            **{name: getattr(self.draft, name) for name in PullDraft.__slots__ if name != "labels"},
            labels=("performance",),
        )

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        pull = await host.open_pull_request(self.draft)
        assert (pull.state, pull.labels) == (PullState.OPEN, frozenset({"performance"}))
        assert pull.foreign_commits == ()


class _Opened(Action):
    async def prepare(self, world: GitHubWorld) -> None:
        await super().prepare(world)
        self.pull = await world.host.open_pull_request(self.draft)
        self.number, self.sha = self.pull.number, self.pull.head_sha


class Merging(_Opened):
    once = ("merge",)

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        assert isinstance(await host.merge(self.number, self.sha), Merged)


class Queueing(_Opened):
    once = ("enqueue",)

    async def prepare(self, world: GitHubWorld) -> None:
        await super().prepare(world)
        world.fake.set_required_checks(NAME, "tests", merge_queue=True)
        world.fake.report_check(NAME, self.sha, "tests", "success")

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        assert not isinstance(await host.merge(self.number, self.sha), Merged)


class Reverting(_Opened):
    once = ("pull request",)

    async def prepare(self, world: GitHubWorld) -> None:
        await super().prepare(world)
        assert isinstance(await world.host.merge(self.number, self.sha), Merged)
        world.fake.effect_log.clear()

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        assert isinstance(await host.open_revert(self.number, "slower"), RevertOpened)

    def check(self, world: GitHubWorld) -> None:
        assert len(world.record.pulls()) == 2


class Closing(_Opened):
    once = ("comment", "issue update")

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        await host.close(self.number, "not wanted")

    def check(self, world: GitHubWorld) -> None:
        assert world.record.issues[self.number].state == "closed"


class Commenting(_Opened):
    once = ("comment", "comment update")

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        await host.comment(self.number, "status", "measuring")
        await host.comment(self.number, "status", "measured")

    def check(self, world: GitHubWorld) -> None:
        (comment,) = world.record.issues[self.number].comments
        assert comment.body.endswith("\nmeasured")


class Telling(_Opened):
    once = ("check run",)

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        await forum.show_status(self.number, self.sha, "status", LINE)


class WritingAnIssue(Action):
    once = ("issue",)

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        await forum.write_issue("dashboard", "Ironclaw", "- [ ] one")
        await forum.write_issue("dashboard", "Ironclaw", "- [ ] two", is_open=False)

    def check(self, world: GitHubWorld) -> None:
        (issue,) = world.record.issues.values()
        assert issue.state == "closed"
        assert (issue.body or "").endswith("\n- [ ] two")


class Labelling(_Opened):
    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        await forum.label(self.number, add=["new", "newer"])
        await forum.label(self.number, add=["newer"], remove=["new"])

    def check(self, world: GitHubWorld) -> None:
        assert world.record.issues[self.number].labels == ["newer"]


class Reacting(_Opened):
    once = ("reaction",)

    async def prepare(self, world: GitHubWorld) -> None:
        await super().prepare(world)
        self.comment = world.fake.comment(NAME, self.number, "ada", "/ironclaw help")

    async def act(self, host: GitHubCodeHost, forum: GitHubForum) -> None:
        await forum.react(self.comment, Reaction.SEEN)


ACTIONS = [
    Merging,
    Queueing,
    Reverting,
    Closing,
    Commenting,
    Telling,
    WritingAnIssue,
    Labelling,
    Reacting,
]


# The one that leaves most in doubt in every run, the others in the long one.
BAD_LUCK = (
    "cut-after",
    pytest.param("error-before", marks=pytest.mark.soak),
    pytest.param("error-after", marks=pytest.mark.soak),
)


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_security_9_a_pull_request_is_opened_once(tmp_path: Path, kind: Kind) -> None:
    await check_each_request(tmp_path, Opening, kind)


@pytest.mark.parametrize("kind", BAD_LUCK)
@pytest.mark.parametrize("action", ACTIONS)
async def test_security_9_everything_else_is_done_once(
    tmp_path: Path, action: type[Action], kind: Kind
) -> None:
    await check_each_request(tmp_path, action, kind)


async def check_each_request(tmp_path: Path, action: type[Action], kind: Kind) -> None:
    struck = 0
    for method in CHANGING:
        nth = 1
        while await _was_struck(tmp_path / f"{method}{nth}", action(), kind, method, nth):
            struck, nth = struck + 1, nth + 1
    assert struck


async def _was_struck(folder: Path, action: Action, kind: Kind, method: str, nth: int) -> bool:
    """Do it with one fault; False when there was no request for it to strike."""
    async with github_world(folder) as world:
        await action.prepare(world)
        fault = world.fake.faults.add(kind, method, nth=nth)
        await _done(world, action)
        log = [one.kind for one in world.fake.effect_log if one.api]
        assert {one: log.count(one) for one in action.once} == dict.fromkeys(action.once, 1)
        action.check(world)
        return fault.seen >= nth


async def _done(world: GitHubWorld, action: Action) -> None:
    for _ in range(_TRIES):
        access = world.access_to(NAME, world.new_client(timeout=0.1))
        host = GitHubCodeHost(access, world.identity)
        try:
            await action.act(host, GitHubForum(access, world.identity))
        except HostError:
            continue
        return
    pytest.fail("it was never done")
