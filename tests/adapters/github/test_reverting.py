"""Undoing a merge on GitHub, by whichever method it was merged and whatever was done since."""

import pytest

from bot.domain.pulls import Merged, PullSnapshot, PullState, RevertBlocked, RevertOpened
from tests.adapters.codehost_contract import BRANCH, FILES
from tests.adapters.github.world import NAME, GitHubWorld


async def a_merge(world: GitHubWorld, method: str = "merge") -> PullSnapshot:
    world.record.methods = {method}
    pull = await world.opened()
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), Merged)
    return pull


def without_githubs_own(world: GitHubWorld) -> None:
    """GitHub says that it cannot revert by itself, as it does for what it has not merged."""
    pulls = world.record.issues
    taken = max(pulls)
    head = pulls[taken].pull
    assert head
    world.fake.push(NAME, f"revert-{taken}-{head.head_ref}", {"other.txt": "in the way\n"})


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
@pytest.mark.parametrize("githubs_own", [True, False])
async def test_security_18_undoes_what_was_merged_by_any_method(
    world: GitHubWorld, method: str, githubs_own: bool
) -> None:
    pull = await a_merge(world, method)
    if not githubs_own:
        without_githubs_own(world)
    await world.push("main", {"lib/other.py": "a = 2\n"})
    opened = await world.host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened)
    assert opened.pull.foreign_commits == ()
    assert opened.pull.body == "slower"
    assert opened.pull.branch.startswith("revert-" if githubs_own else "ironclaw/revert/")
    again = await world.host.open_revert(pull.number, "slower still")
    assert again == opened
    result = await world.host.merge(opened.pull.number, opened.pull.head_sha)
    assert isinstance(result, Merged)
    assert world.fake.files(NAME) == {**FILES, "lib/other.py": "a = 2\n"}


async def test_security_18_undoes_what_the_queue_has_merged(world: GitHubWorld) -> None:
    pull = await world.opened()
    world.fake.set_required_checks(NAME, merge_queue=True)
    await world.host.merge(pull.number, pull.head_sha)
    world.fake.clear_rules(NAME)
    merged = await world.host.pull_request(pull.number)
    assert merged is not None
    assert merged.state is PullState.MERGED
    assert isinstance(await world.host.open_revert(pull.number, "slower"), RevertOpened)


@pytest.mark.parametrize("githubs_own", [True, False])
async def test_security_18_undoes_a_merge_whose_branch_is_gone(
    world: GitHubWorld, githubs_own: bool
) -> None:
    pull = await a_merge(world)
    if not githubs_own:
        without_githubs_own(world)
    await world.delete_branch(BRANCH)
    assert isinstance(await world.host.open_revert(pull.number, "slower"), RevertOpened)


async def test_security_18_a_revert_that_was_closed_is_not_opened_again(world: GitHubWorld) -> None:
    pull = await a_merge(world)
    first = await world.host.open_revert(pull.number, "slower")
    assert isinstance(first, RevertOpened)
    world.fake.close(NAME, first.pull.number)
    again = await world.host.open_revert(pull.number, "slower")
    assert isinstance(again, RevertOpened)
    assert (again.pull.number, again.pull.state) == (first.pull.number, PullState.CLOSED)


async def test_security_18_a_protected_branch_still_gets_its_pull_request(
    world: GitHubWorld,
) -> None:
    pull = await a_merge(world)
    world.fake.set_required_checks(NAME, "tests", approvals=1)
    assert isinstance(await world.host.open_revert(pull.number, "slower"), RevertOpened)


async def test_security_18_says_what_to_run_when_later_commits_are_in_the_way(
    world: GitHubWorld,
) -> None:
    pull = await a_merge(world)
    merged = world.fake.head(NAME)
    await world.push("main", {"app.py": "x = 8\ny = 1\n"})
    blocked = await world.host.open_revert(pull.number, "slower")
    assert isinstance(blocked, RevertBlocked)
    assert "app.py" in blocked.why
    assert f"git revert -m 1 {merged}" in blocked.what_to_do
    assert len(world.record.pulls()) == 1


async def test_security_18_a_branch_of_a_person_in_the_way_is_left_alone(
    world: GitHubWorld,
) -> None:
    pull = await a_merge(world)
    without_githubs_own(world)
    pushed = await world.push(f"ironclaw/revert/{pull.number}", {"notes.txt": "mine\n"})
    blocked = await world.host.open_revert(pull.number, "slower")
    assert isinstance(blocked, RevertBlocked)
    assert "git revert" in blocked.what_to_do
    assert world.fake.head(NAME, f"ironclaw/revert/{pull.number}") == pushed


async def test_brings_back_a_file_that_the_merge_had_added_or_changed(world: GitHubWorld) -> None:
    pull = await a_merge(world)
    without_githubs_own(world)
    opened = await world.host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened)
    assert world.fake.files(NAME, opened.pull.branch) == FILES


async def test_security_23_a_mark_in_a_pull_request_of_another_is_not_believed(
    world: GitHubWorld,
) -> None:
    pull = await a_merge(world)
    world.fake.push(NAME, "feature", {"z.py": "z\n"})
    body = f"<!-- ironclaw:reverts:{pull.number} -->\nfake"
    forged = world.fake.open_pull(NAME, "feature", body=body)
    opened = await world.host.open_revert(pull.number, "slower")
    assert isinstance(opened, RevertOpened)
    assert opened.pull.number != forged
