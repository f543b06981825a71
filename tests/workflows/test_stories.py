from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.improvement import Improvement, State
from bot.domain.policy import OnInconclusive
from bot.domain.pulls import Conclusion, PullState
from bot.ports import Ports
from bot.workflows import advance as advance_module
from bot.workflows.advance import STEPS, advance
from tests.workflows.world import CHECK, FAST, FILE, SLOW, TroubledStores, World

TO_WATCHING = ["proposed", "open", "merged", "watching"]


async def test_a_good_improvement_is_found_opened_merged_watched_and_kept() -> None:
    world = World()
    found = await world.run()
    assert found.state is State.KEPT
    assert world.story() == [*TO_WATCHING, "kept"]
    assert world.effects() == (1, 1, 0)
    assert world.host.text("main", FILE) == FAST
    pull = world.host.pulls[1]
    assert found.head_sha == pull.head_sha
    assert pull.snapshot.merge_sha == found.merge_sha
    assert "kept: nothing got worse" in pull.comments["watch"]
    assert f"<!-- ironclaw:{found.id} -->" in pull.draft.body
    assert world.sandbox.opened == 0


async def test_what_got_slower_is_taken_back_and_the_recovery_is_measured() -> None:
    world = World()
    world.production.slower = 2.0
    found = await world.run()
    assert found.state is State.REVERTED
    assert found.recovered is True
    assert found.reason.endswith("the service has recovered")
    assert world.story() == [*TO_WATCHING, "reverting", "reverted"]
    assert world.effects() == (1, 2, 1)
    assert world.host.text("main", FILE) == SLOW
    assert world.host.deployed[-1].sha == world.host.branches["main"]
    assert "| yes |" in world.host.pulls[1].comments["watch"]


async def test_errors_are_taken_back_as_well() -> None:
    world = World()
    world.production.failing = 3
    assert (await world.run()).state is State.REVERTED
    assert (await world.run()).recovered is True


async def test_a_recovery_that_does_not_come_is_said() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.REVERTING)
    world.production.ill_since = world.now().deployed_at
    found = await world.run()
    assert (found.state, found.recovered) == (State.REVERTED, False)
    assert "has not recovered" in found.reason


async def test_a_recovery_that_cannot_be_measured_is_not_called_one() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.REVERTING)
    world.production.silent = True
    found = await world.run()
    assert (found.state, found.recovered) == (State.REVERTED, None)
    assert "could not be measured" in found.reason


async def test_security_18_a_revert_that_conflicts_is_held_and_says_what_to_do() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.WATCHING)
    world.host.push("main", {FILE: "def total(items):\n    return fsum(items)\n"})
    found = await world.run()
    assert found.state is State.HELD
    assert "later commits change the same files. revert it by hand" in found.reason
    assert world.effects() == (1, 1, 0)
    assert found.applied


async def test_a_revert_whose_checks_fail_is_held() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.REVERTING)
    world.host.check_results[CHECK] = Conclusion.FAILURE
    found = await world.run()
    assert found.state is State.HELD
    assert "the revert is not merged: required checks did not pass" in found.reason
    assert world.effects() == (1, 1, 1)


async def test_a_revert_that_a_person_refuses_is_held() -> None:
    world = World()
    world.production.slower = 2.0
    world.host.check_results.clear()
    await world.run_to(State.OPEN)
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    await world.run_to(State.REVERTING)
    await world.step()
    await world.host.close(2, "it is needed")
    found = await world.run()
    assert found.state is State.HELD
    assert "the revert was refused" in found.reason


async def test_a_failed_deployment_is_taken_back() -> None:
    world = World()
    world.host.deploy_failure = "no space left"
    await world.run_to(State.REVERTING)
    assert world.now().reason == "the deployment failed: no space left"
    world.host.deploy_failure = ""
    assert (await world.run()).state is State.REVERTED
    assert world.host.text("main", FILE) == SLOW


