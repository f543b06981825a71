"""Nothing is merged but what was tested and what people let through; on the real adapter."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.improvement import State
from tests.fakes.github.faults import Fault
from tests.fakes.github.state import Pull
from tests.fakes.github.webhooks import DeliveryFault
from tests.security.beginnings import (
    WHILE,
    assert_at_rest,
    pass_checks,
    to_the_pull_request,
    wait_for,
)
from tests.story.town import IMPROVEMENT, POLICY, REPO, Town, town
from tests.workflows.world import CHECK


async def test_security_14_what_is_pushed_between_green_and_the_merge_is_not_merged(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        _, pull = await to_the_pull_request(place)
        pushed: list[str] = []
        just_before_the_merge(
            place, lambda: pushed.append(place.fake.push(REPO, pull.head_ref, {"more.txt": "x\n"}))
        )
        pass_checks(place)
        await place.run_for(WHILE)
        assert pushed == [pull.head_sha]
        (one,) = await place.improvements()
        assert (one.state, place.merged(IMPROVEMENT)) == (State.HELD, 0)
        assert_at_rest(place)


def just_before_the_merge(place: Town, act: Callable[[], object]) -> None:
    """Somebody acts once, when our request to merge is on its way."""
    just_before(place, "PUT", "/merge", act)


def just_before(place: Town, wanted: str, end: str, act: Callable[[], object]) -> None:
    """Somebody acts once, when a request of ours is on its way."""
    faults = place.fake.faults
    strike, done = faults.strike, [False]

    def interfere(method: str, path: str, operations: tuple[str, ...] = ()) -> Fault | None:
        if method == wanted and path.endswith(end) and not done[0]:
            done[0] = True
            act()
        return strike(method, path, operations)

    # The fake asks it about every request before it answers.
    faults.strike = interfere  # type: ignore[method-assign] # for one test


async def test_security_15_only_the_bound_app_on_the_exact_head_makes_it_green(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        fake = place.fake
        fake.set_required_checks(REPO, (CHECK, fake.hub.actions.id))
        # It waits longer here than it takes to try everything.
        patient = POLICY.replace("seconds: 600", "seconds: 86400")
        _, pull = await to_the_pull_request(place, patient)
        base = fake.head(REPO) or ""
        others: list[Callable[[], object]] = [
            lambda: None,
            lambda: fake.report_check(REPO, pull.head_sha, CHECK, "success", app=fake.app),
            lambda: fake.report_status(REPO, pull.head_sha, CHECK, "success", login="ada"),
            lambda: fake.report_check(REPO, base, CHECK, "success"),
            lambda: fake.report_check(REPO, pull.head_sha, "another", "success"),
        ]
        for act in others:
            act()
            await place.run_for(WHILE)
            assert place.merged(IMPROVEMENT) == 0
        fake.report_check(REPO, pull.head_sha, CHECK, "success")
        await wait_for(place, State.KEPT)
        assert_at_rest(place)


@pytest.mark.parametrize("end", ["/actions/runs", "/comments"])
async def test_security_15_a_check_that_turns_red_while_we_read_on_is_not_green(
    tmp_path: Path, sqlite_url: str, end: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        _, pull = await to_the_pull_request(place)
        pass_checks(place)
        red: list[object] = []
        fail = place.fake.report_check
        just_before(
            place, "GET", end, lambda: red.append(fail(REPO, pull.head_sha, CHECK, "failure"))
        )
        await place.run_for(WHILE)
        assert len(red) == 1
        (one,) = await place.improvements()
        assert (one.state, place.merged(IMPROVEMENT)) == (State.HELD, 0)
        assert_at_rest(place)


async def test_security_15_what_would_go_into_another_branch_is_not_merged(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        _, pull = await to_the_pull_request(place)
        place.fake.push(REPO, "release", {"release.txt": "1\n"})
        pull.base_ref = "release"
        pass_checks(place)
        await place.run_for(WHILE)
        (one,) = await place.improvements()
        assert (one.state, place.merged(IMPROVEMENT)) == (State.HELD, 0)
        assert "it would go into release, not into main" in one.reason
        assert_at_rest(place)


def request_changes(place: Town, number: int, _: Pull) -> None:
    place.fake.set_permission(REPO, "bob", "write")
    place.fake.review(REPO, number, "bob", "CHANGES_REQUESTED")


def put_hold_on(place: Town, number: int, _: Pull) -> None:
    place.fake.label(REPO, number, "hold")


def make_draft(place: Town, number: int, _: Pull) -> None:
    place.fake.set_draft(REPO, number, draft=True)


def close(place: Town, number: int, _: Pull) -> None:
    place.fake.close(REPO, number)


def commit(place: Town, _: int, pull: Pull) -> None:
    place.fake.push(REPO, pull.head_ref, {"mine.txt": "mine\n"})


def rewrite(place: Town, _: int, pull: Pull) -> None:
    place.fake.reset_branch(REPO, pull.head_ref, place.fake.head(REPO) or "")
    place.fake.push(REPO, pull.head_ref, {"mine.txt": "mine\n"})


def stop_all(place: Town, _: int, __: Pull) -> None:
    stopped = f"{POLICY}limits:\n  stopped: true\n"
    place.fake.push(REPO, "main", {".github/ironclaw.yml": stopped})


VETOES = [request_changes, put_hold_on, make_draft, close, commit, rewrite, stop_all]


@pytest.mark.parametrize("veto", VETOES)
async def test_security_17_what_a_person_holds_is_not_merged_and_their_commits_stay(
    tmp_path: Path, sqlite_url: str, veto: Callable[[Town, int, Pull], None]
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number, pull = await to_the_pull_request(place)
        veto(place, number, pull)
        theirs = place.fake.head(REPO, pull.head_ref)
        pass_checks(place)
        await place.run_for(WHILE)
        assert place.merged(IMPROVEMENT) == 0
        assert place.fake.head(REPO, pull.head_ref) == theirs
        assert_at_rest(place)


async def test_security_17_a_hold_that_was_read_lasts_until_it_is_taken_back(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number, _ = await to_the_pull_request(place)
        place.fake.comment(REPO, number, "ada", "/ironclaw hold")
        await place.settle()
        pass_checks(place)
        await place.run_for(WHILE)
        assert place.merged(IMPROVEMENT) == 0
        place.fake.comment(REPO, number, "ada", "/ironclaw resume")
        await place.run_for(WHILE)
        assert place.merged(IMPROVEMENT) == 1


async def test_security_17_a_hold_counts_before_we_have_heard_of_it(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number, _ = await to_the_pull_request(place)
        webhooks = place.fake.hub.webhooks
        webhooks.faults.append(DeliveryFault("held", "issue_comment"))
        place.fake.comment(REPO, number, "ada", "/ironclaw hold")
        pass_checks(place)
        await place.run_for(timedelta(minutes=5))
        (one,) = await place.improvements()
        assert (one.state, place.merged(IMPROVEMENT)) == (State.OPEN, 0)
        assert "a comment waits" in one.reason
        webhooks.release()
        await place.run_for(WHILE)
        (one,) = await place.improvements()
        assert (one.state, place.merged(IMPROVEMENT)) == (State.HELD, 0)


async def test_security_17_a_hold_counts_unheard_also_while_it_is_held_for_another_reason(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        number, pull = await to_the_pull_request(place)
        place.fake.report_check(REPO, pull.head_sha, CHECK, "failure")
        await wait_for(place, State.HELD)
        webhooks = place.fake.hub.webhooks
        webhooks.faults.append(DeliveryFault("held", "issue_comment"))
        place.fake.comment(REPO, number, "ada", "/ironclaw hold")
        pass_checks(place)
        await place.run_for(timedelta(minutes=5))
        assert place.merged(IMPROVEMENT) == 0
        webhooks.release()
        await place.run_for(WHILE)
        (one,) = await place.improvements()
        assert (one.state, place.merged(IMPROVEMENT)) == (State.HELD, 0)
        assert_at_rest(place)


async def test_security_15_what_failed_and_then_passes_is_merged(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with town(tmp_path, sqlite_url) as place:
        _, pull = await to_the_pull_request(place)
        place.fake.report_check(REPO, pull.head_sha, CHECK, "failure")
        await wait_for(place, State.HELD)
        pass_checks(place)
        await wait_for(place, State.KEPT)
