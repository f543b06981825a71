"""The report that a workflow has kept, read from the fake as from GitHub."""

import io
import json
import zipfile

import pytest

from bot.adapters.github.artifacts import GitHubCiReports
from bot.adapters.github.tokens import Task
from bot.domain.action.ci_report import CiReport, CiSays, UnreadableReport
from bot.domain.action.outcome import Outcome, Verdict, document
from tests.adapters.github.world import NAME, GitHubWorld
from tests.fakes.github.state import WorkflowRun

REPORT = json.dumps(document(Outcome("sandbox", Verdict.PASS, "no test newly fails")))
NOT_THERE = UnreadableReport("there is no ironclaw-report.json in it")
WORKFLOW = """on: [push, pull_request]
jobs:
  sandbox:
    steps:
      - run: |
          echo '{"schema": 1, "mode": "sandbox", "verdict": "pass"}' > ironclaw-report.json
      - uses: actions/upload-artifact@v7
        with: {name: ironclaw-report, path: ironclaw-report.json}
"""


@pytest.fixture
def reports(world: GitHubWorld) -> GitHubCiReports:
    return GitHubCiReports(world.access.for_task(Task.RUNS))


def a_run(world: GitHubWorld) -> tuple[str, WorkflowRun]:
    """A commit on which a workflow has kept its report."""
    world.fake.hub.jobs.clear()
    sha = world.fake.push(NAME, "topic", {".github/workflows/ci.yml": WORKFLOW})
    world.fake.run_workflows()
    return sha, world.record.workflow_runs[-1]


def zipped(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


async def test_reads_what_a_workflow_kept_of_exactly_this_commit(
    world: GitHubWorld, reports: GitHubCiReports
) -> None:
    sha, _ = a_run(world)
    says = await reports.sandbox_report(sha)
    assert isinstance(says, CiReport)
    assert says.verdict is Verdict.PASS
    head = world.fake.head(NAME)
    assert head
    assert await reports.sandbox_report(head) is None


async def test_the_storage_sees_no_token(world: GitHubWorld, reports: GitHubCiReports) -> None:
    sha, _ = a_run(world)
    assert isinstance(await reports.sandbox_report(sha), CiReport)
    seen = [one for one in world.fake.requests if one.path.startswith("/_storage")]
    assert [one.status for one in seen] == [200]


async def test_what_still_runs_or_came_from_a_fork_is_not_taken(
    world: GitHubWorld, reports: GitHubCiReports
) -> None:
    world.fake.push(NAME, "main", {".github/workflows/ci.yml": WORKFLOW})
    world.fake.hub.jobs.clear()
    number = world.fake.open_pull_from_fork(NAME, "topic", {"a.txt": "a"})
    world.fake.run_workflows()
    pull = world.fake.pull(NAME, number).pull
    assert pull
    run = world.record.workflow_runs[-1]
    assert (run.sha, len(run.artifacts)) == (pull.head_sha, 1)
    assert await reports.sandbox_report(pull.head_sha) is None
    sha, run = a_run(world)
    run.status = "in_progress"
    assert await reports.sandbox_report(sha) is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no archive", UnreadableReport("its archive cannot be read")),
        (b"", UnreadableReport("its archive cannot be read")),
        (zipped({"other.json": REPORT}), NOT_THERE),
        (zipped({"a/../ironclaw-report.json": REPORT}), NOT_THERE),
        (
            zipped({"ironclaw-report.json": " " * 100_000_000}),
            UnreadableReport("it is larger than 1,000,000 bytes"),
        ),
        (bytes(1_000_001), UnreadableReport("it is larger than 1,000,000 bytes")),
    ],
    ids=["no archive", "nothing", "another file", "a path", "a bomb", "large"],
)
async def test_security_27_a_strange_archive_is_refused_and_bounded(
    world: GitHubWorld, reports: GitHubCiReports, data: bytes, says: CiSays
) -> None:
    sha, run = a_run(world)
    run.artifacts[0].data = data
    assert await reports.sandbox_report(sha) == says
