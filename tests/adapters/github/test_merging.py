"""Merging on GitHub: only the commit that was tested, by the way that the repository has."""

import pytest

from bot.domain.pulls import (
    Conclusion,
    Merged,
    NotMerged,
    PullSnapshot,
    PullState,
    Queued,
    RequiredCheck,
)
from tests.adapters.codehost_contract import BRANCH
from tests.adapters.github.world import NAME, GitHubWorld

CI = 15368
"""The number of the App behind GitHub's own workflows."""


async def snapshot(world: GitHubWorld, number: int) -> PullSnapshot:
    found = await world.host.pull_request(number)
    assert found is not None
    return found


# The commit that was tested.


async def test_security_14_the_request_to_merge_names_the_commit(world: GitHubWorld) -> None:
    pull = await world.opened()
    await world.host.merge(pull.number, pull.head_sha)
    (asked,) = [one.json for one in world.fake.requests if one.method == "PUT"]
    assert asked == {"sha": pull.head_sha, "merge_method": "merge"}


async def test_security_14_a_head_that_moves_after_we_looked_is_not_merged(
    world: GitHubWorld,
) -> None:
    pull = await world.opened()
    main = world.fake.head(NAME)
    world.just_before("PUT", "/merge", lambda: world.fake.push(NAME, BRANCH, {"app.py": "0\n"}))
    result = await world.host.merge(pull.number, pull.head_sha)
    assert isinstance(result, NotMerged)
    assert result.passing
    assert world.fake.head(NAME) == main
    now = await snapshot(world, pull.number)
    assert now.head_sha != pull.head_sha
    assert now.foreign_commits == (now.head_sha,)


async def test_security_14_a_head_that_moves_after_we_looked_is_not_queued(
    world: GitHubWorld,
) -> None:
    pull = await world.opened()
    world.fake.set_required_checks(NAME, merge_queue=True)
    world.just_before(
        "POST", "enqueuePullRequest", lambda: world.fake.push(NAME, BRANCH, {"app.py": "0\n"})
    )
    result = await world.host.merge(pull.number, pull.head_sha)
    assert isinstance(result, NotMerged)
    assert result.passing
    assert world.effects("enqueue") == []


async def test_security_14_a_head_that_moves_after_we_looked_is_not_merged_later(
    world: GitHubWorld,
) -> None:
    pull = await world.opened()
    waiting_for_a_check(world)
    world.just_before(
        "POST",
        "enablePullRequestAutoMerge",
        lambda: world.fake.push(NAME, BRANCH, {"app.py": "0\n"}),
    )
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), NotMerged)
    assert world.effects("auto-merge", "merge") == []


# What the host asks for.


@pytest.mark.parametrize("ruleset", [True, False])
async def test_shows_what_the_branch_asks_for(world: GitHubWorld, ruleset: bool) -> None:
    pull = await world.opened()
    world.fake.set_required_checks(
        NAME, "lint", ("tests", CI), approvals=2 if ruleset else 0, ruleset=ruleset
    )
    now = await snapshot(world, pull.number)
    assert set(now.required) == {RequiredCheck("lint"), RequiredCheck("tests", CI)}
    assert now.required_approvals == (2 if ruleset else 0)


async def test_security_15_shows_which_app_each_check_is_from(world: GitHubWorld) -> None:
    pull = await world.opened()
    stranger = world.fake.make_app("stranger", {"checks": "write"})
    world.fake.report_check(NAME, pull.head_sha, "tests", "failure")
    world.fake.report_check(NAME, pull.head_sha, "tests", "success", app=stranger)
    world.fake.report_check(NAME, pull.head_sha, "slow", None)
    world.fake.report_status(NAME, pull.head_sha, "tests", "pending", login="eve")
    world.fake.report_status(NAME, pull.head_sha, "tests", "success", login="eve")
    world.fake.report_check(NAME, world.fake.head(NAME) or "", "other", "success")
    checks = (await snapshot(world, pull.number)).checks
    assert {(one.name, one.source, one.app_id, one.conclusion) for one in checks} == {
        ("tests", "github-actions", CI, Conclusion.FAILURE),
        ("tests", "stranger", stranger.id, Conclusion.SUCCESS),
        ("slow", "github-actions", CI, Conclusion.PENDING),
        ("tests", "", None, Conclusion.SUCCESS),
    }
    assert {one.sha for one in checks} == {pull.head_sha}


