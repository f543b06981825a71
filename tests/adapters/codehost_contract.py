"""What every code host does for the product, whichever one it is.

A test module derives a class from `CodeHostContract` and gives it a fixture `world`: a host of a
repository with `FILES` on `main`, and the hands of the people and machines around it.
"""

from collections.abc import Mapping
from typing import Protocol

import pytest

from bot.domain.patch import FileChange, Patch
from bot.domain.pulls import (
    Conclusion,
    Deployment,
    Merged,
    NotMerged,
    PullDraft,
    PullSnapshot,
    PullState,
    RevertBlocked,
    RevertOpened,
)
from bot.ports import CodeHost, UserError

FILES = {"app.py": "x = 1\ny = 1\n", "lib/other.py": "a = 1\n", "README.md": "Hello.\n"}
AFTER = "x = 2\ny = 1\n"
BRANCH = "ironclaw/rule/1234"


class World(Protocol):
    """A host, and what others do to it."""

    host: CodeHost

    async def push(self, branch: str, files: Mapping[str, str]) -> str:
        """A person commits on a branch, making it from `main` if needed; gives the commit."""
        ...

    async def delete_branch(self, branch: str) -> None:
        """A person deletes a branch."""
        ...

    async def label(self, number: int, label: str, *, on: bool = True) -> None:
        """A person puts a label on, or takes it off."""
        ...

    async def review(self, number: int, person: str, *, approved: bool) -> None:
        """A person approves or asks for changes."""
        ...

    async def comments(self, number: int) -> list[str]:
        """The texts of our comments."""
        ...

    def set_check(self, name: str, conclusion: Conclusion) -> None:
        """From now on this check ends like that."""
        ...

    def set_deploy_failure(self, why: str) -> None:
        """From now on deployments fail with `why`, or succeed if it is empty."""
        ...


