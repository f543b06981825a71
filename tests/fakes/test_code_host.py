"""The code host in memory keeps the same promises as the real ones."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.pulls import Conclusion, PullState
from bot.ports import UserError
from tests.adapters.codehost_contract import BRANCH, FILES, CodeHostContract, World, a_draft
from tests.fakes.clock import FixedClock
from tests.fakes.code_host import FakeCodeHost

if TYPE_CHECKING:
    from bot.ports import CodeHost


class FakeWorld:
    """The hands around the fake."""

    def __init__(self) -> None:
        self.fake = FakeCodeHost(FILES, clock=FixedClock())
        self.host: CodeHost = self.fake

    async def push(self, branch: str, files: Mapping[str, str]) -> str:
        return self.fake.push(branch, files)

    async def delete_branch(self, branch: str) -> None:
        del self.fake.branches[branch]

    async def label(self, number: int, label: str, *, on: bool = True) -> None:
        self.fake.label(number, label, on=on)

    async def review(self, number: int, person: str, *, approved: bool) -> None:
        self.fake.review(number, person, approved=approved)

    async def comments(self, number: int) -> list[str]:
        return list(self.fake.pulls[number].comments.values())

    def set_check(self, name: str, conclusion: Conclusion) -> None:
        self.fake.check_results[name] = conclusion

    def set_deploy_failure(self, why: str) -> None:
        self.fake.deploy_failure = why


class TestFakeCodeHost(CodeHostContract):
    @pytest.fixture
    def world(self) -> World:
        return FakeWorld()


async def test_fails_before_the_effect_or_after_it_as_asked() -> None:
    world = FakeWorld()
    draft = await a_draft(world)
    world.fake.fail_next("open_pull_request", ConnectionError("cut"))
    world.fake.fail_next("open_pull_request", ConnectionError("cut"), after=True)
    with pytest.raises(ConnectionError):
        await world.host.open_pull_request(draft)
    assert BRANCH not in world.fake.branches
    with pytest.raises(ConnectionError):
        await world.host.open_pull_request(draft)
    pull = await world.host.open_pull_request(draft)
    assert (pull.number, pull.state) == (1, PullState.OPEN)


async def test_a_draft_takes_the_place_of_our_own_head_and_of_no_other() -> None:
    world = FakeWorld()
    first = await world.host.open_pull_request(await a_draft(world))
    moved = await world.push("main", {"README.md": "Hi.\n"})
    anew = replace(await a_draft(world), base_sha=moved, replaces=first.head_sha)
    second = await world.host.open_pull_request(anew)
    assert second.number == first.number
    assert second.head_sha != first.head_sha
    assert await world.host.open_pull_request(anew) == second
    theirs = await world.push(BRANCH, {"other.py": "x = 1\n"})
    again = await world.push("main", {"README.md": "Ho.\n"})
    with pytest.raises(UserError, match="another change"):
        await world.host.open_pull_request(replace(anew, base_sha=again, replaces=second.head_sha))
    assert world.fake.branches[BRANCH] == theirs
    await world.host.close(first.number, "no")
    closed = await world.host.open_pull_request(replace(anew, base_sha=again))
    assert closed.state is PullState.CLOSED
