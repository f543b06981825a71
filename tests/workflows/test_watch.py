"""What deployments may come to, each with its outcome."""

from datetime import timedelta

import pytest

from bot.domain.improvement import State
from bot.domain.policy import OnInconclusive
from bot.domain.pulls import Deployment
from tests.workflows.test_obey import Talking
from tests.workflows.world import FILE, World


async def merged_elsewhere() -> World:
    """Merged, where somebody else deploys."""
    world = World()
    world.host.deploys = False
    await world.run_to(State.MERGED)
    return world


def deploy(world: World) -> Deployment:
    return world.host.add_deployment(world.host.branches["main"])


async def test_the_watch_starts_from_a_successful_deployment_that_holds_the_merge() -> None:
    world = await merged_elsewhere()
    world.host.add_deployment(world.now().base_sha)
    assert (await world.step()).state is State.MERGED
    world.host.push("main", {"later.py": "x = 1\n"})
    world.later(60)
    found = deploy(world)
    world.later(60)
    watching = await world.step()
    assert watching.state is State.WATCHING
    assert watching.deployed_at == found.at
    assert (await world.run()).state is State.KEPT


async def test_a_failed_deployment_that_is_mended_in_time_is_watched() -> None:
    world = await merged_elsewhere()
    world.host.add_deployment(world.host.branches["main"], "no space left")
    deploy(world)
    assert (await world.step()).state is State.WATCHING


@pytest.mark.parametrize(
    ("then", "state", "why"),
    [
        (OnInconclusive.HOLD, State.HELD, "inconclusive: no deployment has come"),
        (OnInconclusive.KEEP, State.KEPT, "inconclusive, kept by policy: no deployment"),
        (OnInconclusive.REVERT, State.REVERTING, "inconclusive, reverted by policy: no depl"),
    ],
)
async def test_a_deployment_that_never_comes_ends_as_the_policy_says(
    then: OnInconclusive, state: State, why: str
) -> None:
    world = World()
    world.host.deploys = False
    world.allow(watch={"on_inconclusive": then, "deployment_deadline_seconds": 600})
    merged = await world.run_to(State.MERGED)
    found = await world.run_to(state)
    assert found.reason.startswith(why)
    waited = found.updated_at - merged.updated_at
    assert timedelta(seconds=600) < waited < timedelta(seconds=700)


async def test_what_others_roll_back_while_it_is_watched_needs_a_person() -> None:
    world = Talking()
    await world.run_to(State.WATCHING)
    world.later(30)
    world.host.add_deployment(world.now().base_sha)
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason.startswith("taken out of production")
    (issue,) = world.people.issues.values()
    assert "`/ironclaw revert` takes the merge back" in issue.text
    world.later(30)
    world.host.add_deployment(world.host.branches["main"])
    await world.said("/ironclaw resume")
    assert (await world.run()).state is State.KEPT


async def test_what_others_roll_back_before_it_was_looked_at_needs_a_person() -> None:
    world = await merged_elsewhere()
    deploy(world)
    world.later(10)
    world.host.add_deployment(world.now().base_sha)
    assert (await world.step()).state is State.HELD


async def test_what_got_worse_before_it_was_superseded_is_taken_back() -> None:
    world = World()
    world.production.slower = 3.0
    watched = await world.run_to(State.WATCHING)
    assert watched.deployed_at is not None
    world.clock.set(watched.deployed_at + timedelta(seconds=200))
    world.host.push("main", {"other.py": "x = 1\n"})
    deploy(world)
    assert (await world.run_to(State.REVERTING)).reason.startswith("p50")


async def test_what_got_worse_only_after_it_was_superseded_needs_a_person() -> None:
    world = World()
    watched = await world.run_to(State.WATCHING)
    assert watched.deployed_at is not None
    world.clock.set(watched.deployed_at + timedelta(seconds=200))
    world.host.push("main", {"other.py": "x = 1\n"})
    deploy(world)
    world.production.ill_by = 4.0
    world.production.ill_since = world.clock.now()
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason.endswith("other changes were deployed meanwhile")
    assert world.effects() == (1, 1, 0)


