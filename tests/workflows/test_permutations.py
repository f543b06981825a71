"""Events of one pull request in any order, doubled or lost, come to what the truth says."""

from collections.abc import Callable, Coroutine
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.host_events import HostEvent, Topic
from bot.domain.improvement import State
from bot.domain.jobs import Advance, Obey
from bot.domain.pulls import Conclusion
from bot.workflows.advance import advance
from bot.workflows.obey import obey
from bot.workflows.routing import jobs_for
from tests.workflows.test_obey import ANN, Talking, waiting
from tests.workflows.world import CHECK, World

NAME = "octo/sample"


def events(world: World) -> list[HostEvent]:
    """What the host would tell of the pull request, all of it as it stands."""
    head, branch = world.now().head_sha, world.now().branch

    def event(topic: Topic, action: str = "", **changes: Any) -> HostEvent:
        return HostEvent(topic, action, repository=NAME, **changes)

    return [
        event(Topic.PULL_REQUEST, "opened", pulls=(1,), branch=branch),
        event(Topic.PULL_REQUEST, "synchronize", pulls=(1,), branch=branch),
        event(Topic.CHECK, "completed", pulls=(1,), commits=(head,)),
        event(Topic.PULL_REQUEST, "closed", pulls=(1,), branch=branch),
        event(Topic.REVIEW, "submitted", pulls=(1,)),
        event(Topic.PUSH, branch=branch),
    ]


async def deliver(world: Talking, event: HostEvent) -> None:
    async with world.stores() as store:
        jobs = await jobs_for(store, event)
    for job in jobs:
        match job:
            case Advance(id):
                await advance(world.ports, id)
            case Obey():
                await obey(world.ports, job)
            case _:
                pass


Change = Callable[[Talking], Coroutine[Any, Any, object]]


async def passes(world: Talking) -> None:
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)


async def fails(world: Talking) -> None:
    world.host.set_check(1, CHECK, Conclusion.FAILURE)


async def is_held(world: Talking) -> None:
    world.host.label(1, "hold")


async def is_closed(world: Talking) -> None:
    await world.host.close(1, "no")


async def is_merged(world: Talking) -> None:
    await world.host.merge(1, world.host.shown(1).head_sha)


async def gets_a_commit(world: Talking) -> None:
    world.host.push(world.now().branch, {"other.py": "x = 1\n"})


TRUTHS: list[tuple[list[Change], State]] = [
    ([passes], State.MERGED),
    ([fails], State.HELD),
    ([passes, is_held], State.HELD),
    ([passes, is_closed], State.ABANDONED),
    ([is_held, is_closed], State.ABANDONED),
    ([passes, gets_a_commit], State.HELD),
    ([fails, is_merged], State.MERGED),
    ([is_held, is_merged], State.MERGED),
]


NAMES = [" and ".join(change.__name__ for change in changes) for changes, _ in TRUTHS]


@pytest.mark.parametrize(("changes", "state"), TRUTHS, ids=NAMES)
async def test_security_6_all_orders_of_all_events_come_to_the_same(
    changes: list[Change], state: State
) -> None:
    for order in permutations(range(4)):
        world = await waiting()
        for change in changes:
            await change(world)
        told = events(world)
        for number in order:
            if world.now().state is not State.MERGED:
                await deliver(world, told[number])
        assert world.now().state is state, order
        assert world.effects()[0] == 1


@settings(max_examples=80, deadline=None)
@given(st.data())
async def test_security_6_so_do_doubled_lost_and_late_ones_between_the_changes(
    data: st.DataObject,
) -> None:
    changes, state = data.draw(st.sampled_from(TRUTHS))
    # One that merges on the way has landed before the rest of the truth came about.
    quiet = [change for change in changes if change is not passes]
    world = await waiting()
    for change in [*quiet, *([passes] if passes in changes else [])]:
        await change(world)
        told = events(world)
        for number in data.draw(st.lists(st.integers(0, len(told) - 1), max_size=4)):
            if world.now().state is not State.MERGED:
                await deliver(world, told[number])
    while world.now().state is State.OPEN:
        await world.step()
    if world.now().state is not State.MERGED:
        await deliver(world, events(world)[0])
    assert world.now().state is state
    assert world.effects()[0] == 1


async def test_what_people_and_ci_grant_merges_in_whichever_order_they_grant_it() -> None:
    async def approves(world: Talking) -> None:
        await world.said(f"/ironclaw approve {world.now().head_sha}", ANN)

    async def reviews(world: Talking) -> None:
        world.host.review(1, "ann", approved=True)

    async def is_ready(world: Talking) -> None:
        world.host.draft(1, on=False)

    ends = set()
    for order in permutations([passes, approves, reviews, is_ready]):
        world = await waiting(automatic=False, required_approvals=1)
        world.host.draft(1)
        for number, change in enumerate(order):
            assert world.now().state is State.OPEN, number
            await change(world)
            await deliver(world, events(world)[number])
        found = await world.run()
        ends.add((found.state, world.effects()))
    assert ends == {(State.KEPT, (1, 1, 0))}
