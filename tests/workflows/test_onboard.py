"""Onboarding and the dashboard, as stories on fakes."""

from dataclasses import replace

import pytest

from bot.adapters.policy_file import parse_policy
from bot.domain import messages
from bot.domain.events import about_repository
from bot.domain.improvement import State
from bot.domain.jobs import Advance
from bot.domain.limits import RESUMED
from bot.domain.onboarding import (
    ONBOARDING_BRANCH,
    Active,
    Ask,
    MendPolicy,
    OnboardingDecision,
    Refused,
    WaitForAnswer,
)
from bot.domain.policy import POLICY_PATH
from bot.domain.pulls import Conclusion, RequiredCheck
from bot.ports import Operator
from bot.workflows.dashboard import DASHBOARD, keep_dashboard
from bot.workflows.onboard import onboard
from tests.workflows.test_obey import ANN, Talking, waiting
from tests.workflows.world import CHECK


async def look(world: Talking) -> OnboardingDecision:
    """What a look at the repository does, with the policy as it is on the default branch."""
    text = world.host.text("main", POLICY_PATH)
    return await onboard(world.ports, None if text is None else parse_policy(text))


async def test_nothing_happens_before_the_onboarding_is_merged() -> None:
    world = Talking()
    assert isinstance(await look(world), Ask)
    for _ in range(3):
        world.host.push("main", {"new.py": "x = 1\n"})
        assert isinstance(await look(world), WaitForAnswer)
    pull = world.host.shown(1)
    assert list(world.host.pulls) == [1]
    assert pull.branch == ONBOARDING_BRANCH
    assert "1 places could be better" in pull.body
    assert "| `slow-sum` | 1 |" in pull.body
    assert world.records.improvements == {}
    await world.host.merge(1, pull.head_sha)
    assert isinstance(await look(world), Active)


async def test_the_policy_that_is_offered_is_right_and_lets_nothing_merge_by_itself() -> None:
    policy = parse_policy(messages.POLICY_FILE)
    assert not isinstance(policy, tuple)
    assert policy.landing.automatic is False


async def test_it_says_which_checks_the_branch_asks_for() -> None:
    world = Talking()
    await look(world)
    assert "ask for no check" in world.host.pulls[1].comments["expect"]
    world.host.required = (RequiredCheck("build", 1),)
    await look(world)
    assert "`build`" in world.host.pulls[1].comments["expect"]


async def test_what_is_changed_on_its_branch_is_read_and_said() -> None:
    world = Talking()
    await look(world)

    async def said(file: str | None) -> str:
        world.host.push(ONBOARDING_BRANCH, {POLICY_PATH: file})
        assert isinstance(await look(world), WaitForAnswer)
        return world.host.pulls[1].comments["expect"]

    assert "a person merges" in world.host.pulls[1].comments["expect"]
    checks = "landing:\n  automatic: true\n  required_checks: [build]\n"
    allowed = await said(f"version: 1\n{checks}")
    assert "`build`" in allowed
    assert "Ironclaw merges what has passed" in allowed
    assert "line 2, `landng`: there is no such key" in await said("version: 1\nlandng: {}\n")
    assert "not on this branch any more" in await said(None)
    assert world.records.improvements == {}


async def test_closing_it_means_no() -> None:
    world = Talking()
    await look(world)
    await world.host.close(1, "no")
    for _ in range(3):
        assert isinstance(await look(world), Refused)
    assert list(world.host.pulls) == [1]
    world.host.push("main", {POLICY_PATH: "version: 1\n"})
    assert isinstance(await look(world), Active)


async def test_a_repository_with_a_policy_file_is_active_at_once() -> None:
    world = Talking()
    world.host.push("main", {POLICY_PATH: "version: 1\n"})
    assert isinstance(await look(world), Active)
    assert world.host.pulls == {}


async def test_removing_the_policy_file_means_no() -> None:
    world = Talking()
    await look(world)
    await world.host.merge(1, world.host.shown(1).head_sha)
    world.host.push("main", {POLICY_PATH: None})
    assert isinstance(await look(world), Refused)


async def test_a_broken_policy_file_is_an_issue_that_closes_itself() -> None:
    world = Talking()
    world.host.push("main", {POLICY_PATH: "version: 1\nlandng: {}\n"})
    assert isinstance(await look(world), MendPolicy)
    issue = world.people.issues["policy"]
    assert issue.is_open
    assert "line 2, `landng`: there is no such key. Did you mean `landing`?" in issue.text
    world.host.push("main", {POLICY_PATH: "version: 1\n"})
    assert isinstance(await look(world), Active)
    assert not world.people.issues["policy"].is_open


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["open_pull_request", "comment", "tree", "pull_requests"])
async def test_a_crash_while_asking_asks_once_all_the_same(call: str, after: bool) -> None:
    world = Talking()
    world.host.fail_next(call, ConnectionError("cut"), after=after)
    with pytest.raises(ConnectionError):
        await look(world)
    world.host.push("main", {"new.py": "x = 1\n"})
    assert isinstance(await look(world), Ask | WaitForAnswer)
    assert isinstance(await look(world), WaitForAnswer)
    assert list(world.host.pulls) == [1]
    assert "expect" in world.host.pulls[1].comments


