"""Every file of a commit, whatever its kind, and whatever an archive leaves out or rewrites."""

import io
import tarfile

import pytest

from bot.adapters.github import trees
from bot.domain.patch import FileChange, Patch
from bot.domain.pulls import PullDraft
from bot.domain.tree import FileKind
from bot.ports import HostError, UserError
from tests.adapters.codehost_contract import BRANCH, FILES
from tests.adapters.github.world import NAME, GitHubWorld
from tests.fakes.github.acts import branches
from tests.fakes.github.git.trees import Entry


def commit_special_files(world: GitHubWorld) -> str:
    """A program, a link and a submodule on the default branch; gives the commit."""
    fake, repo = world.fake, world.record
    old = fake.head(NAME)
    assert old
    files = dict(repo.git.files(old))
    program, target = (repo.git.objects.write("blob", text) for text in (b"x = 1\n", b"app.py"))
    files["run.py"] = Entry("100755", program)
    files["link"] = Entry("120000", target)
    files["sub"] = Entry("160000", "c" * 40)
    who = fake.hub.people.get("ada")
    made = repo.git.write_commit(
        repo.git.write_tree(files), (old,), branches.signature(fake.hub, who), "Add kinds"
    )
    with fake.hub.lock:
        branches.move(fake.hub, repo, "main", old, made.sha, who)
    return made.sha


def archive_of(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(f"octo-sample-abc/{path}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def give_archive(world: GitHubWorld, archive: bytes) -> None:
    """From now on the archive is this one."""
    setattr(world.record.git, "tarball", lambda *_: archive)  # noqa: B010 - for one test


async def test_reads_files_of_every_kind(world: GitHubWorld) -> None:
    tree = await world.host.tree(commit_special_files(world))
    kinds = {file.path: (file.kind, file.data) for file in tree if file.path not in FILES}
    assert kinds == {
        "run.py": (FileKind.EXECUTABLE, b"x = 1\n"),
        "link": (FileKind.SYMLINK, b"app.py"),
        "sub": (FileKind.SUBMODULE, b""),
    }
    assert {path: tree.text(path) for path in FILES} == FILES


async def test_reads_a_whole_tree_in_two_requests(world: GitHubWorld) -> None:
    head = (await world.host.repository()).head_sha
    before = len(world.fake.requests)
    await world.host.tree(head)
    paths = [one.path for one in world.fake.requests[before:]]
    assert len([path for path in paths if "codeload" not in path]) == 2


async def test_reads_what_the_archive_leaves_out_or_rewrites(world: GitHubWorld) -> None:
    head = (await world.host.repository()).head_sha
    give_archive(world, archive_of({"app.py": b"$Format$", "extra.py": b"not in the commit"}))
    tree = await world.host.tree(head)
    assert {path: tree.text(path) for path in tree.files} == FILES


async def test_an_archive_that_is_broken_is_no_answer(world: GitHubWorld) -> None:
    head = (await world.host.repository()).head_sha
    give_archive(world, archive_of({"app.py": b"x" * 5000})[:60])
    with pytest.raises(HostError):
        await world.host.tree(head)


async def test_a_repository_that_leaves_too_much_out_says_what_to_do(
    world: GitHubWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = (await world.host.repository()).head_sha
    monkeypatch.setattr(trees, "_MAX_ODD_FILES", 2)
    give_archive(world, archive_of({}))
    with pytest.raises(UserError) as told:
        await world.host.tree(head)
    assert "gitattributes" in told.value.remedy


async def test_a_program_stays_one_when_it_is_improved(world: GitHubWorld) -> None:
    base = commit_special_files(world)
    patch = Patch((FileChange("run.py", "x = 1\n", "x = 2\n"),))
    draft = PullDraft(BRANCH, "main", base, "Run faster", "", "Run faster\n", patch)
    pull = await world.host.open_pull_request(draft)
    file = (await world.host.tree(pull.head_sha)).files["run.py"]
    assert (file.kind, file.data) == (FileKind.EXECUTABLE, b"x = 2\n")
    assert pull.foreign_commits == ()
    assert await world.host.open_pull_request(draft) == pull


@pytest.mark.parametrize("path", ["link", "sub"])
async def test_never_replaces_a_link_or_a_submodule(world: GitHubWorld, path: str) -> None:
    base = commit_special_files(world)
    patch = Patch((FileChange(path, "app.py", "x = 2\n"),))
    with pytest.raises(UserError):
        await world.host.open_pull_request(PullDraft(BRANCH, "main", base, "x", "", "x", patch))
    assert "commit on branch" not in world.effects()
