"""Workflows: which run, on what, and what is said of them."""

import io
import zipfile

import pytest
import requests

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO, Client, open_pull

WORKFLOW = """name: CI
on:
  push:
    branches: [main]
  {event}:
jobs:
  build:
    runs-on: ubuntu-latest
    env: {{GREETING: hello}}
    steps:
      - uses: actions/checkout@v5
      - name: Say hello
        run: |
          echo "$GREETING $GITHUB_SHA"
          {command}
  after:
    needs: build
    runs-on: ubuntu-latest
    steps: [{{uses: actions/checkout@v7}}, {{run: "test -f app.py"}}]
"""


def add_workflow(fake: FakeGitHub, command: str, event: str = "pull_request") -> None:
    text = WORKFLOW.format(command=command, event=event)
    fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    fake.hub.jobs.clear()


def results(fake: FakeGitHub, sha: str) -> dict[str, str | None]:
    runs = fake.repository(REPO).runs.values()
    return {run.name: run.conclusion for run in runs if run.sha == sha}


@pytest.mark.parametrize(
    ("command", "build", "after"),
    [("true", "success", "success"), ("false", "failure", "skipped")],
)
def test_a_job_waits_for_those_that_it_needs(
    fake: FakeGitHub, client: Client, command: str, build: str, after: str
) -> None:
    add_workflow(fake, command)
    _, sha = open_pull(fake, client)
    assert fake.run_workflows() == 1
    assert results(fake, sha) == {"build": build, "after": after}
    runs = [run for run in fake.repository(REPO).runs.values() if run.name == "build"]
    # What is tested is the head merged into the base, not the head.
    tested = fake.repository(REPO).git.refs.read("refs/pull/1/merge")
    assert tested
    assert tested != sha
    assert f"hello {tested}" in runs[0].output["summary"]


def test_nothing_runs_twice(fake: FakeGitHub, client: Client) -> None:
    add_workflow(fake, "true")
    open_pull(fake, client)
    assert fake.run_workflows() == 1
    assert fake.run_workflows() == 0


def test_a_push_to_another_branch_starts_nothing(fake: FakeGitHub) -> None:
    add_workflow(fake, "true")
    fake.push(REPO, "feature", {"a.txt": "a\n"})
    assert fake.run_workflows() == 0
    fake.push(REPO, "main", {"a.txt": "a\n"})
    assert fake.run_workflows() == 1


def test_a_new_head_is_run_again(fake: FakeGitHub, client: Client) -> None:
    add_workflow(fake, "grep -q 'x = 2' app.py")
    _, first = open_pull(fake, client)
    second = fake.push(REPO, "ironclaw/x", {"app.py": "x = 5\n"})
    assert fake.run_workflows() == 2
    assert [results(fake, sha)["build"] for sha in (first, second)] == ["success", "failure"]


def test_the_merge_queue_runs_them(fake: FakeGitHub, client: Client) -> None:
    add_workflow(fake, "true", "merge_group")
    number, sha = open_pull(fake, client)
    fake.set_required_checks(REPO, "build", merge_queue=True)
    fake.report_check(REPO, sha, "build", "success")
    id = client.rest.pulls.get("octo", "shop", number).parsed_data.node_id
    enqueue = "enqueuePullRequest(input: {pullRequestId: $id}) { clientMutationId }"
    client.graphql(f"mutation($id: ID!) {{ {enqueue} }}", {"id": id})
    assert fake.run_workflows() >= 1
    assert fake.files(REPO)["app.py"] == "x = 2\n"


def test_a_broken_file_fails(fake: FakeGitHub) -> None:
    fake.push(REPO, "main", {".github/workflows/ci.yml": "on: push\njobs: [\n"})
    fake.run_workflows()
    assert [run.conclusion for run in fake.repository(REPO).workflow_runs] == ["failure"]


def test_a_strange_action_fails(fake: FakeGitHub) -> None:
    text = "on: push\njobs: {build: {steps: [{uses: evil/action@v1}]}}\n"
    sha = fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    fake.run_workflows()
    assert results(fake, sha) == {"build": "failure"}


def test_a_step_sees_no_secret_of_ours(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "hush")
    text = "on: push\njobs: {build: {steps: [{run: 'test -z \"$GITHUB_WEBHOOK_SECRET\"'}]}}\n"
    sha = fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    fake.run_workflows()
    assert results(fake, sha) == {"build": "success"}


