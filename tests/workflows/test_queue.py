"""What the host would merge by itself is taken back when it may not be merged any more."""

import pytest

from bot.domain.improvement import State
from bot.domain.pulls import Conclusion, PullState
from tests.workflows.test_obey import Talking
from tests.workflows.world import CHECK


async def queued() -> Talking:
    """An open pull request that waits in the host's queue."""
    world = Talking()
    world.host.has_queue = True
    await world.run_to(State.OPEN)
    while not world.host.shown(1).queued:
        assert (await world.step()).state is State.OPEN
    return world


async def merged_by_host(world: Talking) -> bool:
    """Whether the host merges it when its turn comes."""
    if world.host.shown(1).queued:
        world.host.leave_queue(1)
    return world.host.shown(1).state is PullState.MERGED


async def test_what_waits_in_the_queue_is_merged_by_the_host() -> None:
    assert await merged_by_host(await queued())


@pytest.mark.parametrize("how", ["label", "check", "review"])
async def test_what_is_blocked_leaves_the_queue(how: str) -> None:
    world = await queued()
    if how == "label":
        world.host.label(1, "hold")
    elif how == "check":
        world.host.set_check(1, CHECK, Conclusion.FAILURE)
    else:
        world.host.review(1, "bob", approved=False)
    assert (await world.step()).state is State.HELD
    assert not await merged_by_host(world)


async def test_what_is_checked_again_leaves_the_queue_and_comes_back() -> None:
    world = await queued()
    world.host.set_check(1, CHECK, Conclusion.PENDING)
    assert (await world.step()).state is State.OPEN
    assert not world.host.shown(1).queued
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    assert (await world.step()).state is State.OPEN
    assert await merged_by_host(world)


async def test_what_a_person_holds_leaves_the_queue_before_anything_else() -> None:
    world = await queued()
    await world.said("/ironclaw hold")
    assert world.now().state is State.HELD
    assert not await merged_by_host(world)


async def test_what_may_go_on_stays_in_the_queue() -> None:
    world = await queued()
    await world.step()
    assert await merged_by_host(world)


async def test_what_the_queue_puts_out_each_time_is_not_queued_forever() -> None:
    world = await queued()
    for _ in range(2):
        await world.host.stop_merging(1)
        assert (await world.step()).state is State.OPEN
        assert world.host.shown(1).queued
    await world.host.stop_merging(1)
    after = await world.step()
    assert after.state is State.HELD
    assert after.reason == "its merge was queued 3 times and taken out each time"
    assert not world.host.shown(1).queued


async def test_a_person_may_ask_for_another_turn_in_the_queue() -> None:
    world = await queued()
    for _ in range(3):
        await world.host.stop_merging(1)
        await world.step()
    assert world.now().state is State.HELD
    await world.said("/ironclaw resume")
    await world.step()
    assert world.host.shown(1).queued
