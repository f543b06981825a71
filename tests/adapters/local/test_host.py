"""What only the host on disk does: it runs checks and deployments, and shares a repository."""

import asyncio
import subprocess
import threading
from pathlib import Path

import pytest

from bot.adapters.local import LocalCodeHost
from bot.adapters.local.transaction import Change, MovedError, change_refs
from bot.adapters.local.workshop import Workshop
from bot.domain.patch import FileChange, Patch
from bot.domain.policy import LocalPolicy
from bot.domain.pulls import Conclusion, Deployment, Merged, PullDraft, PullState, RevertBlocked
from bot.domain.tree import Tree
from bot.ports import UserError
from tests.adapters.codehost_contract import AFTER, BRANCH, a_draft, a_merge, deployed
from tests.adapters.local.repos import PERSON, LocalWorld, commit_files, git, make_host
from tests.fakes.clock import FixedClock


@pytest.fixture
def world(tmp_path: Path) -> LocalWorld:
    return LocalWorld(tmp_path)


def another_host(world: LocalWorld, tmp_path: Path) -> LocalCodeHost:
    """What a second ironclaw has for the same repository."""
    host = make_host(world.place, tmp_path / "state")
    host.use(world.local.policy, world.runner)
    return host


async def test_runs_each_check_once_on_a_head(world: LocalWorld, tmp_path: Path) -> None:
    world.set_check("tests", Conclusion.SUCCESS)
    world.set_check("lint", Conclusion.FAILURE)
    pull = await world.host.open_pull_request(await a_draft(world))
    for host in (world.host, world.host, another_host(world, tmp_path)):
        await host.request_checks(pull.number)
    assert world.runner.ran == [(pull.head_sha, "run-tests"), (pull.head_sha, "run-lint")]
    pushed = await world.push(BRANCH, {"app.py": "x = 5\n"})
    await world.host.request_checks(pull.number)
    assert world.runner.ran[2:] == [(pushed, "run-tests"), (pushed, "run-lint")]


async def test_drops_a_result_when_the_head_has_moved_meanwhile(world: LocalWorld) -> None:
    pull = await world.host.open_pull_request(await a_draft(world))

    async def slow(tree: Tree, command: str) -> tuple[Conclusion, str]:
        assert (tree.text("app.py"), command) == (AFTER, "run")
        await world.push(BRANCH, {"app.py": "import os\n"})
        return Conclusion.SUCCESS, ""

    world.local.use(LocalPolicy(checks={"tests": "run"}), slow)
    await world.host.request_checks(pull.number)
    found = await world.host.pull_request(pull.number)
    assert found is not None
    assert found.checks == ()


async def test_two_do_not_run_the_same_check_at_once(world: LocalWorld, tmp_path: Path) -> None:
    pull = await world.host.open_pull_request(await a_draft(world))
    other = another_host(world, tmp_path)
    ran = []

    async def slow(tree: Tree, command: str) -> tuple[Conclusion, str]:
        ran.append(command)
        await other.request_checks(pull.number)
        return Conclusion.SUCCESS, "x" * 100_000

    for host in (world.local, other):
        host.use(LocalPolicy(checks={"tests": "run"}), slow)
    await world.host.request_checks(pull.number)
    assert ran == ["run"]


async def test_a_check_that_breaks_leaves_no_result(world: LocalWorld) -> None:
    pull = await world.host.open_pull_request(await a_draft(world))

    async def broken(tree: Tree, command: str) -> tuple[Conclusion, str]:
        raise ConnectionError(tree.sha, command)

    world.local.use(LocalPolicy(checks={"tests": "run"}), broken)
    with pytest.raises(ConnectionError):
        await world.host.request_checks(pull.number)
    world.set_check("tests", Conclusion.SUCCESS)
    world.local.use(world.local.policy, world.runner)
    await world.host.request_checks(pull.number)
    assert len(world.runner.ran) == 1


async def test_closed_pull_requests_are_not_checked(world: LocalWorld) -> None:
    world.set_check("tests", Conclusion.SUCCESS)
    pull = await world.host.open_pull_request(await a_draft(world))
    await world.host.close(pull.number, "no")
    await world.host.request_checks(pull.number)
    assert world.runner.ran == []