def run_job(fake: FakeGitHub, steps: str, event: str = "push", more: str = "") -> None:
    steps = steps.replace("\n", "\n      ")
    text = f"on: {event}\njobs:\n  one:\n    {more}\n    steps:\n      {steps}\n"
    fake.push(REPO, "main", {".github/workflows/ci.yml": text})


def test_files_that_a_job_keeps_can_be_had_where_no_token_is_taken(fake: FakeGitHub) -> None:
    keep = "- {uses: actions/upload-artifact@v7, with: {name: report, path: out}}"
    run_job(fake, f"- run: mkdir out; echo hello > out/a.txt\n{keep}")
    fake.run_workflows()
    asked = {"Authorization": f"token {fake.person_token('ada')}"}
    (run,) = fake.repository(REPO).workflow_runs
    url = f"{fake.url}/repos/{REPO}/actions/runs/{run.id}/artifacts"
    (one,) = requests.get(url, headers=asked, timeout=5).json()["artifacts"]
    link = one["archive_download_url"]
    moved = requests.get(link, headers=asked, allow_redirects=False, timeout=5)
    place = moved.headers["Location"]
    assert requests.get(place, headers=asked, timeout=5).status_code == 400
    with zipfile.ZipFile(io.BytesIO(requests.get(place, timeout=5).content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"hello\n"}


def test_a_job_may_do_what_it_asked_for_and_no_more(fake: FakeGitHub) -> None:
    put = 'curl -s -o /dev/null -w "%{http_code}" -X POST --json "[\\"x\\"]"'
    where = "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/1/labels"
    ask = "- env: {T: '${{ github.token }}'}\n"
    ask += f'  run: |\n    {put} -H "Authorization: token $T" {where}'
    wanted = "permissions: {issues: write}"
    run_job(fake, ask, "pull_request", wanted)
    fake.hub.jobs.clear()
    fake.push(REPO, "topic", {"app.py": "x = 9\n"})
    fake.open_pull(REPO, "topic")
    fake.run_workflows()
    assert fake.jobs_done[-1].log.text == "200"
    fake.open_pull_from_fork(REPO, "topic", {"app.py": "x = 8\n"})
    fake.run_workflows()
    assert fake.jobs_done[-1].log.text == "403"


def test_a_fork_gets_no_secret_and_is_told_of_as_one(fake: FakeGitHub) -> None:
    fake.repository(REPO).secrets["KEY"] = "opensesame"
    ask = (
        '- env: {KEY: "${{ secrets.KEY }}"}\n'
        '  run: echo "[$KEY] ${{ github.event.pull_request.head.repo.full_name }}"'
    )
    run_job(fake, ask, "pull_request")
    fake.hub.jobs.clear()
    fake.open_pull_from_fork(REPO, "topic", {"app.py": "x = 8\n"})
    fake.run_workflows()
    assert fake.jobs_done[-1].log.text == "[] eve/shop"


def test_a_conflict_with_the_base_runs_nothing(fake: FakeGitHub) -> None:
    run_job(fake, "- run: echo", "pull_request")
    fake.push(REPO, "topic", {"app.py": "x = 9\n"})
    fake.open_pull(REPO, "topic")
    fake.push(REPO, "main", {"app.py": "x = 7\n"})
    assert fake.run_workflows() == 0


def test_jobs_hand_on_outputs_and_a_matrix_is_spread_out(fake: FakeGitHub) -> None:
    text = """on: schedule
jobs:
  last:
    needs: [first, each]
    if: always()
    steps: [{run: 'echo "${{ needs.first.outputs.word }} ${{ needs.each.result }}"'}]
  first:
    outputs: {word: "${{ steps.a.outputs.word }}"}
    steps: [{id: a, run: 'echo word=hello >> "$GITHUB_OUTPUT"'}]
  each:
    strategy: {matrix: {python: ["3.11", "3.12"]}}
    steps: [{run: 'test "${{ matrix.python }}" = 3.11'}]
"""
    fake.push(REPO, "main", {".github/workflows/ci.yml": text})
    assert fake.run_workflows() == 0
    fake.start_workflows(REPO, "schedule", schedule="0 3 * * *")
    assert fake.run_workflows() == 1
    head = fake.head(REPO)
    assert head
    assert results(fake, head) == {
        "first": "success",
        "each (3.11)": "success",
        "each (3.12)": "failure",
        "last": "success",
    }
    assert fake.jobs_done[-1].log.text == "hello failure"
