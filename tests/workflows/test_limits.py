"""Caps, cooldown, circuit breaker and kill switch, where they are enforced."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import LearningEvent, about_repository
from bot.domain.improvement import Improvement, State
from bot.domain.limits import RESUMED
from bot.domain.patch import FileChange, Patch
from bot.ports import Operator
from bot.workflows.advance import advance
from bot.workflows.scan import Scan
from tests.domain.samples import a_finding, an_improvement
from tests.workflows.test_obey import ANN, Talking
from tests.workflows.world import CHECK, FILE, RULE, SLOW, World


def remember(world: World, *known: Improvement) -> None:
    for one in known:
        world.records.improvements[one.id] = one


async def step(world: World, id: str) -> None:
    await advance(world.ports, id)


async def test_no_more_are_opened_than_may_be_open_at_once() -> None:
    world = World()
    world.allow(scan={"max_open": 1})
    id = await world.find()
    other = an_improvement(State.OPEN, id="other", pull_request=9)
    remember(world, other)
    for _ in range(4):
        await step(world, id)
    waiting = world.records.improvements[id]
    assert waiting.state is State.PROPOSED
    assert waiting.reason == "1 are open at once (`scan.max_open`)"
    assert waiting.look_again_at is not None
    remember(world, replace(other, state=State.KEPT))
    await step(world, id)
    assert world.records.improvements[id].state is State.OPEN


async def test_security_19_what_was_taken_back_is_not_proposed_again() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.REVERTED)
    assert world.host.text("main", FILE) == SLOW
    world.later(400 * 86_400)
    assert await world.find() == world.now().id
    assert (await world.run()).state is State.REVERTED
    assert world.effects() == (1, 2, 1)


async def test_security_19_nor_is_another_change_of_the_same_place_before_the_cooldown() -> None:
    world = World()
    ended = an_improvement(
        State.REVERTED,
        finding=a_finding(file=FILE, function="total", rule="another"),
        updated_at=world.clock.now(),
    )
    remember(world, ended)
    scan = Scan(world.ports)
    (finding,) = await scan.findings(await world.host.tree(world.host.branches["main"]))
    assert finding.rule == RULE.id
    assert await scan.keep(finding) is None
    world.later(31 * 86_400)
    assert await scan.keep(finding) is not None


async def test_nor_is_the_same_change_of_code_that_was_moved_and_renamed() -> None:
    world = World()
    before = SLOW.replace("def total", "def add_up").replace("items", "things")
    ended = an_improvement(
        State.ABANDONED,
        finding=a_finding(file="old/place.py", function="add_up", rule=RULE.id),
        patch=Patch((FileChange("old/place.py", before, before),)),
        updated_at=world.clock.now(),
    )
    remember(world, replace(ended, repository=(await world.host.repository()).name))
    scan = Scan(world.ports)
    (finding,) = await scan.findings(await world.host.tree(world.host.branches["main"]))
    assert await scan.keep(finding) is None
    world.later(31 * 86_400)
    assert await scan.keep(finding) is not None


async def test_security_19_enough_reverts_pause_the_repository_and_a_person_resumes_it() -> None:
    world = World()
    for n in range(3):
        id = f"gone{n}"
        remember(world, an_improvement(State.REVERTED, id=id))
        when = world.clock.now() - timedelta(days=n)
        world.records.events.append(LearningEvent("improvement_reverting", id, when))
    id = await world.find()
    for _ in range(3):
        await step(world, id)
    paused = world.records.improvements[id]
    assert paused.state is State.PROPOSED
    assert "have paused this repository" in paused.reason
    about = about_repository(world.host.name)
    world.records.events.append(LearningEvent(RESUMED, about, world.clock.now()))
    await step(world, id)
    assert world.records.improvements[id].state is State.OPEN


async def test_security_19_a_pause_keeps_what_is_open_from_being_merged() -> None:
    world = World()
    await world.run_to(State.OPEN)
    for n in range(3):
        remember(world, an_improvement(State.REVERTED, id=f"gone{n}"))
        world.records.events.append(
            LearningEvent("improvement_reverting", f"gone{n}", world.clock.now())
        )
    (mine,) = [one for one in world.records.improvements.values() if one.pull_request == 1]
    await step(world, mine.id)
    waits = world.records.improvements[mine.id]
    assert waits.state is State.OPEN
    assert "have paused this repository" in waits.reason
    assert world.effects() == (1, 0, 0)


async def test_more_reverts_than_the_cap_ask_a_person_who_may_say_so() -> None:
    world = Talking()
    world.allow(limits={"reverts_per_day": 0})
    world.production.slower = 2.0
    found = await world.run()
    assert found.state is State.HELD
    assert "limits.reverts_per_day" in found.reason
    assert world.effects() == (1, 1, 0)
    await world.said("/ironclaw revert", ANN)
    assert (await world.run()).state is State.REVERTED


@pytest.mark.parametrize("switch", ["operator", "policy"])
@pytest.mark.parametrize(
    "state", [State.FOUND, State.PROPOSED, State.OPEN, State.MERGED, State.REVERTING]
)
async def test_security_21_a_kill_switch_stops_every_effect_of_jobs_that_are_queued(
    switch: str, state: State
) -> None:
    world = Talking()
    world.production.slower = 2.0
    await world.run_to(state)
    before, calls = world.now(), list(world.host.calls)
    if switch == "operator":
        world.operator = Operator(merges=True, stopped="the operator has stopped everything")
    else:
        world.allow(limits={"stopped": True})
    for _ in range(3):
        await world.step()
    await world.said("/ironclaw hold")
    assert world.now() == before
    assert world.host.calls == calls
    # What was said meanwhile is waited for, unless it is deleted.
    world.people.said.clear()
    world.operator = Operator(merges=True)
    world.allow(limits={"stopped": False})
    assert (await world.run()).state is State.REVERTED


async def test_without_the_operators_leave_nothing_is_taken_back() -> None:
    world = World(operator=Operator(merges=True, reverts=False))
    world.production.slower = 3.0
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason.endswith("ENABLE_AUTO_ROLLBACK is off")
    failing = World(operator=Operator(merges=True, reverts=False))
    failing.host.deploy_failure = "full"
    assert (await failing.run()).state is State.HELD


async def test_the_operators_confidence_counts_beside_the_repositorys() -> None:
    world = World(operator=Operator(merges=True, minimum_confidence=0.99))
    await world.run_to(State.OPEN)
    assert "is below 0.99" in (await world.step()).reason
    assert CHECK in world.host.check_results