async def test_where_even_the_revert_cannot_be_deployed_a_person_must_look() -> None:
    world = World()
    world.host.deploy_failure = "no space left"
    found = await world.run()
    assert found.state is State.HELD
    assert "the deployment of the revert failed: no space left" in found.reason
    assert world.host.text("main", FILE) == SLOW


@pytest.mark.parametrize("failure", ["", "broken"])
async def test_without_leave_nothing_is_taken_back(failure: str) -> None:
    world = World()
    world.allow(watch={"automatic_rollback": False})
    world.host.deploy_failure = failure
    world.production.slower = 3.0
    assert (await world.run()).state is State.HELD
    assert world.effects() == (1, 1, 0)


async def test_what_a_person_closes_is_abandoned_and_not_proposed_again() -> None:
    world = World()
    world.host.check_results[CHECK] = Conclusion.PENDING
    await world.run_to(State.OPEN)
    await world.step()
    await world.host.close(1, "no")
    found = await world.run()
    assert found.state is State.ABANDONED
    assert await world.find() == found.id
    assert (await world.run()).state is State.ABANDONED
    assert world.effects() == (1, 0, 0)


async def test_a_commit_of_somebody_else_is_never_merged() -> None:
    world = World()
    await world.run_to(State.OPEN)
    world.host.push(world.now().branch, {FILE: "import os\n"})
    found = await world.run()
    assert found.state is State.HELD
    assert "verified was" in found.reason
    assert world.effects() == (1, 0, 0)


@pytest.mark.parametrize(
    "conclusion", [c for c in Conclusion if c not in (Conclusion.SUCCESS, Conclusion.PENDING)]
)
async def test_no_other_conclusion_than_success_is_merged(conclusion: Conclusion) -> None:
    world = World()
    world.host.check_results[CHECK] = conclusion
    found = await world.run()
    assert found.state is State.HELD
    assert f"{CHECK} ({conclusion})" in found.reason
    assert world.effects() == (1, 0, 0)


async def test_checks_that_never_report_are_waited_for_and_then_given_up() -> None:
    world = World()
    world.allow(landing={"give_up_after_seconds": 300})
    world.host.check_results.clear()
    world.host.check_results["another"] = Conclusion.SUCCESS
    opened = await world.run_to(State.OPEN)
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason == f"gave up waiting: required checks have not reported: {CHECK}"
    waited = found.updated_at - opened.updated_at
    assert timedelta(seconds=300) < waited < timedelta(seconds=400)


async def test_where_no_check_is_required_nothing_is_merged() -> None:
    world = World()
    world.allow(landing={"required_checks": ()})
    assert (await world.run()).state is State.HELD
    assert world.effects() == (1, 0, 0)


async def test_where_a_person_merges_it_is_watched_all_the_same() -> None:
    world = World()
    world.allow(landing={"automatic": False})
    await world.run_to(State.OPEN)
    waiting = await world.step()
    assert waiting.state is State.OPEN
    assert "a person approves merges here" in waiting.reason
    await world.host.merge(1, waiting.head_sha)
    assert (await world.run()).state is State.KEPT
    assert world.now().merge_sha == world.host.branches["main"]
    assert world.effects() == (1, 1, 0)


async def test_what_conflicts_is_made_anew_once_on_the_new_base_and_verified_anew() -> None:
    world = World()
    await world.run_to(State.OPEN)
    first = world.now()
    moved = world.host.push("main", {FILE: "# a shop\n" + SLOW})
    found = await world.run()
    assert found.state is State.KEPT
    assert world.story() == [
        *("proposed", "open", "held", "found", "proposed"),
        *("open", "merged", "watching", "kept"),
    ]
    assert found.base_sha == moved
    assert found.head_sha != first.head_sha
    assert found.pull_request == first.pull_request
    assert world.effects() == (1, 1, 0)
    assert world.host.text("main", FILE) == "# a shop\n" + FAST


async def test_what_conflicts_a_second_time_is_held() -> None:
    world = World()
    await world.run_to(State.OPEN)
    world.host.push("main", {FILE: "# a shop\n" + SLOW})
    await world.run_to(State.PROPOSED)
    await world.run_to(State.OPEN)
    world.host.push("main", {FILE: "# the shop\n" + SLOW})
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason == "it conflicts again with the branch it should go into"
    assert world.effects() == (1, 0, 0)