# The ways to merge.


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_merges_by_the_method_that_is_allowed(world: GitHubWorld, method: str) -> None:
    pull = await world.opened()
    world.record.methods = {method}
    result = await world.host.merge(pull.number, pull.head_sha)
    assert result == Merged(world.fake.head(NAME) or "")
    assert world.record.issues[pull.number].pull
    (asked,) = [one.json for one in world.fake.requests if one.method == "PUT"]
    assert asked["merge_method"] == method
    now = await snapshot(world, pull.number)
    assert (now.state, now.merge_sha) == (PullState.MERGED, result.sha)


async def test_security_16_enters_the_queue_once_where_there_is_one(world: GitHubWorld) -> None:
    pull = await world.opened()
    world.fake.set_required_checks(NAME, "tests", merge_queue=True)
    world.fake.report_check(NAME, pull.head_sha, "tests", "success")
    for _ in range(2):
        assert isinstance(await world.host.merge(pull.number, pull.head_sha), Queued)
    assert (await snapshot(world, pull.number)).queued
    assert world.effects("enqueue", "merge") == ["enqueue"]
    assert world.sent("PUT") == 0
    entry = world.fake.pull(NAME, pull.number).pull
    assert entry
    assert entry.queue_entry
    world.fake.report_check(NAME, entry.queue_entry.sha, "tests", "success")
    now = await snapshot(world, pull.number)
    assert now.state is PullState.MERGED
    assert await world.host.merge(pull.number, pull.head_sha) == Merged(now.merge_sha)


async def test_security_16_lets_github_merge_later_what_still_waits(world: GitHubWorld) -> None:
    pull = await world.opened()
    waiting_for_a_check(world)
    for _ in range(2):
        assert isinstance(await world.host.merge(pull.number, pull.head_sha), Queued)
    assert (await snapshot(world, pull.number)).queued
    assert world.effects("auto-merge") == ["auto-merge"]
    assert world.sent("PUT") == 1
    world.fake.report_check(NAME, pull.head_sha, "tests", "success")
    assert (await snapshot(world, pull.number)).state is PullState.MERGED


@pytest.mark.parametrize("state", ["clean", "unstable"])
async def test_security_16_merges_at_once_what_auto_merge_has_nothing_to_wait_for(
    world: GitHubWorld, state: str
) -> None:
    pull = await world.opened()
    waiting_for_a_check(world)
    if state == "unstable":
        world.fake.report_check(NAME, pull.head_sha, "optional", "failure")
    world.just_before(
        "POST",
        "enablePullRequestAutoMerge",
        lambda: world.fake.report_check(NAME, pull.head_sha, "tests", "success"),
    )
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), Merged)
    assert world.effects("merge", "auto-merge") == ["merge"]
    assert world.sent("PUT") == 2


async def test_security_16_says_why_where_auto_merge_is_not_configured(world: GitHubWorld) -> None:
    pull = await world.opened()
    waiting_for_a_check(world)
    world.just_before("POST", "enablePullRequestAutoMerge", lambda: world.fake.clear_rules(NAME))
    result = await world.host.merge(pull.number, pull.head_sha)
    assert isinstance(result, NotMerged)
    assert '"tests" is expected' in result.why
    assert result.passing
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), Merged)


async def test_security_16_waits_for_nothing_where_auto_merge_is_off(world: GitHubWorld) -> None:
    pull = await world.opened()
    world.fake.set_required_checks(NAME, approvals=1)
    result = await world.host.merge(pull.number, pull.head_sha)
    assert isinstance(result, NotMerged)
    assert "approving review" in result.why
    assert not result.passing
    assert world.sent("POST", "/graphql") == 1  # the commit


def waiting_for_a_check(world: GitHubWorld) -> None:
    """The branch asks for a check that has not reported, and auto-merge is allowed."""
    world.record.allow_auto_merge = True
    world.fake.set_required_checks(NAME, "tests")