async def test_deploys_a_clean_copy_without_our_secrets(
    world: LocalWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    seen = tmp_path / "seen"
    command = f'cd "$IRONCLAW_TREE" && {{ pwd; cat app.py; env; ls -A; }} > "{seen}"'
    world.local.policy = LocalPolicy(deploy=command)
    deployment = await deployed(world)
    said = seen.read_text()
    assert deployment.successful
    assert f"IRONCLAW_SHA={deployment.sha}\n" in said
    assert said.endswith("README.md\napp.py\nlib\n")
    assert "x = 1\n" in said
    assert "canary" not in said
    assert not Path(said.splitlines()[0]).exists()


async def test_a_deployment_that_hangs_is_ended_with_all_that_it_started(
    world: LocalWorld, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    host = LocalCodeHost(
        world.place,
        clock=FixedClock(),
        run_check=world.runner,
        state_dir=tmp_path / "state",
        policy=LocalPolicy(deploy=f'echo going; (sleep 1; touch "{mark}") & wait'),
        deploy_seconds=0.3,
    )
    deployment = await host.deploy()
    assert deployment is not None
    assert not deployment.successful
    assert "took longer than 0.3 s: going" in deployment.why
    await asyncio.sleep(1)
    assert not mark.exists()


async def test_a_failed_deployment_shows_the_end_of_what_it_said(world: LocalWorld) -> None:
    world.local.policy = LocalPolicy(deploy=r"seq 9999; printf 'no \033[31mroom\0\n'; exit 7")
    deployment = await deployed(world)
    assert deployment.why.startswith("the deploy command ended with 7: ")
    assert deployment.why.endswith("9999 no [31mroom")
    assert len(deployment.why) < 2100


async def test_two_deploy_a_head_once(world: LocalWorld, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    world.local.policy = LocalPolicy(deploy=f'echo x >> "{mark}"; sleep 0.2')
    other = another_host(world, tmp_path)
    first, second = await asyncio.gather(world.host.deploy(), other.deploy())
    assert first == second
    assert mark.read_text() == "x\n"


async def test_without_a_command_deploying_is_the_business_of_others(world: LocalWorld) -> None:
    world.local.policy = LocalPolicy()
    assert await world.host.deploy() is None
    assert await world.host.deployments() == ()


async def test_a_head_that_comes_again_is_deployed_again(world: LocalWorld) -> None:
    before = (await world.host.repository()).head_sha
    first = await deployed(world)
    await a_merge(world)
    await deployed(world)
    git(world.place, "update-ref", "refs/heads/main", before)
    third = await deployed(world)
    assert (third.sha, third.id) == (first.sha, "3")
    assert isinstance(third, Deployment)


async def test_many_at_once_make_each_pull_request_once(world: LocalWorld, tmp_path: Path) -> None:
    hosts = [world.local, another_host(world, tmp_path), another_host(world, tmp_path)]
    drafts = [await draft_adding(world, number) for number in range(4)]
    opened = await asyncio.gather(
        *(host.open_pull_request(draft) for draft in drafts for host in hosts)
    )
    assert {pull.number for pull in opened} == {1, 2, 3, 4}
    assert len({(pull.number, pull.head_sha) for pull in opened}) == len(drafts)
    merged = await asyncio.gather(
        *(host.merge(pull.number, pull.head_sha) for pull in opened for host in hosts)
    )
    assert all(isinstance(one, Merged) for one in merged)
    assert len(set(merged)) == len(drafts)
    reverts = await asyncio.gather(*(host.open_revert(1, "slow") for host in hosts))
    assert reverts == [reverts[0]] * len(hosts)


async def test_merges_while_a_person_keeps_committing(world: LocalWorld) -> None:
    drafts = [await draft_adding(world, number) for number in range(5)]
    pulls = [await world.host.open_pull_request(draft) for draft in drafts]
    stop = threading.Event()

    def keep_committing() -> int:
        made = 0
        while not stop.wait(0.1):
            made += commits_on_main(world.place)
        return made

    person = asyncio.create_task(asyncio.to_thread(keep_committing))
    landed = []
    for pull in pulls:
        done = await world.host.merge(pull.number, pull.head_sha)
        landed.append(isinstance(done, Merged))
    stop.set()
    made = await person
    main = git(world.place, "rev-list", "--count", "--first-parent", "main")
    assert int(main) == 1 + made + sum(landed)
    assert any(landed)


def commits_on_main(place: Path) -> int:
    """Commit nothing on main as a person who looks where it is first; 1 if that went well."""
    old = git(place, "rev-parse", "main")
    new = git(place, "commit-tree", "main^{tree}", "-p", old, "-m", "mine")
    done = subprocess.run(
        ["git", "update-ref", "refs/heads/main", new, old],
        cwd=place,
        env=PERSON,
        capture_output=True,
        check=False,
    )
    return int(done.returncode == 0)


async def draft_adding(world: LocalWorld, number: int) -> PullDraft:
    """A change that gets along with the others."""
    head = (await world.host.repository()).head_sha
    patch = Patch((FileChange(f"new{number}.py", "", "x = 1\n"),))
    return PullDraft(f"ironclaw/rule/{number}", "main", head, "t", "b", "m", patch)


async def test_takes_up_a_branch_whose_record_was_never_written(world: LocalWorld) -> None:
    draft = await a_draft(world)
    first = await world.host.open_pull_request(draft)
    git(world.place, "update-ref", "-d", "refs/ironclaw/pulls/1")
    again = await world.host.open_pull_request(draft)
    assert again == first


async def test_takes_up_a_revert_whose_record_was_never_written(world: LocalWorld) -> None:
    pull, _ = await a_merge(world)
    first = await world.host.open_revert(pull.number, "slower")
    git(world.place, "update-ref", "-d", "refs/ironclaw/pulls/2")
    await world.push("main", {"lib/other.py": "a = 9\n"})
    assert await world.host.open_revert(pull.number, "slower") == first


async def test_takes_a_merge_whose_record_was_never_written_for_done(world: LocalWorld) -> None:
    pull = await world.host.open_pull_request(await a_draft(world))
    record = git(world.place, "rev-parse", "refs/ironclaw/pulls/1")
    merged = await world.host.merge(pull.number, pull.head_sha)
    git(world.place, "update-ref", "refs/ironclaw/pulls/1", record)
    found = await world.host.pull_request(pull.number)
    assert found is not None
    assert found.state is PullState.MERGED
    assert await world.host.merge(pull.number, pull.head_sha) == merged


async def test_does_not_undo_on_a_branch_of_a_person(world: LocalWorld) -> None:
    pull, _ = await a_merge(world)
    pushed = await world.push(f"ironclaw/revert/{pull.number}", {"mine.txt": "mine\n"})
    blocked = await world.host.open_revert(pull.number, "slower")
    assert isinstance(blocked, RevertBlocked)
    assert "did not make" in blocked.why
    assert git(world.place, "rev-parse", f"ironclaw/revert/{pull.number}") == pushed


async def test_what_to_do_about_a_conflict_can_be_done(world: LocalWorld, tmp_path: Path) -> None:
    pull, _ = await a_merge(world)
    await world.push("main", {"app.py": "x = 8\ny = 1\n"})
    blocked = await world.host.open_revert(pull.number, "slower")
    assert isinstance(blocked, RevertBlocked)
    assert "app.py" in blocked.why
    git(tmp_path, "clone", "-q", str(world.place), "clone")
    commands = blocked.what_to_do.split("`")[1::2]
    git(tmp_path / "clone", *commands[0].split()[1:])
    revert = ["git", *commands[1].split()[1:]]
    done = subprocess_text(revert, tmp_path / "clone")
    assert "CONFLICT (content): Merge conflict in app.py" in done


def subprocess_text(command: list[str], place: Path) -> str:
    return subprocess.run(
        command, cwd=place, env=PERSON, capture_output=True, text=True, check=False
    ).stdout


async def test_a_revert_that_was_merged_can_be_undone(world: LocalWorld) -> None:
    pull, _ = await a_merge(world)
    for number in (1, 2):
        opened = await world.host.open_revert(number, "again")
        assert not isinstance(opened, RevertBlocked)
        await world.host.merge(opened.pull.number, opened.pull.head_sha)
    head = (await world.host.repository()).head_sha
    assert (await world.host.tree(head)).text("app.py") == AFTER
    assert len(await world.host.pull_requests()) == 3
    assert pull.number == 1


async def test_a_merge_that_left_main_is_not_undone(world: LocalWorld) -> None:
    before = (await world.host.repository()).head_sha
    pull, _ = await a_merge(world)
    git(world.place, "update-ref", "refs/heads/main", before)
    blocked = await world.host.open_revert(pull.number, "slower")
    assert isinstance(blocked, RevertBlocked)
    assert "any more" in blocked.why


async def test_text_that_is_no_unicode_is_kept_readable(world: LocalWorld) -> None:
    pull = await world.host.open_pull_request(await a_draft(world))
    await world.host.comment(pull.number, "k\udcff", "bad \udcff\x1b[0m")
    assert await world.comments(pull.number) == ["bad ?\x1b[0m"]


@pytest.mark.parametrize("branch", ["a b", "a..b", "a\nb", "-a~", "", "a.lock", "@{-1}"])
async def test_refuses_what_is_no_name_of_a_branch(branch: str, world: LocalWorld) -> None:
    with pytest.raises(UserError):
        await world.host.open_pull_request(await a_draft(world, branch=branch))
    assert await world.host.pull_requests() == []


async def test_unknown_numbers_are_said_to_be_unknown(world: LocalWorld) -> None:
    for call in (
        world.host.merge(7, "0" * 40),
        world.host.close(7, ""),
        world.host.comment(7, "", ""),
        world.host.request_checks(7),
        world.host.open_revert(7, ""),
    ):
        with pytest.raises(UserError, match="no pull request #7"):
            await call


def test_changes_all_references_or_none(tmp_path: Path) -> None:
    place = LocalWorld(tmp_path).place
    head = commit_files(place, "main", {"app.py": "x = 6\n"})
    workshop = Workshop.open(place, tmp_path / "state")
    before = git(place, "for-each-ref")
    changes = [Change("refs/heads/new", "", head), Change("refs/heads/main", head)]
    wrong = [Change("refs/heads/new", "", head), Change("refs/heads/main", "1" * 40, head)]
    with workshop.locked() as lock:
        with pytest.raises(MovedError):
            change_refs(workshop, lock, wrong)
        assert git(place, "for-each-ref") == before
        change_refs(workshop, lock, changes)
    assert git(place, "rev-parse", "new") == head