async def test_what_is_no_longer_there_is_abandoned_and_its_pull_request_closed() -> None:
    world = World()
    await world.run_to(State.OPEN)
    world.host.push("main", {FILE: "def total(items):\n    return 0\n"})
    found = await world.run()
    assert found.state is State.ABANDONED
    assert found.reason.endswith("what it improves is no longer there")
    assert world.host.pulls[1].snapshot.state is PullState.CLOSED
    assert world.host.pulls[1].comments["closed"] == found.reason


async def test_a_branch_that_a_person_has_changed_is_not_made_anew() -> None:
    world = World()
    await world.run_to(State.OPEN)
    world.host.push("main", {FILE: "# a shop\n" + SLOW})
    await world.run_to(State.PROPOSED)
    theirs = world.host.push(world.now().branch, {"other.py": "x = 1\n"})
    found = await world.run()
    assert found.state is State.HELD
    assert found.reason.startswith("its branch cannot be made")
    assert world.host.branches[found.branch] == theirs


async def test_a_pull_request_that_is_gone_is_held() -> None:
    world = World()
    await world.run_to(State.OPEN)
    del world.host.pulls[1]
    assert (await world.run()).reason == "pull request 1 is gone"


async def test_without_requests_it_is_extended_once_and_then_held() -> None:
    world = World()
    world.production.silent = True
    watched = await world.run_to(State.WATCHING)
    found = await world.run()
    assert found.state is State.HELD
    assert found.extended
    assert found.reason.startswith("inconclusive: 0 requests before and 0 after")
    assert found.updated_at - watched.updated_at >= timedelta(seconds=600)


@pytest.mark.parametrize(
    ("then", "state"),
    [
        (OnInconclusive.HOLD, State.HELD),
        (OnInconclusive.KEEP, State.KEPT),
        (OnInconclusive.REVERT, State.REVERTED),
    ],
)
async def test_the_policy_says_what_follows_from_no_data(
    then: OnInconclusive, state: State
) -> None:
    world = World()
    world.allow(watch={"on_inconclusive": then})
    world.production.silent = True
    assert (await world.run()).state is state


async def test_data_that_comes_late_decides_after_the_extension() -> None:
    world = World()
    world.production.silent = True
    await world.run_to(State.WATCHING)
    while not world.now().extended:
        await world.step()
    world.production.silent = False
    assert (await world.run()).state is State.KEPT


async def test_a_deployment_by_somebody_else_is_waited_for() -> None:
    world = World()
    world.host.deploys = False
    await world.run_to(State.MERGED)
    for _ in range(3):
        assert (await world.step()).reason == "waiting for a deployment that contains the merge"
    world.host.add_deployment(world.now().base_sha)
    assert (await world.step()).state is State.MERGED
    world.host.add_deployment(world.host.branches["main"])
    assert (await world.run()).state is State.KEPT


async def test_the_revert_waits_for_a_deployment_by_somebody_else_too() -> None:
    world = World()
    world.production.slower = 2.0
    await world.run_to(State.REVERTING)
    world.host.deploys = False
    for _ in range(5):
        await world.step()
    assert world.now().revert_sha
    assert world.now().revert_deployed_at is None
    world.host.add_deployment(world.host.branches["main"])
    assert (await world.run()).state is State.REVERTED


@pytest.mark.parametrize(
    ("fault", "state", "why"),
    [
        ({"speedup": 1.0}, State.REJECTED, "no gain"),
        ({"breaks_tests": True}, State.REJECTED, "tests newly fail"),
        ({"changes_results": True}, State.REJECTED, "does not behave"),
        ({"calls": 0}, State.REJECTED, "no gain could be shown"),
    ],
)
async def test_what_the_sandbox_does_not_show_never_becomes_a_pull_request(
    fault: dict[str, Any], state: State, why: str
) -> None:
    world = World()
    world.sandbox = replace(world.sandbox, **fault)
    found = await world.run()
    assert found.state is state
    assert why in found.reason
    assert world.effects() == (0, 0, 0)
    assert found.evidence["limits"] == {"verdict": "kept"}