async def test_security_17_takes_back_what_github_would_merge_later(world: GitHubWorld) -> None:
    pull = await world.opened()
    waiting_for_a_check(world)
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), Queued)
    for _ in range(2):
        await world.host_of(NAME).stop_merging(pull.number)
    assert not (await snapshot(world, pull.number)).queued
    world.fake.report_check(NAME, pull.head_sha, "tests", "success")
    assert (await snapshot(world, pull.number)).state is PullState.OPEN


async def test_security_17_takes_back_what_waits_in_the_queue(world: GitHubWorld) -> None:
    pull = await world.opened()
    world.fake.set_required_checks(NAME, "tests", merge_queue=True)
    world.fake.report_check(NAME, pull.head_sha, "tests", "success")
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), Queued)
    for _ in range(2):
        await world.host_of(NAME).stop_merging(pull.number)
    assert not (await snapshot(world, pull.number)).queued
    assert world.effects("dequeue") == ["dequeue"]


# What people say.


async def test_a_draft_is_shown_and_not_merged(world: GitHubWorld) -> None:
    pull = await world.opened()
    world.fake.set_draft(NAME, pull.number, draft=True)
    assert (await snapshot(world, pull.number)).draft
    assert isinstance(await world.host.merge(pull.number, pull.head_sha), NotMerged)


async def test_a_stranger_can_neither_approve_nor_object(world: GitHubWorld) -> None:
    pull = await world.opened()
    world.fake.set_permission(NAME, "eve", "read")
    world.fake.set_permission(NAME, "mallory", "read")
    world.fake.review(NAME, pull.number, "eve", "APPROVED")
    world.fake.review(NAME, pull.number, "mallory", "CHANGES_REQUESTED")
    now = await snapshot(world, pull.number)
    assert (now.approvals, now.changes_requested) == (0, ())
    world.fake.set_permission(NAME, "mallory", "write")
    assert (await snapshot(world, pull.number)).changes_requested == ("mallory",)


async def test_an_approval_holds_for_the_head_it_was_given_for(world: GitHubWorld) -> None:
    pull = await world.opened()
    await world.review(pull.number, "ada", approved=True)
    assert (await snapshot(world, pull.number)).approvals == 1
    await world.push(BRANCH, {"app.py": "x = 9\n"})
    assert (await snapshot(world, pull.number)).approvals == 0


async def test_a_comment_takes_no_review_back_and_a_dismissal_does(world: GitHubWorld) -> None:
    pull = await world.opened()
    await world.review(pull.number, "ada", approved=False)
    world.fake.review(NAME, pull.number, "ada", "COMMENTED")
    assert (await snapshot(world, pull.number)).changes_requested == ("ada",)
    world.fake.review(NAME, pull.number, "ada", "DISMISSED")
    assert (await snapshot(world, pull.number)).changes_requested == ()


@pytest.mark.parametrize("author", ["ada", "ironclaw", "other[bot]"])
async def test_security_17_a_commit_of_anybody_else_is_foreign(
    world: GitHubWorld, author: str
) -> None:
    pull = await world.opened()
    pushed = world.fake.push(NAME, BRANCH, {"app.py": "x = 9\n"}, author=author)
    assert (await snapshot(world, pull.number)).foreign_commits == (pushed,)


async def test_a_pull_request_of_another_is_not_ours(world: GitHubWorld) -> None:
    world.fake.push(NAME, "feature", {"app.py": "x = 9\n"})
    number = world.fake.open_pull(NAME, "feature")
    assert await world.host.pull_request(number) is None
    assert list(await world.host.pull_requests()) == []
    assert isinstance(
        await world.host.merge(number, world.fake.head(NAME, "feature") or ""), NotMerged
    )
    assert world.effects("merge") == []


async def test_security_23_a_comment_with_our_mark_by_another_is_left_alone(
    world: GitHubWorld,
) -> None:
    pull = await world.opened()
    await world.host.comment(pull.number, "status", "ours")
    (ours,) = world.record.issues[pull.number].comments
    forged = world.fake.comment(NAME, pull.number, "mallory", ours.body)
    world.fake.delete_comment(NAME, ours.id)
    await world.host.comment(pull.number, "status", "ours again")
    bodies = {one.id: one.body for one in world.record.issues[pull.number].comments}
    assert bodies.pop(forged).endswith("\nours")
    (body,) = bodies.values()
    assert body.endswith("\nours again")