async def test_the_kill_switch_asks_nobody() -> None:
    world = Talking()
    world.operator = Operator(stopped="the operator has stopped everything")
    await look(world)
    assert world.host.pulls == {}


# The dashboard


async def test_the_dashboard_lists_what_there_is_and_is_written_only_when_it_changes() -> None:
    world = await waiting()
    await keep_dashboard(world.ports)
    text = world.people.issues[DASHBOARD].text
    assert "## Open (1)" in text
    assert "it sums by hand in `app/shop.py` (#1)" in text
    before = world.people.calls.count("write_issue")
    await keep_dashboard(world.ports)
    assert world.people.calls.count("write_issue") == before


async def test_a_ticked_box_is_obeyed_and_empty_again() -> None:
    world = await waiting()
    await keep_dashboard(world.ports)
    world.people.tick(DASHBOARD, "hold", ANN)
    assert await keep_dashboard(world.ports) == (Advance(world.now().id),)
    assert world.now().reason == "ann holds it"
    assert "## Needs you (1)" in world.people.issues[DASHBOARD].text
    assert "[x]" not in world.people.issues[DASHBOARD].text
    world.people.tick(DASHBOARD, "resume", ANN)
    await keep_dashboard(world.ports)
    assert world.now().state is State.OPEN


async def test_a_box_approves_the_commit_that_it_was_drawn_for() -> None:
    world = await waiting(automatic=False)
    await keep_dashboard(world.ports)
    world.people.tick(DASHBOARD, "approve", ANN)
    await keep_dashboard(world.ports)
    world.host.set_check(1, CHECK, Conclusion.SUCCESS)
    assert (await world.run()).state is State.KEPT


@pytest.mark.parametrize("person", ["bob", "nobody", ""])
async def test_security_22_a_box_counts_only_if_its_last_editor_may_write(person: str) -> None:
    world = await waiting()
    await keep_dashboard(world.ports)
    world.people.tick(DASHBOARD, "hold", person)
    assert await keep_dashboard(world.ports) == ()
    assert world.now().state is State.OPEN
    assert "[x]" not in world.people.issues[DASHBOARD].text


async def test_security_23_a_forged_box_moves_nothing_of_another_repository() -> None:
    world = await waiting()
    await keep_dashboard(world.ports)
    foreign = replace(world.now(), id="f" * 12, repository="octo/other")
    world.records.improvements[foreign.id] = foreign
    issue = world.people.issues[DASHBOARD]
    forged = f"- [x] <!-- ironclaw-do:hold:{foreign.id} -->\n- [x] <!-- ironclaw-do:hold:ab -->"
    world.people.issues[DASHBOARD] = replace(issue, text=forged, edited_by=ANN)
    await keep_dashboard(world.ports)
    assert world.records.improvements[foreign.id] == foreign


async def test_a_crash_after_a_box_was_obeyed_obeys_it_no_second_time() -> None:
    world = await waiting()
    await keep_dashboard(world.ports)
    world.people.tick(DASHBOARD, "hold", ANN)
    world.people.fail_next("write_issue", ConnectionError("cut"))
    with pytest.raises(ConnectionError):
        await keep_dashboard(world.ports)
    await keep_dashboard(world.ports)
    kinds = [event.event_type for event in world.records.events]
    assert kinds.count("improvement_held") == 1
    assert "[x]" not in world.people.issues[DASHBOARD].text


async def test_a_person_resumes_a_paused_repository_by_box_or_by_command() -> None:
    world = Talking()
    world.allow(limits={"pause_after_reverts": 1})
    world.production.slower = 2.0
    await world.run_to(State.REVERTED)
    await keep_dashboard(world.ports)
    board = world.people.issues[DASHBOARD]
    assert "**Paused.** 1 reverts in 7 days have paused this repository" in board.text
    comment = world.people.say(board.number, ANN, "/ironclaw resume")
    await world.read(comment.id, board.number)
    await keep_dashboard(world.ports)
    assert "Paused" not in world.people.issues[DASHBOARD].text
    (event,) = [e for e in world.records.events if e.event_type == RESUMED]
    assert event.subject == about_repository(world.host.name)