class CodeHostContract:
    """The behaviour that the workflows rely on."""

    does_not_deploy = ""
    """Why this host leaves deploying to others; the tests of deploying are skipped with it."""

    async def test_names_the_default_branch_and_its_head(self, world: World) -> None:
        first = await world.host.repository()
        pushed = await world.push("main", {"app.py": "x = 3\n"})
        assert first.default_branch == "main"
        assert (await world.host.repository()).head_sha == pushed != first.head_sha

    async def test_reads_every_file_of_a_commit(self, world: World) -> None:
        head = (await world.host.repository()).head_sha
        await world.push("main", {"app.py": "later\n"})
        tree = await world.host.tree(head)
        assert tree.sha == head
        assert {path: tree.text(path) for path in tree.files} == FILES

    async def test_refuses_a_commit_that_is_not_there(self, world: World) -> None:
        with pytest.raises(UserError):
            await world.host.tree("0" * 40)

    async def test_opens_a_pull_request_with_one_commit_on_the_base(self, world: World) -> None:
        draft = await a_draft(world, labels=("performance",))
        pull = await world.host.open_pull_request(draft)
        assert (pull.branch, pull.base, pull.state) == (BRANCH, "main", PullState.OPEN)
        assert (pull.title, pull.body) == (draft.title, draft.body)
        assert pull.labels == {"performance"}
        assert (pull.foreign_commits, pull.merge_sha, pull.mergeable) == ((), "", True)
        assert pull.created_at is not None
        tree = await world.host.tree(pull.head_sha)
        assert {path: tree.text(path) for path in tree.files} == {**FILES, "app.py": AFTER}
        assert await world.host.contains(pull.head_sha, draft.base_sha)
        assert (await world.host.repository()).head_sha == draft.base_sha

    async def test_opening_again_gives_the_same_one(self, world: World) -> None:
        draft = await a_draft(world)
        first = await world.host.open_pull_request(draft)
        again = await world.host.open_pull_request(draft)
        assert again == first
        assert await world.host.pull_requests() == [first]

    async def test_opening_one_that_was_closed_does_not_open_it_again(self, world: World) -> None:
        draft = await a_draft(world)
        first = await world.host.open_pull_request(draft)
        await world.host.close(first.number, "no")
        again = await world.host.open_pull_request(draft)
        assert (again.number, again.state) == (first.number, PullState.CLOSED)

    async def test_never_puts_another_change_on_a_branch_in_use(self, world: World) -> None:
        first = await world.host.open_pull_request(await a_draft(world))
        with pytest.raises(UserError):
            await world.host.open_pull_request(await a_draft(world, after="x = 4\ny = 1\n"))
        assert await world.host.pull_requests() == [first]

    async def test_never_overwrites_a_branch_of_a_person(self, world: World) -> None:
        pushed = await world.push(BRANCH, {"notes.txt": "mine\n"})
        with pytest.raises(UserError):
            await world.host.open_pull_request(await a_draft(world))
        assert await world.host.pull_requests() == []
        assert (await world.host.tree(pushed)).text("notes.txt") == "mine\n"
        assert await world.push(BRANCH, {}) != pushed

    async def test_knows_no_pull_request_of_another_number(self, world: World) -> None:
        assert await world.host.pull_request(99) is None

    async def test_lists_pull_requests_oldest_first(self, world: World) -> None:
        drafts = [await a_draft(world, branch=f"ironclaw/rule/{n}") for n in (3, 1, 2)]
        opened = [await world.host.open_pull_request(draft) for draft in drafts]
        assert await world.host.pull_requests() == opened
        assert await world.host.pull_requests("ironclaw/rule/1") == opened[1:2]
        assert await world.host.pull_requests("ironclaw/rule/4") == []
        assert len({pull.number for pull in opened}) == len(drafts)

    async def test_merges_the_head(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        merged = await world.host.merge(pull.number, pull.head_sha)
        assert isinstance(merged, Merged)
        main = (await world.host.repository()).head_sha
        assert main == merged.sha
        assert await world.host.contains(main, pull.head_sha)
        assert (await world.host.tree(main)).text("app.py") == AFTER
        after = await snapshot(world, pull)
        assert (after.state, after.merge_sha) == (PullState.MERGED, merged.sha)
        assert after.head_sha == pull.head_sha

    async def test_merging_again_gives_the_same_merge(self, world: World) -> None:
        pull, first = await a_merge(world)
        assert await world.host.merge(pull.number, pull.head_sha) == first
        assert (await world.host.repository()).head_sha == first.sha

    async def test_merges_beside_what_others_have_committed(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.push("main", {"lib/other.py": "a = 2\n"})
        merged = await world.host.merge(pull.number, pull.head_sha)
        assert isinstance(merged, Merged)
        tree = await world.host.tree(merged.sha)
        assert (tree.text("app.py"), tree.text("lib/other.py")) == (AFTER, "a = 2\n")

    async def test_merges_no_other_commit_than_the_one_asked_for(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        before = await world.host.repository()
        assert isinstance(await world.host.merge(pull.number, before.head_sha), NotMerged)
        assert await world.host.repository() == before
        assert await snapshot(world, pull) == pull

    async def test_does_not_merge_a_head_that_moved_after_it_was_checked(
        self, world: World
    ) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        pushed = await world.push(BRANCH, {"app.py": "import os\n"})
        before = await world.host.repository()
        assert isinstance(await world.host.merge(pull.number, pull.head_sha), NotMerged)
        assert await world.host.repository() == before
        now = await snapshot(world, pull)
        assert (now.head_sha, now.foreign_commits) == (pushed, (pushed,))

    async def test_says_that_a_conflict_cannot_be_merged(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.push("main", {"app.py": "x = 7\ny = 1\n"})
        before = await world.host.repository()
        assert (await snapshot(world, pull)).mergeable is False
        blocked = await world.host.merge(pull.number, pull.head_sha)
        assert isinstance(blocked, NotMerged)
        assert blocked.why
        assert await world.host.repository() == before

    async def test_closes_for_good(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.host.close(pull.number, "not wanted")
        await world.host.close(pull.number, "not wanted")
        assert (await snapshot(world, pull)).state is PullState.CLOSED
        assert isinstance(await world.host.merge(pull.number, pull.head_sha), NotMerged)

    async def test_closing_what_is_merged_changes_nothing(self, world: World) -> None:
        pull, _ = await a_merge(world)
        before = await snapshot(world, pull)
        await world.host.close(pull.number, "too late")
        assert await snapshot(world, pull) == before

    async def test_a_deleted_branch_is_a_closed_pull_request(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.delete_branch(BRANCH)
        assert (await snapshot(world, pull)).state is PullState.CLOSED

    async def test_a_comment_of_the_same_key_is_replaced(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.host.comment(pull.number, "status", "measuring")
        await world.host.comment(pull.number, "result", "all well")
        await world.host.comment(pull.number, "status", "measured")
        texts = await world.comments(pull.number)
        assert len([text for text in texts if "measured" in text]) == 1
        assert len([text for text in texts if "all well" in text]) == 1
        assert not [text for text in texts if "measuring" in text]

    async def test_shows_the_labels_that_people_put_on(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.label(pull.number, "hold")
        assert (await snapshot(world, pull)).labels == {"hold"}
        await world.label(pull.number, "hold", on=False)
        assert (await snapshot(world, pull)).labels == frozenset()

    async def test_counts_the_latest_review_of_each_person(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.review(pull.number, "ada", approved=False)
        await world.review(pull.number, "bob", approved=True)
        first = await snapshot(world, pull)
        assert (first.approvals, first.changes_requested) == (1, ("ada",))
        await world.review(pull.number, "ada", approved=True)
        second = await snapshot(world, pull)
        assert (second.approvals, second.changes_requested) == (2, ())

    async def test_shows_how_checks_ended_on_the_head(self, world: World) -> None:
        world.set_check("tests", Conclusion.SUCCESS)
        world.set_check("lint", Conclusion.FAILURE)
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.host.request_checks(pull.number)
        checks = (await snapshot(world, pull)).checks
        assert {(check.name, check.sha, check.conclusion) for check in checks} == {
            ("tests", pull.head_sha, Conclusion.SUCCESS),
            ("lint", pull.head_sha, Conclusion.FAILURE),
        }

    async def test_a_check_of_a_former_head_is_not_one_of_the_new(self, world: World) -> None:
        world.set_check("tests", Conclusion.SUCCESS)
        pull = await world.host.open_pull_request(await a_draft(world))
        await world.host.request_checks(pull.number)
        pushed = await world.push(BRANCH, {"app.py": "x = 9\n"})
        now = await snapshot(world, pull)
        assert [check for check in now.checks if check.sha == pushed] == []

    async def test_undoes_a_merge_by_a_pull_request_of_its_own(self, world: World) -> None:
        pull, merged = await a_merge(world)
        await world.push("main", {"lib/other.py": "a = 2\n"})
        opened = await world.host.open_revert(pull.number, "slower than before")
        assert isinstance(opened, RevertOpened)
        assert (opened.pull.state, opened.pull.mergeable) == (PullState.OPEN, True)
        assert opened.pull.number != pull.number
        assert "slower than before" in opened.pull.body
        undone = await world.host.merge(opened.pull.number, opened.pull.head_sha)
        assert isinstance(undone, Merged)
        tree = await world.host.tree(undone.sha)
        assert (tree.text("app.py"), tree.text("lib/other.py")) == (FILES["app.py"], "a = 2\n")
        assert await world.host.contains(undone.sha, merged.sha)

    async def test_undoes_a_merge_once(self, world: World) -> None:
        pull, _ = await a_merge(world)
        first = await world.host.open_revert(pull.number, "slower")
        again = await world.host.open_revert(pull.number, "slower still")
        assert isinstance(first, RevertOpened)
        assert isinstance(again, RevertOpened)
        assert again.pull.number == first.pull.number
        assert len(await world.host.pull_requests()) == 2

    async def test_says_what_to_do_when_a_merge_cannot_be_undone(self, world: World) -> None:
        pull, _ = await a_merge(world)
        await world.push("main", {"app.py": "x = 8\ny = 1\n"})
        blocked = await world.host.open_revert(pull.number, "slower")
        assert isinstance(blocked, RevertBlocked)
        assert blocked.why
        assert blocked.what_to_do
        assert len(await world.host.pull_requests()) == 1

    async def test_says_so_when_a_person_has_undone_it(self, world: World) -> None:
        pull, _ = await a_merge(world)
        await world.push("main", {"app.py": FILES["app.py"]})
        blocked = await world.host.open_revert(pull.number, "slower")
        assert isinstance(blocked, RevertBlocked)

    async def test_undoes_nothing_that_is_not_merged(self, world: World) -> None:
        pull = await world.host.open_pull_request(await a_draft(world))
        assert isinstance(await world.host.open_revert(pull.number, "slow"), RevertBlocked)

    async def test_deploys_the_head_once(self, world: World) -> None:
        self._needs_a_host_that_deploys()
        head = (await world.host.repository()).head_sha
        first = await deployed(world)
        assert (first.sha, first.successful) == (head, True)
        assert await deployed(world) == first
        assert list(await world.host.deployments()) == [first]

    async def test_deploys_each_new_head(self, world: World) -> None:
        self._needs_a_host_that_deploys()
        first = await deployed(world)
        _, merged = await a_merge(world)
        second = await deployed(world)
        assert (second.sha, second.successful) == (merged.sha, True)
        assert second.id != first.id
        assert list(await world.host.deployments()) == [first, second]

    async def test_a_deployment_that_failed_says_why_and_is_tried_again(self, world: World) -> None:
        self._needs_a_host_that_deploys()
        world.set_deploy_failure("no room left")
        failed = await deployed(world)
        assert not failed.successful
        assert "no room left" in failed.why
        world.set_deploy_failure("")
        assert (await deployed(world)).successful
        assert [one.successful for one in await world.host.deployments()] == [False, True]

    async def test_knows_which_commit_contains_which(self, world: World) -> None:
        base = (await world.host.repository()).head_sha
        pull = await world.host.open_pull_request(await a_draft(world))
        host = world.host
        assert await host.contains(base, base)
        assert await host.contains(pull.head_sha, base)
        assert not await host.contains(base, pull.head_sha)
        assert not await host.contains(base, "0" * 40)

    async def test_a_host_that_does_not_deploy_says_so(self, world: World) -> None:
        if not self.does_not_deploy:
            pytest.skip("this host deploys")
        assert await world.host.deploy() is None
        assert list(await world.host.deployments()) == []

    def _needs_a_host_that_deploys(self) -> None:
        if self.does_not_deploy:
            pytest.skip(self.does_not_deploy)


async def a_draft(
    world: World, *, branch: str = BRANCH, after: str = AFTER, labels: tuple[str, ...] = ()
) -> PullDraft:
    """A change of app.py on the head of the default branch."""
    repository = await world.host.repository()
    return PullDraft(
        branch=branch,
        base=repository.default_branch,
        base_sha=repository.head_sha,
        title="Make x faster",
        body="It was slow.",
        commit_message="Make x faster\n\nIt was slow.\n",
        patch=Patch((FileChange("app.py", FILES["app.py"], after),)),
        labels=labels,
    )


async def a_merge(world: World) -> tuple[PullSnapshot, Merged]:
    """A pull request that is merged."""
    pull = await world.host.open_pull_request(await a_draft(world))
    merged = await world.host.merge(pull.number, pull.head_sha)
    assert isinstance(merged, Merged)
    return await snapshot(world, pull), merged


async def deployed(world: World) -> Deployment:
    """What came of deploying."""
    deployment = await world.host.deploy()
    assert deployment is not None
    return deployment


async def snapshot(world: World, pull: PullSnapshot) -> PullSnapshot:
    """The pull request as it is now."""
    found = await world.host.pull_request(pull.number)
    assert found is not None
    return found