async def test_what_is_good_although_superseded_is_kept() -> None:
    world = World()
    await world.run_to(State.WATCHING)
    world.later(120)
    world.host.push("main", {"other.py": "x = 1\n"})
    deploy(world)
    assert (await world.run()).state is State.KEPT


async def test_a_revert_that_nobody_deploys_needs_a_person_and_goes_on_once_it_is() -> None:
    world = World()
    world.allow(watch={"deployment_deadline_seconds": 3_600})
    world.production.slower = 2.0
    await world.run_to(State.REVERTING)
    world.host.deploys = False
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason.startswith("the revert is not in production")
    assert (await world.step()).state is State.HELD
    deploy(world)
    world.later(1)
    assert (await world.step()).state is State.REVERTING
    found = await world.run()
    assert (found.state, found.recovered) == (State.REVERTED, True)


async def test_a_revert_that_a_person_merges_by_hand_goes_on() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.REVERTING)
    world.host.refuses_merge = "the branch is protected"
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason == "the revert is not merged: the branch is protected"
    for _ in range(3):
        assert (await world.step()).state is State.HELD
    world.host.refuses_merge = ""
    await world.host.merge(2, world.host.shown(2).head_sha)
    assert (await world.step()).state is State.REVERTING
    assert (await world.run()).state is State.REVERTED
    assert world.effects() == (1, 2, 1)


async def test_a_merge_that_the_host_refuses_is_held_and_merged_by_hand() -> None:
    world = World()
    world.host.refuses_merge = "the branch is protected"
    assert (await world.run()).state is State.HELD
    for _ in range(3):
        assert (await world.step()).state is State.HELD
    world.host.refuses_merge = ""
    assert (await world.step()).state is State.MERGED
    assert (await world.run()).state is State.KEPT


@pytest.mark.parametrize("merged", [True, False])
async def test_security_16_a_merge_queue_is_waited_for(merged: bool) -> None:
    world = World()
    world.host.has_queue = True
    await world.run_to(State.OPEN)
    for _ in range(5):
        await world.step()
    assert world.now().reason == "the host merges it by itself when its turn comes"
    assert world.host.calls.count("merge") == 1
    world.host.leave_queue(1, merged=merged)
    world.host.has_queue = False
    assert (await world.run()).state is State.KEPT
    assert world.effects() == (1, 1, 0)
    assert world.host.text("main", FILE) is not None


async def test_what_the_host_asks_for_counts_beside_the_policy() -> None:
    world = World()
    world.host.required_approvals = 1
    await world.run_to(State.OPEN)
    assert (await world.step()).reason == "0 of 1 approvals"
    world.host.review(1, "ann", approved=True)
    assert (await world.run()).state is State.KEPT


async def test_a_draft_is_waited_for() -> None:
    world = World()
    await world.run_to(State.OPEN)
    world.host.draft(1)
    assert (await world.step()).reason == "it is a draft"
    world.host.draft(1, on=False)
    assert (await world.run()).state is State.KEPT


@pytest.mark.parametrize(
    ("factor", "verdict", "words"),
    [(0.5, "arrived", "The gain arrived"), (1.0, "not arrived", "The gain did not arrive")],
)
async def test_what_is_kept_says_whether_the_gain_arrived(
    factor: float, verdict: str, words: str
) -> None:
    world = World()
    world.production.slower = factor
    found = await world.run_to(State.KEPT)
    assert found.evidence["gain"]["verdict"] == verdict
    assert found.evidence["gain"]["ratio"] == pytest.approx(factor, rel=0.02)
    assert any(words in text for text in world.host.pulls[1].comments.values())
    kept = [e for e in world.records.events if e.event_type == "improvement_kept"]
    assert [event.after_state["gain"]["verdict"] for event in kept] == [verdict]