async def test_what_is_not_known_is_nothing() -> None:
    assert await advance(World().ports, "nobody") is None


RESTING = [state for state in State if state not in STEPS and state is not State.HELD]


@pytest.mark.parametrize("state", RESTING)
async def test_states_without_a_step_stay_as_they_are(state: State) -> None:
    world = World()
    await world.find()
    there = replace(world.now(), state=state, look_again_at=world.clock.now())
    world.records.improvements[there.id] = there
    assert await advance(world.ports, there.id) == there
    assert world.records.events == []


# Crashes: the same end, whatever fails once


async def ended(world: World) -> tuple[State, bool | None, tuple[int, int, int], list[str]]:
    found = await world.run()
    assert found.merge_sha == world.host.pulls[1].snapshot.merge_sha
    return found.state, found.recovered, world.effects(), world.story()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("slower", [1.0, 2.0], ids=["kept", "reverted"])
async def test_whichever_call_of_the_host_fails_the_end_is_the_same(
    slower: float, after: bool
) -> None:
    clean = World()
    clean.production.slower = slower
    expected = await ended(clean)
    started = World()
    await started.find()
    assert clean.host.count >= 10
    for number in range(started.host.count + 1, clean.host.count + 1):
        world = World()
        world.production.slower = slower
        await world.find()
        world.host.fail_at, world.host.fails_after = number, after
        assert await ended(world) == expected, clean.host.calls[number - 1]
        assert world.crashes == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_whichever_commit_of_the_store_fails_the_end_is_the_same(after: bool) -> None:
    clean = World()
    clean.production.slower = 2.0
    expected = await ended(clean)
    crashes = 0
    for number in range(1, 30):
        world = World()
        world.production.slower = 2.0
        await world.find()
        world.stores = TroubledStores(world.stores, number, after=after)
        assert await ended(world) == expected
        crashes += world.crashes
    assert crashes > 10


@pytest.mark.parametrize("slower", [1.0, 2.0])
async def test_doubled_wake_ups_change_nothing(slower: float) -> None:
    clean = World()
    clean.production.slower = slower
    expected = await ended(clean)
    world = World()
    world.production.slower = slower
    id = await world.find()
    for _ in range(200):
        await world.step()
        for _ in range(2):
            await advance(world.ports, id)
    assert await ended(world) == expected


# Another worker


async def test_what_another_worker_has_done_meanwhile_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    await world.run_to(State.OPEN)

    async def slow_land(ports: Ports, improvement: Improvement) -> Improvement:
        monkeypatch.setattr(advance_module, "STEPS", STEPS)
        world.later(1)
        other = await advance(ports, improvement.id)
        assert other is not None
        assert other.state is State.MERGED
        world.later(1)
        return improvement.move(State.HELD, "too late", ports.clock.now())

    monkeypatch.setattr(advance_module, "STEPS", {**STEPS, State.OPEN: slow_land})
    seen = await advance(world.ports, world.now().id)
    assert seen == world.now()
    assert world.now().state is State.MERGED
    assert world.story() == ["proposed", "open", "merged"]
    assert (await world.run()).state is State.KEPT


async def test_two_workers_at_once_merge_once() -> None:
    world = World()
    world.production.slower = 2.0
    await world.find()

    seen = world.host.merge

    async def merge(number: int, sha: str) -> object:
        world.host.merge = seen  # type: ignore[method-assign]
        world.later(1)
        await advance(world.ports, world.now().id)
        world.later(1)
        return await seen(number, sha)

    world.host.merge = merge  # type: ignore[method-assign, assignment]
    found = await world.run()
    assert found.state is State.REVERTED
    assert world.effects() == (1, 2, 1)
    assert world.story() == [*TO_WATCHING, "reverting", "reverted"]
    assert world.host.pulls[1].snapshot.state is PullState.MERGED
